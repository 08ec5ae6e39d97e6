import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { AlertMark } from '~/charts/alertMarks';
import { TrendChart } from '~/charts/TrendChart';
import { useTrends } from '~/features/machine/hooks/useTrends';
import type { Severity } from '~/lib/alarm';
import { formatDateTime, formatUnit, toWords } from '~/lib/format';
import { ErrorState } from '~/ui/ErrorState';
import { SkeletonRows } from '~/ui/SkeletonRows';

interface TriageTrendProps {
  machineId: string;
  metric: string;
  unit: string;
  from: number;
  to: number;
  alert: { id: string; severity: Severity; raisedAt: string; clearedAt: string | null };
}

/** The metric around the moment, with the alert marked. */
export function TriageTrend({ machineId, metric, unit, from, to, alert }: TriageTrendProps) {
  const view = useMemo(() => ({ kind: 'fixed' as const, from, to }), [from, to]);
  const { store, isLoading, error, reload } = useTrends(machineId, view);
  const { id, severity, raisedAt, clearedAt } = alert;
  const marks = useMemo<AlertMark[]>(
    () => [
      { id, metric, severity, from: Date.parse(raisedAt), to: clearedAt ? Date.parse(clearedAt) : null },
    ],
    [id, metric, severity, raisedAt, clearedAt],
  );
  const words = toWords(metric);
  return (
    <section className="pw-panel pw-stack" aria-label="The moment">
      <header className="pw-spread">
        <h2>
          {words}, {formatUnit(unit)}
        </h2>
        <Link to="/machines/$machineId" params={{ machineId }} search={{ from, to, metric }}>
          All metrics of the moment
        </Link>
      </header>
      {error && <ErrorState what="The trend could not be loaded." error={error} onRetry={reload} />}
      {isLoading && !error && <SkeletonRows label="Loading the trend" count={1} height={260} />}
      {!isLoading && !error && (
        <TrendChart
          store={store}
          metric={metric}
          label={`${words} in ${formatUnit(unit)} from ${formatDateTime(from)} to ${formatDateTime(to)}`}
          height={260}
          getWindow={() => view}
          marks={marks}
          onSelect={() => undefined}
          onCursor={() => undefined}
        />
      )}
    </section>
  );
}
