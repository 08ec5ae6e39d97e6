import { Button } from '@mantine/core';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useSourceMutations } from '../hooks/useSourceMutations';
import type { Source } from '../model/sourceFragment';

interface DeleteDialogProps {
  source: Source;
  onClose: () => void;
  onDeleted: () => void;
}

/** Deletes a source once a person has read what that means. */
export function DeleteDialog({ source, onClose, onDeleted }: DeleteDialogProps) {
  const { remove } = useSourceMutations();
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const handleConfirm = async (): Promise<void> => {
    setIsSending(true);
    const outcome = await remove(source.id);
    setIsSending(false);
    if (outcome.ok) {
      onDeleted();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={`Delete ${source.name}`} isOpen onClose={onClose}>
      <div className="pw-stack">
        {problem && <Note role="alert">{problem.message}</Note>}
        <p>
          The server stops reading {source.address}, and forgets its settings, its password and where its tags
          went. The readings of {source.machine.name} that are stored stay. To stop only for a time, pause it.
        </p>
        <div className="pw-row">
          <Button className="pw-target" disabled={isSending} onClick={() => void handleConfirm()}>
            Delete the source
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Keep it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
