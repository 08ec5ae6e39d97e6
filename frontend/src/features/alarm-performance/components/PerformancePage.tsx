import { getRouteApi } from '@tanstack/react-router';
import { AlertTabs } from '~/features/alerts/components/AlertTabs';
import { SiteFilter } from '~/features/alerts/components/SiteFilter';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { formatCount, formatDateTime } from '~/lib/format';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { BadActors } from './BadActors';
import { DayBars } from './DayBars';
import { FigureTable } from './FigureTable';

const route = getRouteApi('/shell/alerts/performance');

const AlarmPerformance = graphql(`
  query AlarmPerformance($site: String) {
    alertPerformance(site: $site) {
      from
      to
      positions
      alerts
      figures {
        figure
        unit
        value
        target
        limit
        mark
      }
      days {
        day
        info
        warning
        critical
      }
      badActors {
        alerts
        chatters
        fleetings
        alert {
          id
          message
          metric
          cause
          machine {
            id
            name
          }
        }
      }
    }
  }
`);

function Performance({ site }: { site: string | undefined }) {
  const [{ data, error }, execute] = useLastingQuery({
    query: AlarmPerformance,
    variables: { site: site ?? null },
  });
  if (error && !data) {
    const retry = (): void => execute({ requestPolicy: 'network-only' });
    return <ErrorState what="The figures could not be loaded." error={error} onRetry={retry} />;
  }
  if (!data) {
    return <SkeletonRows label="Loading the figures" height={56} />;
  }
  const { from, to, positions, alerts, figures, days, badActors } = data.alertPerformance;
  return (
    <>
      <p className="pw-dim">
        {formatCount(alerts)} alerts from {formatDateTime(from)} to {formatDateTime(to)}
        {positions > 1 && `; targets are for ${positions} operator positions`}. Targets as commonly quoted
        from ISA-18.2 and EEMUA 191.
      </p>
      {alerts === 0 && (
        <EmptyState title="No alerts in this time">
          The figures fill up by themselves once alerts are raised.
        </EmptyState>
      )}
      {alerts > 0 && <DayBars days={days} />}
      <FigureTable figures={figures} />
      {badActors.length > 0 && <BadActors actors={badActors} total={alerts} />}
    </>
  );
}

/** How well the alerts of the house serve the people who have to act on them. */
export function PerformancePage() {
  const { site } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title="Alarm performance">
        <SiteFilter value={site} onChange={(chosen) => void navigate({ search: { site: chosen } })} />
      </PageHeader>
      <AlertTabs />
      <Performance site={site} />
    </>
  );
}
