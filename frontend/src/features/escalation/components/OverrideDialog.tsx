import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { zoneName } from '~/lib/format';
import { canManageWorkOrders, useViewer } from '~/lib/viewer';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useRotationMutations } from '../hooks/useRotationMutations';
import { useTargets } from '../hooks/useTargets';
import { localInput } from '../model/localInput';
import type { Rotation } from '../model/rotation';
import classes from './Escalation.module.css';

interface OverrideDialogProps {
  rotation: Rotation;
  onClose: () => void;
  onChanged: () => void;
}

const hourMs = 3_600_000;

/** Puts somebody on call for a time, whoever's turn it is; viewers only themselves. */
export function OverrideDialog({ rotation, onClose, onChanged }: OverrideDialogProps) {
  const viewer = useViewer();
  const { people } = useTargets();
  const { addOverride } = useRotationMutations();
  const [userId, setUserId] = useState(viewer?.userId ?? '');
  const [start, setStart] = useState(() => localInput(Date.now()));
  const [end, setEnd] = useState(() => localInput(Date.now() + 8 * hourMs));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const isUsable = userId !== '' && start !== '' && end > start;
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const outcome = await addOverride({
      rotationId: rotation.id,
      userId,
      startsAt: new Date(start).toISOString(),
      endsAt: new Date(end).toISOString(),
    });
    setIsSending(false);
    if (outcome.ok) {
      onChanged();
      onClose();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={`On call in ${rotation.name}`} isOpen onClose={onClose}>
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && <Note role="alert">{problem.message}</Note>}
        {canManageWorkOrders(viewer) ? (
          <NativeSelect
            label="Who"
            size="md"
            value={userId}
            onChange={(event) => setUserId(event.currentTarget.value)}
            data={people.map(({ id, name }) => ({ value: id, label: name }))}
          />
        ) : (
          <p>You are on call instead of whoever’s turn it is.</p>
        )}
        <div className={classes.fields}>
          <TextInput
            label={`From (${zoneName(new Date())})`}
            type="datetime-local"
            size="md"
            value={start}
            onChange={(event) => setStart(event.currentTarget.value)}
          />
          <TextInput
            label={`To (${zoneName(new Date())})`}
            type="datetime-local"
            size="md"
            value={end}
            error={end > start ? undefined : 'The end comes after the start.'}
            onChange={(event) => setEnd(event.currentTarget.value)}
          />
        </div>
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending || !isUsable}>
            Put on call
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
