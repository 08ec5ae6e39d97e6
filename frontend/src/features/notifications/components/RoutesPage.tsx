import { Button } from '@mantine/core';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { Dialog } from '~/ui/Dialog';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useChannels } from '../hooks/useChannels';
import { useRoutes } from '../hooks/useRoutes';
import type { NotificationRoute } from '../model/routeFragment';
import { NotificationTabs } from './NotificationTabs';
import { RouteDialog } from './RouteDialog';
import { RouteTable } from './RouteTable';

interface DeleteProps {
  route: NotificationRoute;
  onConfirm: () => void;
  onClose: () => void;
}

function DeleteRouteDialog({ route, onConfirm, onClose }: DeleteProps) {
  return (
    <Dialog title={`Delete ${route.name}`} isOpen onClose={onClose}>
      <div className="pw-stack">
        <p>
          Its channels are no longer told of these events. Without any route, every channel is told of new
          warnings and criticals.
        </p>
        <div className="pw-row">
          <Button className="pw-target" onClick={onConfirm}>
            Delete the route
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Keep it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Which events, severities and places go to which channels. */
export function RoutesPage() {
  const canChange = canManageMachines(useViewer());
  const { routes, error, refetch, save, remove } = useRoutes();
  const channels = useChannels().nodes ?? [];
  const [edited, setEdited] = useState<NotificationRoute | 'new' | null>(null);
  const [deleted, setDeleted] = useState<NotificationRoute | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const channelName = (id: string): string => channels.find((one) => one.id === id)?.name ?? '…';
  const handleDelete = async (route: NotificationRoute): Promise<void> => {
    setDeleted(null);
    setProblem(await remove(route.id));
  };
  const addButton = canChange && (
    <Button className="pw-target" disabled={channels.length === 0} onClick={() => setEdited('new')}>
      Add a route
    </Button>
  );
  return (
    <>
      <PageHeader title="Notifications">{routes && routes.length > 0 && addButton}</PageHeader>
      <NotificationTabs />
      {problem && <Note role="alert">{problem.message}</Note>}
      {!routes && error && (
        <ErrorState what="The routes could not be loaded." error={error} onRetry={refetch} />
      )}
      {!routes && !error && <SkeletonRows label="Loading the routes" count={3} />}
      {routes?.length === 0 && (
        <EmptyState title="Every channel is told of new warnings and criticals" action={addButton}>
          {channels.length === 0
            ? 'Add a channel first; routes then say which events go to it.'
            : 'The first route changes that: from then on, only routes say who is told of what.'}
        </EmptyState>
      )}
      {routes && routes.length > 0 && (
        <RouteTable
          routes={routes}
          channelName={channelName}
          onEdit={canChange ? setEdited : undefined}
          onDelete={setDeleted}
        />
      )}
      {edited && (
        <RouteDialog
          route={edited === 'new' ? null : edited}
          channels={channels}
          save={save}
          onClose={() => setEdited(null)}
        />
      )}
      {deleted && (
        <DeleteRouteDialog
          route={deleted}
          onConfirm={() => void handleDelete(deleted)}
          onClose={() => setDeleted(null)}
        />
      )}
    </>
  );
}
