import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useQuietMutations } from '../hooks/useQuietMutations';
import {
  type QuietDraft,
  type QuietHours,
  type Rhythm,
  rhythmWords,
  type Scope,
  toQuietDraft,
  toQuietInput,
} from '../model/quietHours';
import { weekdayNames } from '../model/rotation';
import { newWindow } from '../model/rotationDraft';
import classes from './Escalation.module.css';
import { ZoneList } from './RotationDialog';
import { SeverityChecks } from './SeverityChecks';
import { WindowFields } from './WindowFields';

interface QuietDialogProps {
  title: string;
  scope: Scope;
  channelId?: string | undefined;
  quiet: QuietHours | null;
  onClose: () => void;
  onChanged: () => void;
}

interface RhythmFieldsProps {
  draft: QuietDraft;
  onChange: (part: Partial<QuietDraft>) => void;
}

function RhythmFields({ draft, onChange }: RhythmFieldsProps) {
  return (
    <div className={classes.fields}>
      <NativeSelect
        label="What waited is told"
        size="md"
        value={draft.rhythm}
        onChange={(event) => onChange({ rhythm: event.currentTarget.value as Rhythm })}
        data={Object.entries(rhythmWords).map(([value, label]) => ({ value, label }))}
      />
      {draft.rhythm === 'WEEKLY' && (
        <NativeSelect
          label="On"
          size="md"
          value={draft.digestWeekday}
          onChange={(event) => onChange({ digestWeekday: event.currentTarget.value })}
          data={weekdayNames.map((label, index) => ({ value: String(index + 1), label }))}
        />
      )}
      {draft.rhythm !== 'AFTER_QUIET_HOURS' && (
        <TextInput
          label="At"
          type="time"
          size="md"
          value={draft.digestTime}
          onChange={(event) => onChange({ digestTime: event.currentTarget.value })}
        />
      )}
    </div>
  );
}

/** Sets quiet hours: when, what waits, and when that is told. */
export function QuietDialog({ title, scope, channelId, quiet, onClose, onChanged }: QuietDialogProps) {
  const { set } = useQuietMutations();
  const [draft, setDraft] = useState(() => toQuietDraft(quiet));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const change = (part: Partial<QuietDraft>): void => setDraft((old) => ({ ...old, ...part }));
  const isUsable =
    draft.timeZone.trim() !== '' &&
    draft.windows.length > 0 &&
    draft.windows.every(({ weekdays, start, end }) => weekdays.length > 0 && start && end);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const outcome = await set(toQuietInput(draft, scope, channelId));
    setIsSending(false);
    if (outcome.ok) {
      onChanged();
      onClose();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={title} isOpen onClose={onClose} size="xl">
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && <Note role="alert">{problem.message}</Note>}
        <SeverityChecks
          label="What waits"
          description="What is critical never waits."
          choices={['WARNING', 'INFO']}
          value={draft.lowUrgency}
          onChange={(lowUrgency) => change({ lowUrgency })}
        />
        <TextInput
          label="Time zone"
          size="md"
          list="escalation-zones"
          value={draft.timeZone}
          onChange={(event) => change({ timeZone: event.currentTarget.value })}
        />
        <ZoneList />
        {draft.windows.map((window, index) => (
          <WindowFields
            key={window.key}
            window={window}
            number={index + 1}
            canRemove={draft.windows.length > 1}
            onChange={(part) =>
              change({
                windows: draft.windows.map((one) => (one.key === window.key ? { ...one, ...part } : one)),
              })
            }
            onRemove={() => change({ windows: draft.windows.filter(({ key }) => key !== window.key) })}
          />
        ))}
        <div>
          <Button
            variant="default"
            className="pw-target"
            onClick={() => change({ windows: [...draft.windows, newWindow([6, 7], '00:00', '00:00')] })}
          >
            Add a window
          </Button>
        </div>
        <RhythmFields draft={draft} onChange={change} />
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending || !isUsable}>
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
