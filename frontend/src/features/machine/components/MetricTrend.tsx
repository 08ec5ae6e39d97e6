import { Button } from '@mantine/core';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { AlertMark } from '~/charts/alertMarks';
import { TrendChart } from '~/charts/TrendChart';
import type { TrendWindow } from '~/charts/trendOptions';
import type { Reading, TrendStore } from '~/charts/trendStore';
import { formatDateTime, formatUnit, formatValue, toWords } from '~/lib/format';
import { useIsStale } from '~/lib/staleness';
import classes from './MetricTrend.module.css';

export interface TrendMetric {
  id: string;
  name: string;
  unit: string;
  latest: { time: string; value: number } | null;
  hasOwnDetection: boolean;
}

interface MetricTrendProps {
  metric: TrendMetric;
  store: TrendStore;
  isLive: boolean;
  isFocused: boolean;
  getWindow: () => TrendWindow;
  marks: readonly AlertMark[];
  onSelect: (window: TrendWindow) => void;
  onDetection: (metricId: string) => void;
}

function useLatestPoint(store: TrendStore, metric: TrendMetric, isLive: boolean): Reading | null {
  const last = useSyncExternalStore(store.listen, () => store.latest(metric.name));
  const known = metric.latest && { time: Date.parse(metric.latest.time), value: metric.latest.value };
  return last && isLive && (!known || last.time > known.time) ? last : known;
}

function useHasReadings(store: TrendStore, metric: string, getWindow: () => TrendWindow): boolean {
  return useSyncExternalStore(store.listen, () => {
    const { from } = getWindow();
    return store.ring(metric)?.samples.some(({ time }) => time >= from) ?? false;
  });
}

const beforeMs = 600_000;
const afterMs = 60_000;

/** Says that a window is empty, and leads to where the readings end. */
function NoReadings({ latest, onSelect }: { latest: Reading | null } & Pick<MetricTrendProps, 'onSelect'>) {
  return (
    <p className={classes.empty}>
      <span>No readings in this window.</span>
      {latest && (
        <Button
          variant="default"
          className="pw-target"
          onClick={() => onSelect({ from: latest.time - beforeMs, to: latest.time + afterMs })}
        >
          Show the last reading, {formatDateTime(latest.time)}
        </Button>
      )}
    </p>
  );
}

/** Name, value with unit and trend of one metric. */
export function MetricTrend(props: MetricTrendProps) {
  const { metric, store, isLive, isFocused } = props;
  const frame = useRef<HTMLElement>(null);
  const [cursor, setCursor] = useState<Reading | null>(null);
  const latest = useLatestPoint(store, metric, isLive);
  const isStale = useIsStale(latest ? new Date(latest.time).toISOString() : null);
  const hasReadings = useHasReadings(store, metric.name, props.getWindow);
  const shown = cursor ?? latest;
  const words = toWords(metric.name);

  useEffect(() => {
    if (isFocused) {
      frame.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isFocused]);

  return (
    <section
      ref={frame}
      className={classes.trend}
      aria-label={`Trend of ${words}`}
      data-focused={isFocused || undefined}
    >
      <header className={classes.header}>
        <h3>{words}</h3>
        <span className={classes.reading} data-stale={(isStale && !cursor) || undefined}>
          <span className="pw-dim">
            {cursor
              ? formatDateTime(cursor.time)
              : isStale && latest
                ? `stale, ${formatDateTime(latest.time)}`
                : ''}
          </span>{' '}
          <strong>{formatValue(shown?.value)}</strong> {formatUnit(metric.unit)}
        </span>
        <Button
          variant="subtle"
          size="compact-sm"
          className={`${classes.detection} pw-target`}
          onClick={() => props.onDetection(metric.id)}
        >
          {metric.hasOwnDetection ? 'Detection (own)' : 'Detection'}{' '}
          <span className="pw-hidden">of {words}</span>
        </Button>
      </header>
      <div className={classes.chart}>
        <TrendChart
          store={store}
          metric={metric.name}
          label={`${words} in ${formatUnit(metric.unit)}, latest ${formatValue(latest?.value)}, ${props.marks.length} alerts marked`}
          height={isFocused ? 260 : 176}
          getWindow={props.getWindow}
          marks={props.marks}
          onSelect={props.onSelect}
          onCursor={setCursor}
        />
        {!hasReadings && <NoReadings latest={latest} onSelect={props.onSelect} />}
      </div>
    </section>
  );
}
