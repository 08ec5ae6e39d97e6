import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { useChannelMutations } from '../hooks/useChannelMutations';
import type { Channel } from '../model/channelFragment';

interface DeleteChannelDialogProps {
  channel: Channel;
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteChannelDialog({ channel, onClose, onDeleted }: DeleteChannelDialogProps) {
  const { remove } = useChannelMutations();
  return (
    <ConfirmDialog
      title={`Delete ${channel.name}`}
      action="Delete the channel"
      onConfirm={() => remove(channel.id)}
      onDone={onDeleted}
      onClose={onClose}
    >
      Its settings, its delivery log and what waits to be sent are gone; routes no longer lead to it. To stop
      only for a time, switch it off.
    </ConfirmDialog>
  );
}
