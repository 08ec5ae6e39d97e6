import { Button } from '@mantine/core';
import { formatCount } from '~/lib/format';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { type Overlay, useChannelActions } from '../hooks/useChannelActions';
import { useChannels } from '../hooks/useChannels';
import { useChannelTypes } from '../hooks/useChannelTypes';
import type { ChannelType } from '../model/channelFragment';
import { ChannelDialog } from './ChannelDialog';
import { ChannelTable } from './ChannelTable';
import { DeleteChannelDialog } from './DeleteChannelDialog';
import { NotificationTabs } from './NotificationTabs';
import { SecretDialog } from './SecretDialog';
import { TestNote } from './TestNote';

interface OverlaysProps {
  overlay: Overlay | null;
  types: readonly ChannelType[] | null;
  open: (overlay: Overlay | null) => void;
  refetch: () => void;
}

function Overlays({ overlay, types, open, refetch }: OverlaysProps) {
  const close = (): void => open(null);
  const closeChanged = (): void => {
    close();
    refetch();
  };
  if (overlay?.kind === 'form' && types) {
    return (
      <ChannelDialog
        types={types}
        channel={overlay.channel}
        onClose={close}
        onSaved={({ signingSecret }) => {
          closeChanged();
          if (signingSecret) {
            open({ kind: 'secret', secret: signingSecret, isRotated: false });
          }
        }}
      />
    );
  }
  if (overlay?.kind === 'delete') {
    return <DeleteChannelDialog channel={overlay.channel} onClose={close} onDeleted={closeChanged} />;
  }
  return overlay?.kind === 'secret' ? (
    <SecretDialog secret={overlay.secret} isRotated={overlay.isRotated} onClose={close} />
  ) : null;
}

/** Ways to reach people and programs, and how each of them fares. */
export function ChannelsPage() {
  const canChange = canManageMachines(useViewer());
  const types = useChannelTypes();
  const { nodes, error, refetch } = useChannels();
  const { overlay, tested, resent, problem, busyId, open, act } = useChannelActions(refetch);
  const addButton = canChange && (
    <Button className="pw-target" disabled={!types} onClick={() => open({ kind: 'form', channel: null })}>
      Add a channel
    </Button>
  );
  return (
    <>
      <PageHeader title="Notifications">{nodes && nodes.length > 0 && addButton}</PageHeader>
      <NotificationTabs />
      {problem && <Note role="alert">{problem.message}</Note>}
      {tested && <TestNote {...tested} />}
      {resent && (
        <Note role="status">
          {resent.count === 1 ? '1 message' : `${formatCount(resent.count)} messages`} to {resent.name} will
          be sent again, oldest first.
        </Note>
      )}
      {!nodes && error && (
        <ErrorState what="The channels could not be loaded." error={error} onRetry={refetch} />
      )}
      {!nodes && !error && <SkeletonRows label="Loading the channels" count={4} />}
      {nodes?.length === 0 && (
        <EmptyState title="Nobody is told yet" action={addButton}>
          {canChange
            ? 'Add the first channel: e-mail, text messages, a chat or a program. It is told of new warnings and criticals at once.'
            : 'An operator or an administrator adds the first channel.'}
        </EmptyState>
      )}
      {nodes && nodes.length > 0 && (
        <ChannelTable
          channels={nodes}
          busyId={busyId}
          onAction={canChange ? (action, channel) => void act(action, channel) : undefined}
        />
      )}
      <Overlays overlay={overlay} types={types} open={open} refetch={refetch} />
    </>
  );
}
