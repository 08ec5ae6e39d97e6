import { Button } from '@mantine/core';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useChannelMutations } from '../hooks/useChannelMutations';
import type { Channel } from '../model/channelFragment';

interface DeleteChannelDialogProps {
  channel: Channel;
  onClose: () => void;
  onDeleted: () => void;
}

/** Deletes a channel once a person has read what that means. */
export function DeleteChannelDialog({ channel, onClose, onDeleted }: DeleteChannelDialogProps) {
  const { remove } = useChannelMutations();
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const handleConfirm = async (): Promise<void> => {
    setIsSending(true);
    const outcome = await remove(channel.id);
    setIsSending(false);
    if (outcome.ok) {
      onDeleted();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={`Delete ${channel.name}`} isOpen onClose={onClose}>
      <div className="pw-stack">
        {problem && <Note role="alert">{problem.message}</Note>}
        <p>
          Its settings, its delivery log and what waits to be sent are gone; routes no longer lead to it. To
          stop only for a time, switch it off.
        </p>
        <div className="pw-row">
          <Button className="pw-target" disabled={isSending} onClick={() => void handleConfirm()}>
            Delete the channel
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Keep it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
