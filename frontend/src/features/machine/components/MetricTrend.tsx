import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { AlertMark } from '~/charts/alertMarks';
import { TrendChart } from '~/charts/TrendChart';
import type { TrendWindow } from '~/charts/trendOptions';
import type { Reading, TrendStore } from '~/charts/trendStore';
import { formatDateTime, formatUnit, formatValue, toWords } from '~/lib/format';
import { useNow } from '~/lib/now';
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
  machineId: string;
}

function useLatestPoint(store: TrendStore, metric: TrendMetric, isLive: boolean): Reading | null {
  const last = useSyncExternalStore(store.listen, () => store.latest(metric.name));
  const known = metric.latest && { time: Date.parse(metric.latest.time), value: metric.latest.value };
  return last && isLive && (!known || last.time > known.time) ? last : known;
}

interface CurrentReadingProps extends Pick<MetricTrendProps, 'metric' | 'store' | 'isLive'> {
  /** The reading under the pointer, shown instead of the latest. */
  cursor: Reading | null;
}

/** The value with its unit; a component of its own, because it changes with each live frame. */
function CurrentReading({ metric, store, isLive, cursor }: CurrentReadingProps) {
  const latest = useLatestPoint(store, metric, isLive);
  const isStale = useIsStale(latest ? new Date(latest.time).toISOString() : null);
  const staleText = isStale && latest ? `stale, ${formatDateTime(latest.time)}` : '';
  return (
    <span className={classes.reading} data-stale={(isStale && !cursor) || undefined}>
      <span className="pw-dim">{cursor ? formatDateTime(cursor.time) : staleText}</span>{' '}
      <strong>{formatValue((cursor ?? latest)?.value)}</strong> {formatUnit(metric.unit)}
    </span>
  );
}

const beforeMs = 600_000;
const afterMs = 60_000;

/** Says when a window is empty, and leads to where the readings end. */
function EmptyWindow({ metric, store, isLive, getWindow, onSelect }: MetricTrendProps) {
  const latest = useLatestPoint(store, metric, isLive);
  // A live window may become empty without any event.
  useNow();
  const { from } = getWindow();
  if (store.ring(metric.name)?.samples.some(({ time }) => time >= from)) {
    return null;
  }
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
  const { metric, store, isFocused } = props;
  const frame = useRef<HTMLElement>(null);
  const [cursor, setCursor] = useState<Reading | null>(null);
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
        <CurrentReading metric={metric} store={store} isLive={props.isLive} cursor={cursor} />
        <Link
          to="/machines/$machineId/metrics/$metricId/detection"
          params={{ machineId: props.machineId, metricId: metric.id }}
          className={`${classes.detection} pw-target`}
        >
          {metric.hasOwnDetection ? 'Detection (own)' : 'Detection'}{' '}
          <span className="pw-hidden">of {words}</span>
        </Link>
      </header>
      <div className={classes.chart}>
        <TrendChart
          store={store}
          metric={metric.name}
          label={`${words} in ${formatUnit(metric.unit)}, ${props.marks.length} alerts marked`}
          height={isFocused ? 260 : 176}
          getWindow={props.getWindow}
          marks={props.marks}
          onSelect={props.onSelect}
          onCursor={setCursor}
        />
        <EmptyWindow {...props} />
      </div>
    </section>
  );
}
