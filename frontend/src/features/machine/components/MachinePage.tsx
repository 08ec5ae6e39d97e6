import { Button } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { AlertList } from '~/features/alerts/components/AlertList';
import { useOutOfService } from '~/features/alerts/hooks/useOutOfService';
import { MachineEditDialog } from '~/features/machine-form/components/MachineEditDialog';
import { WorkOrderCreateDialog } from '~/features/work-orders/components/WorkOrderCreateDialog';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';
import { canManageMachines, canManageWorkOrders, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useMachineAlerts } from '../hooks/useMachineAlerts';
import { HealthHistory } from './HealthHistory';
import { HealthPanel, HealthPanelHealth } from './HealthPanel';
import { MachineEvents } from './MachineEvents';
import { MachineHead, MachineHeadMachine } from './MachineHead';
import classes from './MachinePage.module.css';
import { ReferencePanel } from './ReferencePanel';
import { RunningPanel } from './RunningPanel';
import { ServiceButton } from './ServiceButton';
import { ServiceNotice } from './ServiceNotice';
import { TrendPanel } from './TrendPanel';

const MachineDetail = graphql(
  `
    query MachineDetail($id: ID!) {
      machine(id: $id) {
        id
        name
        identifier
        kind
        location
        ...MachineHeadMachine
        metrics {
          id
          name
          unit
          hasOwnDetection
          latest {
            time
            value
          }
        }
        health {
          ...HealthPanelHealth
        }
      }
    }
  `,
  [MachineHeadMachine, HealthPanelHealth],
);

const route = getRouteApi('/shell/machines/$machineId');
const refreshEveryMs = 15_000;
/** Open alerts shown at first, worst first, so that trends and health stay near. */
const worstFirst = 3;

function OpenAlerts({
  machineId,
  alerts,
}: {
  machineId: string;
  alerts: ReturnType<typeof useMachineAlerts>;
}) {
  const [isAllShown, setIsAllShown] = useState(false);
  const shown = isAllShown ? alerts.open : alerts.open.slice(0, worstFirst);
  return (
    <section className="pw-stack" aria-labelledby="machine-alerts-title">
      <div className="pw-spread">
        <h2 id="machine-alerts-title">Open alerts</h2>
        <Link to="/alerts" search={{ machine: machineId }}>
          All alerts of this machine
        </Link>
      </div>
      {alerts.hasFailed && !alerts.isLoaded && <p role="alert">The alerts could not be loaded.</p>}
      {!alerts.isLoaded && !alerts.hasFailed && <SkeletonRows label="Loading the alerts" count={2} />}
      {alerts.isLoaded && alerts.open.length === 0 && <p className="pw-panel pw-dim">No open alert.</p>}
      {alerts.open.length > 0 && (
        <AlertList alerts={shown} isMachineShown={false} onChanged={alerts.refetch} />
      )}
      {alerts.open.length > worstFirst && (
        <Button
          variant="default"
          className="pw-target"
          aria-expanded={isAllShown}
          onClick={() => setIsAllShown(!isAllShown)}
        >
          {isAllShown ? `Show the worst ${worstFirst} only` : `Show all ${alerts.open.length} open alerts`}
        </Button>
      )}
    </section>
  );
}

export function MachinePage() {
  const { machineId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const viewer = useViewer();
  const [dialog, setDialog] = useState<'edit' | 'workOrder' | null>(null);
  const [{ data, error }, execute] = useLastingQuery({ query: MachineDetail, variables: { id: machineId } });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind !== 'resumed' && event.machineId === machineId, refetch);
  usePolling(refetch, refreshEveryMs);
  const alerts = useMachineAlerts(machineId);
  const service = useOutOfService();

  if (!data || (error && !data.machine)) {
    return (
      <>
        <PageHeader title="Machine" />
        {error ? (
          <ErrorState what="The machine could not be loaded." error={error} onRetry={refetch} />
        ) : (
          <SkeletonRows label="Loading the machine" count={4} height={120} />
        )}
      </>
    );
  }
  if (!data.machine) {
    return (
      <>
        <PageHeader title="Machine not found" />
        <EmptyState
          title="There is no such machine"
          action={<Link to="/fleet">Open the fleet overview</Link>}
        >
          It may have been removed, or the link belongs to another plant.
        </EmptyState>
      </>
    );
  }
  const { machine } = data;
  return (
    <>
      <PageHeader title={machine.name}>
        {canManageMachines(viewer) && (
          <>
            <Button variant="default" className="pw-target" onClick={() => setDialog('edit')}>
              Edit machine
            </Button>
            <ServiceButton machine={machine} service={service} />
          </>
        )}
        {canManageWorkOrders(viewer) && (
          <Button variant="default" className="pw-target" onClick={() => setDialog('workOrder')}>
            Create work order
          </Button>
        )}
      </PageHeader>
      <MachineHead machine={machine} />
      <ServiceNotice machineId={machineId} service={service} />
      <div className={classes.columns}>
        <div className={classes.trends}>
          <TrendPanel
            machineId={machineId}
            identifier={machine.identifier}
            metrics={machine.metrics}
            search={search}
            marks={alerts.marks}
            onSearch={(part) => void navigate({ search: (old) => ({ ...old, ...part }) })}
          />
        </div>
        <div className={classes.alerts}>
          <OpenAlerts machineId={machineId} alerts={alerts} />
        </div>
        <div className={`${classes.rest} pw-stack`}>
          <HealthPanel machineId={machineId} health={machine.health} />
          <HealthHistory machineId={machineId} />
          <RunningPanel machineId={machineId} metrics={machine.metrics} />
          <ReferencePanel machineId={machineId} />
          <MachineEvents machineId={machineId} />
        </div>
      </div>
      {dialog === 'edit' && (
        <MachineEditDialog machine={machine} onClose={() => setDialog(null)} onChanged={refetch} />
      )}
      {dialog === 'workOrder' && (
        <WorkOrderCreateDialog source={{ machineId }} title="" onClose={() => setDialog(null)} />
      )}
    </>
  );
}
