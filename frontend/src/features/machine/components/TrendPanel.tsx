import { useMemo, useSyncExternalStore } from 'react';
import type { AlertMark } from '~/charts/alertMarks';
import type { TrendStore } from '~/charts/trendStore';
import { formatSpan } from '~/lib/format';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useTrends } from '../hooks/useTrends';
import { type MachineSearch, readWindow } from '../model/search';
import classes from './MachinePage.module.css';
import { MetricTrend, type TrendMetric } from './MetricTrend';
import { ReadingsDownload } from './ReadingsDownload';
import { WindowPicker } from './WindowPicker';

interface TrendPanelProps {
  machineId: string;
  identifier: string;
  metrics: readonly TrendMetric[];
  search: MachineSearch;
  marks: readonly AlertMark[];
  onSearch: (part: Partial<MachineSearch>) => void;
}

/** Says what a point of the trends stands for; always one line, so that nothing moves. */
function TrendGuide({ store, metrics }: { store: TrendStore; metrics: readonly TrendMetric[] }) {
  const bucketMs = useSyncExternalStore(store.listen, () =>
    metrics.reduce((widest, { name }) => Math.max(widest, store.ring(name)?.bucketMs ?? 0), 0),
  );
  return (
    <p className="pw-dim">
      {bucketMs > 0
        ? `Line: mean of ${formatSpan(bucketMs)}. Band: lowest to highest.`
        : 'Line: every reading.'}{' '}
      Drag across a trend to zoom in.
    </p>
  );
}

/** Small multiples of all metrics with one shared cursor; the metric in the URL comes first. */
export function TrendPanel(props: TrendPanelProps) {
  const { machineId, identifier, metrics, search, marks, onSearch } = props;
  const { window, from, to } = search;
  const view = useMemo(() => readWindow({ window, from, to, metric: undefined }), [window, from, to]);
  const trends = useTrends(machineId, view);
  // Once there is history, a failed refresh leaves it: the connection banner says how old it is.
  const hasNothing = trends.error !== undefined && trends.cursor === null;
  const getWindow = () => {
    const now = Date.now();
    return view.kind === 'live' ? { from: now - view.ms, to: now } : view;
  };
  const ordered = [...metrics].sort(
    (a, b) =>
      Number(b.name === search.metric) - Number(a.name === search.metric) || a.name.localeCompare(b.name),
  );
  const handleWindow = (part: Pick<MachineSearch, 'window' | 'from' | 'to'>): void =>
    onSearch({ window: undefined, from: undefined, to: undefined, ...part });
  return (
    <section className="pw-stack" aria-label="Trends">
      <WindowPicker view={view} onChange={handleWindow} />
      {metrics.length > 0 && <ReadingsDownload identifier={identifier} getWindow={getWindow} />}
      {metrics.length > 0 && <TrendGuide store={trends.store} metrics={metrics} />}
      {hasNothing && trends.error && (
        <ErrorState what="The trends could not be loaded." error={trends.error} onRetry={trends.reload} />
      )}
      {trends.isLoading && (
        <SkeletonRows label="Loading the trends" count={Math.max(2, metrics.length)} height={228} />
      )}
      {!trends.isLoading && metrics.length === 0 && (
        <EmptyState title="No readings yet">
          Send readings under the identifier {identifier}: a trend appears here with the first one.
        </EmptyState>
      )}
      {!trends.isLoading && !hasNothing && (
        <div className={classes.multiples}>
          {ordered.map((metric) => (
            <MetricTrend
              key={metric.id}
              metric={metric}
              store={trends.store}
              isLive={view.kind === 'live'}
              isFocused={metric.name === search.metric}
              getWindow={getWindow}
              marks={marks.filter((mark) => mark.metric === metric.name)}
              onSelect={handleWindow}
              machineId={machineId}
            />
          ))}
        </div>
      )}
    </section>
  );
}
