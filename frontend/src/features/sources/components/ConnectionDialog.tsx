import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useSourceMutations } from '../hooks/useSourceMutations';
import {
  type ConnectionDraft,
  connectionProblems,
  formatFingerprint,
  toConnectionDraft,
  toSettings,
} from '../model/connection';
import type { SourceWithTags } from '../model/sourceFragment';
import { ConnectionFields } from './ConnectionFields';

interface ConnectionDialogProps {
  source: SourceWithTags;
  /** The fingerprint of another certificate, which a person has just confirmed. */
  trusted: string | null;
  onClose: () => void;
  onChanged: () => void;
}

function draftOf(source: SourceWithTags, trusted: string | null): ConnectionDraft {
  const draft = toConnectionDraft(source);
  return trusted ? { ...draft, serverFingerprint: trusted, password: '', userCertificate: '' } : draft;
}

/** Changes the name of a source and how its device is reached; a change that others made meanwhile is kept. */
export function ConnectionDialog({ source, trusted, onClose, onChanged }: ConnectionDialogProps) {
  const { update } = useSourceMutations();
  const [base, setBase] = useState(source);
  const [name, setName] = useState(source.name);
  const [draft, setDraft] = useState(() => draftOf(source, trusted));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const problems = connectionProblems(draft);
  const isConflict = problem?.kind === 'Conflict' && problem.path.includes('expectedVersion');
  const load = (): void => {
    setBase(source);
    setName(source.name);
    setDraft(draftOf(source, trusted));
    setProblem(null);
  };
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const outcome = await update({
      id: base.id,
      expectedVersion: base.version,
      name: name.trim(),
      pollIntervalSeconds: Number(draft.pollIntervalSeconds),
      ...toSettings(draft),
    });
    setIsSending(false);
    if (outcome.ok) {
      onChanged();
      onClose();
    } else {
      setProblem(outcome.problem);
      onChanged();
    }
  };
  return (
    <Dialog title={`Edit ${base.name}`} isOpen onClose={onClose} size="xl">
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && (
          <Note role="alert">
            <p>{problem.message}</p>
            {isConflict && source.version !== base.version && (
              <Button variant="default" className="pw-target" onClick={load}>
                Load what is stored now
              </Button>
            )}
          </Note>
        )}
        {trusted && (
          <Note>
            The certificate with the fingerprint {formatFingerprint(trusted)} is trusted when you save. Enter
            the password or the user’s certificate again: it was given for another one.
          </Note>
        )}
        <TextInput
          label="Name"
          size="md"
          maxLength={64}
          value={name}
          error={name.trim() ? undefined : 'Give the source a name.'}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <ConnectionFields
          draft={draft}
          problems={problems}
          hasPassword={base.opcUa?.hasPassword && !trusted}
          hasUserCertificate={Boolean(base.opcUa?.userCertificateFingerprint) && !trusted}
          onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
        />
        <div className="pw-row">
          <Button
            type="submit"
            className="pw-target"
            disabled={isSending || !name.trim() || Object.keys(problems).length > 0}
          >
            Save
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
