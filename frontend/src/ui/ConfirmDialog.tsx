import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Outcome, UserProblem } from '~/gql/mutationResult';
import { Dialog } from './Dialog';
import { Note } from './Note';

interface ConfirmDialogProps {
  title: string;
  /** What the button does, such as "Delete the policy". */
  action: string;
  /** What the other button does. */
  keep?: string;
  onConfirm: () => Promise<Outcome<unknown>>;
  onDone: () => void;
  onClose: () => void;
  /** What it means. */
  children: ReactNode;
}

/** Does something that cannot be taken back once a person has read what it means. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, action, keep = 'Keep it', onConfirm, onDone, onClose, children } = props;
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const handleConfirm = async (): Promise<void> => {
    setIsSending(true);
    const outcome = await onConfirm();
    setIsSending(false);
    if (outcome.ok) {
      onDone();
      onClose();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={title} isOpen onClose={onClose}>
      <div className="pw-stack">
        {problem && <Note role="alert">{problem.message}</Note>}
        <p>{children}</p>
        <div className="pw-row">
          <Button className="pw-target" disabled={isSending} onClick={() => void handleConfirm()}>
            {action}
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            {keep}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
