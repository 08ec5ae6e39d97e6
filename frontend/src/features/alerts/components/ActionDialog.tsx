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
  /** Fields that say themselves what is wrong with them; everything else is said above. */
  fields?: readonly string[];
  /** Answers null when it is done, or why it was refused. */
  onSend: () => Promise<UserProblem | null>;
  onClose: () => void;
  onDone: () => void;
  /** Given what is wrong with a field. */
  children: ReactNode | ((problemAt: (field: string) => string | undefined) => ReactNode);
}

/** A dialog that does one thing to alerts, and stays with the reason when that is refused. */
export function ActionDialog({ title, action, message, fields = [], children, ...on }: ActionDialogProps) {
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const field = problem?.path.find((name) => fields.includes(name));
  const problemAt = (name: string): string | undefined => (name === field ? problem?.message : undefined);
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
      <form
        className="pw-stack"
        noValidate={fields.length > 0}
        onSubmit={(event) => void handleSubmit(event)}
      >
        <p>{message}</p>
        {problem && !field && <Note role="alert">{problem.message}</Note>}
        {typeof children === 'function' ? children(problemAt) : children}
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
