import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useAcknowledge } from '../hooks/useAcknowledge';

interface AcknowledgeDialogProps {
  alertId: string;
  message: string;
  onClose: () => void;
  onDone: () => void;
}

/** Acknowledges one alert, with a note if there is something to say. */
export function AcknowledgeDialog({ alertId, message, onClose, onDone }: AcknowledgeDialogProps) {
  const acknowledge = useAcknowledge();
  const [note, setNote] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const refused = await acknowledge(alertId, note);
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onDone();
      onClose();
    } else if (refused.kind === 'Conflict') {
      onDone();
    }
  };
  return (
    <Dialog title="Acknowledge alert" isOpen onClose={onClose}>
      <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
        <p>{message}</p>
        {problem && <Note role="alert">{problem.message}</Note>}
        <TextInput
          label="Note (optional)"
          placeholder="What you saw or did"
          size="md"
          maxLength={1000}
          data-autofocus
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending}>
            Acknowledge
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
