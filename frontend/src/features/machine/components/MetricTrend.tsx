import { Button } from '@mantine/core';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { AlertMark } from '~/charts/alertMarks';
import { TrendChart } from '~/charts/TrendChart';
import type { TrendWindow } from '~/charts/trendOptions';
import type { TrendStore } from '~/charts/trendStore';
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

interface Point {
  time: number;
  value: number | null;
}

function useLatestPoint(store: TrendStore, metric: TrendMetric, isLive: boolean): Point | null {
  useSyncExternalStore(store.listen, store.readVersion);
  const last = store.ring(metric.name)?.latest;
  const known = metric.latest && { time: Date.parse(metric.latest.time), value: metric.latest.value };
  return last && isLive && (!known || last.time > known.time)
    ? { time: last.time, value: last.value }
    : known;
}

/** Name, value with unit and trend of one metric. */
export function MetricTrend(props: MetricTrendProps) {
  const { metric, store, isLive, isFocused } = props;
  const frame = useRef<HTMLElement>(null);
  const [cursor, setCursor] = useState<Point | null>(null);
  const latest = useLatestPoint(store, metric, isLive);
  const isStale = useIsStale(latest ? new Date(latest.time).toISOString() : null);
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
          className="pw-target"
          onClick={() => props.onDetection(metric.id)}
        >
          {metric.hasOwnDetection ? 'Detection (own)' : 'Detection'}{' '}
          <span className="pw-hidden">of {words}</span>
        </Button>
      </header>
      <TrendChart
        store={store}
        metric={metric.name}
        label={`${words} in ${formatUnit(metric.unit)}, latest ${formatValue(latest?.value)}, ${props.marks.length} alerts marked`}
        height={isFocused ? 240 : 160}
        getWindow={props.getWindow}
        marks={props.marks}
        onSelect={props.onSelect}
        onCursor={setCursor}
      />
    </section>
  );
}
