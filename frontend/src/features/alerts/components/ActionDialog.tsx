import { Button } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';

interface ActionDialogProps {
  title: string;
  /** What the button does. */
  action: string;
  message: string;
  /** Answers null when it is done, or why it was refused. */
  onSend: () => Promise<UserProblem | null>;
  onClose: () => void;
  onDone: () => void;
  children: ReactNode;
}

/** A dialog that does one thing to alerts, and stays with the reason when that is refused. */
export function ActionDialog({ title, action, message, children, ...on }: ActionDialogProps) {
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const refused = await on.onSend();
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      on.onDone();
      on.onClose();
    } else if (refused.kind === 'Conflict') {
      on.onDone();
    }
  };
  return (
    <Dialog title={title} isOpen onClose={on.onClose}>
      <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
        <p>{message}</p>
        {problem && <Note role="alert">{problem.message}</Note>}
        {children}
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending}>
            {action}
          </Button>
          <Button variant="default" className="pw-target" onClick={on.onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
