import { Autocomplete, Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import {
  type AlertSettings as Settings,
  useUpdateAlertSettings,
} from '~/features/alerts/hooks/useAlertSettings';
import type { UserProblem } from '~/gql/mutationResult';
import { formatDateTime } from '~/lib/format';
import { Note } from '~/ui/Note';
import { alertChanges, alertFaults, toAlertDraft } from '../model/alertSettings';
import classes from './SettingsPage.module.css';

interface AlertSettingsFormProps {
  settings: Settings;
  isReadOnly: boolean;
  isSaved: boolean;
  onSaved: () => void;
  /** Shows what is in force now instead of what was typed. */
  onReload: () => void;
}

const fields = ['timeZone', 'shiftStarts'];
const timeZones = Intl.supportedValuesOf('timeZone');

/** What the plant decides about its alerts. A change that somebody else made meanwhile is not written over. */
export function AlertSettingsForm({
  settings,
  isReadOnly,
  isSaved,
  onSaved,
  onReload,
}: AlertSettingsFormProps) {
  const update = useUpdateAlertSettings();
  const [draft, setDraft] = useState(() => toAlertDraft(settings));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const faults = alertFaults(draft);
  const isFaulty = Object.keys(faults).length > 0;
  const changes = isFaulty ? null : alertChanges(draft, settings);
  const field = problem?.path.find((name) => fields.includes(name));
  const problemAt = (name: string): string | undefined => (name === field ? problem?.message : undefined);
  const change = (part: Partial<typeof draft>): void => {
    setProblem(null);
    setDraft((old) => ({ ...old, ...part }));
  };
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!changes) {
      return;
    }
    setIsSending(true);
    const refused = await update(changes);
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onSaved();
    }
  };
  return (
    <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
      <Checkbox
        label="A machine is out of service while a work order of it is in progress"
        size="md"
        disabled={isReadOnly}
        checked={draft.outOfServiceWithWorkOrder}
        onChange={(event) => change({ outOfServiceWithWorkOrder: event.currentTarget.checked })}
      />
      <div className={classes.fields}>
        <Autocomplete
          label="Time zone of the shifts"
          size="md"
          data={timeZones}
          limit={20}
          readOnly={isReadOnly}
          value={draft.timeZone}
          error={faults.timeZone ?? problemAt('timeZone')}
          onChange={(value) => change({ timeZone: value })}
        />
        <TextInput
          label="Shifts start at"
          description={`Times of day. The present shift ends ${formatDateTime(settings.endOfShift)}`}
          size="md"
          readOnly={isReadOnly}
          value={draft.shiftStarts}
          error={faults.shiftStarts ?? problemAt('shiftStarts')}
          onChange={(event) => change({ shiftStarts: event.currentTarget.value })}
        />
      </div>
      {isSaved && !changes && !isFaulty && (
        <Note role="status">Saved. The change is in the audit trail.</Note>
      )}
      {problem && !field && (
        <Note role="alert">
          <p>{problem.message}</p>
          {problem.kind === 'Conflict' && (
            <Button variant="default" className="pw-target" onClick={onReload}>
              Show the newest
            </Button>
          )}
        </Note>
      )}
      {!isReadOnly && (
        <div>
          <Button type="submit" className="pw-target" disabled={!changes || isSending}>
            Save alert settings
          </Button>
        </div>
      )}
    </form>
  );
}
