import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { AlertMark } from './alertMarks';
import { drawWhenSeen } from './drawWhenSeen';
import { toPlotColumns } from './gaps';
import classes from './TrendChart.module.css';
import { buildTrendOptions, type TrendWindow } from './trendOptions';
import type { TrendStore } from './trendStore';

interface TrendChartProps {
  store: TrendStore;
  metric: string;
  label: string;
  height: number;
  /** Read at each redraw: a live window moves with the clock. */
  getWindow: () => TrendWindow;
  marks: readonly AlertMark[];
  onSelect: (window: TrendWindow) => void;
  /** Hears the index under the cursor, in ms since 1970 and value; null when the cursor leaves. */
  onCursor: (point: { time: number; value: number | null } | null) => void;
}

/** One metric over time on a canvas. */
export function TrendChart(props: TrendChartProps) {
  const { store, metric, label, height } = props;
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const latest = useRef(props);
  latest.current = props;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of scheme draws with other colours
  useEffect(() => {
    const element = frame.current;
    if (!element) {
      return;
    }
    const options = buildTrendOptions({
      width: element.clientWidth,
      height,
      getWindow: () => latest.current.getWindow(),
      getMarks: () => latest.current.marks,
      onSelect: (window) => latest.current.onSelect(window),
    });
    const plot = new uPlot(
      {
        ...options,
        hooks: {
          ...options.hooks,
          setCursor: [({ cursor, data }) => latest.current.onCursor(pointAt(data, cursor.idx))],
        },
      },
      toPlotColumns(store.ring(metric)?.samples ?? []),
      element,
    );
    chart.current = plot;
    const stopDrawing = drawWhenSeen({
      plot,
      element,
      store,
      metric,
      getWindow: () => latest.current.getWindow(),
    });
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      stopDrawing();
      plot.destroy();
      chart.current = null;
    };
  }, [store, metric, height, scheme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new marks are drawn over the same data
  useEffect(() => {
    chart.current?.redraw(false);
  }, [props.marks]);

  return <div ref={frame} className={classes.frame} style={{ height }} role="img" aria-label={label} />;
}

function pointAt(data: uPlot.AlignedData, index: number | null | undefined) {
  const time = index === null || index === undefined ? undefined : data[0][index];
  return time === undefined ? null : { time: time * 1000, value: data[3]?.[index ?? 0] ?? null };
}
