import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { toLocalInput } from '~/lib/localInput';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useReferenceMutations } from '../hooks/useReference';

interface ReferenceDialogProps {
  machineId: string;
  onClose: () => void;
  onDone: () => void;
}

const dayMs = 86_400_000;

function useSending(onDone: () => void) {
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const send = async (ask: () => Promise<UserProblem | null>): Promise<void> => {
    setIsSending(true);
    const refused = await ask();
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onDone();
    }
  };
  return { problem, isSending, send };
}

/** Says that a period was normal operation; the reference is drawn from it. */
export function VouchDialog({ machineId, onClose, onDone }: ReferenceDialogProps) {
  const { vouch } = useReferenceMutations(machineId);
  const { problem, isSending, send } = useSending(onDone);
  const [from, setFrom] = useState(() => toLocalInput(Date.now() - dayMs));
  const [to, setTo] = useState(() => toLocalInput(Date.now()));
  const isReversed = Date.parse(from) >= Date.parse(to);
  const handleSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void send(() => vouch(new Date(from).toISOString(), new Date(to).toISOString()));
  };
  return (
    <Dialog title="Confirm a normal period" isOpen onClose={onClose}>
      <form className="pw-stack" onSubmit={handleSubmit}>
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
  const { problem, isSending, send } = useSending(onDone);
  return (
    <Dialog title="Learn anew after maintenance" isOpen onClose={onClose}>
      <div className="pw-stack">
        <p>
          What this machine was like is forgotten. Each of its metrics is judged again after some dozen
          readings that swing about their mean, the machine as a whole after it has been seen in 24 hours. To
          have it judged as a whole at once, confirm a normal period afterwards.
        </p>
        {problem && <Note role="alert">{problem.message}</Note>}
        <div className="pw-row">
          <Button className="pw-target" disabled={isSending} onClick={() => void send(restart)}>
            Forget and learn anew
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Keep it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
