import { getRouteApi } from '@tanstack/react-router';
import { AlertEscalation } from '~/features/escalation/components/AlertEscalation';
import { readFragment } from '~/gql/graphql';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useAlertOpened } from '../hooks/useJudgement';
import { type Triage, useTriage } from '../hooks/useTriage';
import { AlertRowAlert } from '../model/alertFragment';
import { AlertTabs } from './AlertTabs';
import { CommentList } from './CommentList';
import { LastTime } from './LastTime';
import { Neighbours } from './Neighbours';
import classes from './Triage.module.css';
import { TriageHead } from './TriageHead';
import { TriageTrend } from './TriageTrend';
import { Why } from './Why';

const route = getRouteApi('/shell/alerts/$alertId');

function Loaded({ triage, onChanged }: { triage: Triage; onChanged: () => void }) {
  const { alert, trend, neighbours, previous } = triage;
  const row = readFragment(AlertRowAlert, alert);
  useAlertOpened(alert.id);
  return (
    <>
      <TriageHead alert={alert} onChanged={onChanged} />
      <div className={classes.columns}>
        <div className="pw-stack">
          {trend && row.metric && (
            <TriageTrend
              machineId={trend.machineId}
              metric={row.metric}
              unit={row.unit}
              from={Date.parse(trend.from)}
              to={Date.parse(trend.to)}
              alert={row}
            />
          )}
          <Why alert={alert} cause={row.cause} severity={row.severity} unit={row.unit} />
        </div>
        <div className="pw-stack">
          <AlertEscalation key={row.state} alertId={alert.id} />
          <LastTime previous={previous} />
          <Neighbours neighbours={neighbours} />
          <CommentList alertId={alert.id} comments={alert.comments} onChanged={onChanged} />
        </div>
      </div>
    </>
  );
}

/** One alert: why, the trend at the moment, what happened beside it, and what was done the last time. */
export function TriagePage() {
  const { alertId } = route.useParams();
  const { triage, isLoaded, error, reload } = useTriage(alertId);
  return (
    <>
      <PageHeader title="Alert" />
      <AlertTabs />
      {error && !isLoaded && (
        <ErrorState what="The alert could not be loaded." error={error} onRetry={reload} />
      )}
      {!error && !isLoaded && <SkeletonRows label="Loading the alert" height={120} />}
      {isLoaded && !triage && (
        <EmptyState title="There is no such alert">
          It may belong to another plant. Go back to the queue.
        </EmptyState>
      )}
      {triage && <Loaded triage={triage} onChanged={reload} />}
    </>
  );
}
