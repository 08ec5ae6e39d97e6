import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useUpdateMetricDetection } from '~/features/settings/hooks/useUpdateMetricDetection';
import {
  type Detection,
  DetectionParameters,
  detectionFields,
  readChanges,
  toDraft,
} from '~/features/settings/model/detection';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { toWords } from '~/lib/format';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useTrial } from '../hooks/useTrial';
import { compareEpisodes } from '../model/comparing';
import { type PeriodName, periodBefore } from '../model/search';
import { detectorWords, keyOfEpisode, TrialQuery } from '../model/trial';
import classes from './DetectorsPage.module.css';
import { EpisodeTable } from './EpisodeTable';
import { TrialPanel } from './TrialPanel';
import { TrialPicture } from './TrialPicture';
import { TrySettingsForm } from './TrySettingsForm';

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

interface DetectorMetric {
  id: string;
  hasOwnDetection: boolean;
  detection: Detection;
}

function Detectors({ metric, onSaved }: { metric: DetectorMetric; onSaved: () => void }) {
  const { period = defaultPeriod } = route.useSearch();
  const navigate = route.useNavigate();
  const update = useUpdateMetricDetection();
  const [draft, setDraft] = useState(() => toDraft(metric.detection));
  const span = useMemo(() => periodBefore(Date.now(), period), [period]);
  const trial = useTrial({
    query: TrialQuery,
    changes: readChanges(draft, metric.detection),
    variables: (settings) => ({ metricId: metric.id, ...span, settings }),
    read: ({ detectionTrial }) => detectionTrial,
  });
  return (
    <div className={classes.columns}>
      <TrySettingsForm
        subject="metric"
        hasOwn={metric.hasOwnDetection}
        onLabel="Detection is on"
        fields={detectionFields}
        current={metric.detection}
        draft={draft}
        onDraft={setDraft}
        save={(detection) => update({ metricId: metric.id, detection })}
        onSaved={onSaved}
      />
      <TrialPanel
        {...trial}
        period={period}
        onPeriod={(chosen) => void navigate({ search: { period: chosen }, replace: true })}
        picture={(shown) => <TrialPicture trial={shown} />}
        legend="Band: within the limits of the baseline. Scores under it, each with its threshold: dashed as shown here, dotted as it is now. Bars: what would be found, what is found now, and the alerts there were."
      >
        {(shown) => (
          <EpisodeTable
            rows={compareEpisodes(shown, keyOfEpisode)}
            keyOf={keyOfEpisode}
            what="Detector"
            tell={({ detector }) => detectorWords[detector]}
          />
        )}
      </TrialPanel>
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
    <>
      <Link to="/machines/$machineId/detection" params={{ machineId }}>
        The machine as a whole
      </Link>
      <Link to="/machines/$machineId" params={{ machineId }} search={{ metric: metric?.name }}>
        {data?.machine?.name ?? 'Back to the machine'}
      </Link>
    </>
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
