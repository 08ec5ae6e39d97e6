import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { DetectionParameters, readChanges, toDraft } from '~/features/settings/model/detection';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { toWords } from '~/lib/format';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useTrial } from '../hooks/useTrial';
import { type PeriodName, periodBefore } from '../model/search';
import { DetectorForm, type DetectorMetric } from './DetectorForm';
import classes from './DetectorsPage.module.css';
import { TrialPanel } from './TrialPanel';

const MetricDetection = graphql(
  `
    query MetricDetection($machineId: ID!) {
      machine(id: $machineId) {
        id
        name
        metrics {
          id
          name
          hasOwnDetection
          detection {
            ...DetectionParameters
          }
        }
      }
    }
  `,
  [DetectionParameters],
);

const route = getRouteApi('/shell/machines/$machineId/metrics/$metricId/detection');
const defaultPeriod: PeriodName = '8h';

function Detectors({ metric, onSaved }: { metric: DetectorMetric; onSaved: () => void }) {
  const { period = defaultPeriod } = route.useSearch();
  const navigate = route.useNavigate();
  const [draft, setDraft] = useState(() => toDraft(metric.detection));
  const span = useMemo(() => periodBefore(Date.now(), period), [period]);
  const trial = useTrial(metric.id, span, readChanges(draft, metric.detection));
  return (
    <div className={classes.columns}>
      <DetectorForm metric={metric} draft={draft} onDraft={setDraft} onSaved={onSaved} />
      <TrialPanel
        {...trial}
        period={period}
        onPeriod={(chosen) => void navigate({ search: { period: chosen }, replace: true })}
      />
    </div>
  );
}

/** The detectors' settings of one metric, tried on its stored readings before they are saved. */
export function DetectorsPage() {
  const { machineId, metricId } = route.useParams();
  const [{ data, error }, execute] = useLastingQuery({
    query: MetricDetection,
    variables: { machineId },
    requestPolicy: 'cache-and-network',
  });
  const refetch = (): void => execute({ requestPolicy: 'network-only' });
  const metric = data?.machine?.metrics.find(({ id }) => id === metricId);
  const back = (
    <Link to="/machines/$machineId" params={{ machineId }} search={{ metric: metric?.name }}>
      {data?.machine?.name ?? 'Back to the machine'}
    </Link>
  );
  if (!data) {
    return (
      <>
        <PageHeader title="Detection" />
        {error ? (
          <ErrorState what="The settings could not be loaded." error={error} onRetry={refetch} />
        ) : (
          <SkeletonRows label="Loading the settings" count={4} height={64} />
        )}
      </>
    );
  }
  if (!metric) {
    return (
      <>
        <PageHeader title="Metric not found" />
        <EmptyState title="There is no such metric" action={<Link to="/fleet">Open the fleet overview</Link>}>
          It may have been removed with its machine, or the link belongs to another plant.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title={`Detection of ${toWords(metric.name)}`}>{back}</PageHeader>
      <Detectors key={JSON.stringify([metric.id, metric.detection])} metric={metric} onSaved={refetch} />
    </>
  );
}
