import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ParameterFields } from '~/features/settings/components/ParameterFields';
import {
  changesOf,
  type Draft,
  draftOf,
  type ParameterField,
  type Parameters,
} from '~/features/settings/model/parameters';
import type { UserProblem } from '~/gql/mutationResult';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { Note } from '~/ui/Note';

interface TrySettingsFormProps<Name extends string> {
  /** Whose settings these are: "metric" or "machine". */
  subject: string;
  hasOwn: boolean;
  onLabel: string;
  fields: readonly ParameterField<Name>[];
  current: Parameters<Name>;
  draft: Draft<Name>;
  onDraft: (draft: Draft<Name>) => void;
  /** Null drops what the subject has of its own; answers null, or why it was refused. */
  save: (changes: Partial<Parameters<Name>> | null) => Promise<UserProblem | null>;
  onSaved: () => void;
}

/** Settings over the plant's defaults. Whoever may not save can still try them. */
export function TrySettingsForm<Name extends string>(props: TrySettingsFormProps<Name>) {
  const { subject, hasOwn, onLabel, fields, current, draft, onDraft, save, onSaved } = props;
  const canSave = canManageMachines(useViewer());
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const changes = changesOf(fields, draft, current);
  const isChanged = changes !== null && Object.keys(changes).length > 0;
  const send = async (wanted: Partial<Parameters<Name>> | null): Promise<void> => {
    setIsSaving(true);
    const refused = await save(wanted);
    setIsSaving(false);
    setProblem(refused);
    if (!refused) {
      onSaved();
    }
  };
  const handleSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (changes && isChanged) {
      void send(changes);
    }
  };
  return (
    <form className="pw-stack" onSubmit={handleSubmit} noValidate aria-label="Detection settings">
      <p>
        {hasOwn
          ? `This ${subject} has settings of its own; what it leaves open comes from the `
          : `This ${subject} follows the `}
        <Link to="/settings">plant’s defaults</Link>. Change a number to see what it would have found.
      </p>
      {!canSave && <Note>You can try settings here. Saving them is for operators and administrators.</Note>}
      {problem && <Note role="alert">{problem.message}</Note>}
      {changes === null && <Note role="status">One of the fields is not a number, so nothing is tried.</Note>}
      <ParameterFields
        onLabel={onLabel}
        fields={fields}
        draft={draft}
        current={current}
        isReadOnly={false}
        onChange={onDraft}
      />
      <div className="pw-row">
        {canSave && (
          <Button type="submit" className="pw-target" disabled={!isChanged} loading={isSaving}>
            Save for this {subject}
          </Button>
        )}
        <Button
          variant="default"
          className="pw-target"
          disabled={changes !== null && !isChanged}
          onClick={() => onDraft(draftOf(fields, current))}
        >
          Undo changes
        </Button>
        {canSave && hasOwn && (
          <Button variant="default" className="pw-target" onClick={() => void send(null)}>
            Use the plant’s defaults
          </Button>
        )}
      </div>
    </form>
  );
}
