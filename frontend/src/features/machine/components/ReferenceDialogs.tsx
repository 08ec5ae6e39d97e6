import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { toLocalInput } from '~/lib/localInput';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useReferenceMutations } from '../hooks/useReference';

interface ReferenceDialogProps {
  machineId: string;
  onClose: () => void;
  onDone: () => void;
}

const dayMs = 86_400_000;

/** Says that a period was normal operation; the reference is drawn from it. */
export function VouchDialog({ machineId, onClose, onDone }: ReferenceDialogProps) {
  const { vouch } = useReferenceMutations(machineId);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const [from, setFrom] = useState(() => toLocalInput(Date.now() - dayMs));
  const [to, setTo] = useState(() => toLocalInput(Date.now()));
  const isReversed = Date.parse(from) >= Date.parse(to);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const outcome = await vouch(new Date(from).toISOString(), new Date(to).toISOString());
    setIsSending(false);
    if (outcome.ok) {
      onDone();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title="Confirm a normal period" isOpen onClose={onClose}>
      <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
        <p>
          You say that the machine ran as it should in this period. What its metrics are like together is
          drawn from it at once, and counts as much as a day. Your name is kept with it.
        </p>
        <div className="pw-row pw-row-end">
          <TextInput
            label="From"
            type="datetime-local"
            step={1}
            size="md"
            required
            withAsterisk={false}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            label="To"
            type="datetime-local"
            step={1}
            size="md"
            required
            withAsterisk={false}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </div>
        {isReversed && <Note role="status">The period must begin before it ends.</Note>}
        {problem && <Note role="alert">{problem.message}</Note>}
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending || isReversed}>
            Confirm this period
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Leave it as it is
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Has a machine learnt anew, after saying what that means. */
export function RestartDialog({ machineId, onClose, onDone }: ReferenceDialogProps) {
  const { restart } = useReferenceMutations(machineId);
  return (
    <ConfirmDialog
      title="Learn anew after maintenance"
      action="Forget and learn anew"
      onConfirm={restart}
      onDone={onDone}
      onClose={onClose}
    >
      What this machine was like is forgotten. Each of its metrics is judged again after some dozen readings
      that swing about their mean, the machine as a whole after it has been seen in 24 hours. To have it
      judged as a whole at once, confirm a normal period afterwards.
    </ConfirmDialog>
  );
}
