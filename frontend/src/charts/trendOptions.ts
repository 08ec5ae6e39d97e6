import type uPlot from 'uplot';
import { type AlertMark, drawAlertMarks, markStripHeight, readToken } from './alertMarks';
import { isolatedIndices } from './gaps';
import { type Range, stickyRange } from './stickyRange';

export interface TrendWindow {
  from: number;
  to: number;
}

interface TrendOptionsInput {
  width: number;
  height: number;
  getWindow: () => TrendWindow;
  getMarks: () => readonly AlertMark[];
  onSelect: (window: TrendWindow) => void;
}

const syncKey = 'trends';
const leastSelectionPx = 8;

function axisStyle(): Pick<uPlot.Axis, 'stroke' | 'grid' | 'ticks' | 'font'> {
  const line = { stroke: () => readToken('border'), width: 1 };
  return {
    stroke: () => readToken('textDim'),
    grid: line,
    ticks: line,
    font: '12px system-ui, "DejaVu Sans", sans-serif',
  };
}

const daySeconds = 86_400;

/** A tick of the time axis: the day at midnight, else the time of day as finely as the step needs. */
function axisTime(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  return step >= daySeconds || (isMidnight && step >= 60)
    ? date.toLocaleDateString('en-GB', { day: '2-digit', month: 'short' })
    : date.toLocaleTimeString('en-GB', {
        hour: '2-digit',
        minute: '2-digit',
        second: step < 60 ? '2-digit' : undefined,
      });
}

/** Ticks of the value axis, all with the decimals that the step needs. */
export function axisValues(splits: readonly number[], step: number): string[] {
  const decimals = Math.min(6, (step.toString().split('.')[1] ?? '').length);
  if (step < 1e-6) {
    return splits.map((at) => at.toPrecision(3));
  }
  return splits.map((at) =>
    at.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  );
}

function valueRange(): uPlot.Range.Function {
  let previous: Range | null = null;
  return (_chart, minimum, maximum) => {
    if (minimum === null || maximum === null) {
      return [0, 1];
    }
    previous = stickyRange(previous, minimum, maximum);
    return [previous[0], previous[1]];
  };
}

function handleSelect(chart: uPlot, onSelect: (window: TrendWindow) => void): void {
  const { left, width } = chart.select;
  if (width < leastSelectionPx) {
    return;
  }
  const from = Math.round(chart.posToVal(left, 'x') * 1000);
  const to = Math.round(chart.posToVal(left + width, 'x') * 1000);
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSelect({ from, to });
}

/** A small chart of one metric: a grey line, a band of extremes, alert marks on top, a shared cursor. */
export function buildTrendOptions(input: TrendOptionsInput): uPlot.Options {
  const dots: uPlot.Series.Points = {
    show: false,
    size: 4,
    fill: () => readToken('trace'),
    filter: (chart, index) => isolatedIndices(chart.data[index] ?? []),
  };
  const hidden = { width: 0, points: { show: false } };
  return {
    width: input.width,
    height: input.height,
    legend: { show: false },
    padding: [markStripHeight, 8, 0, 0],
    cursor: { sync: { key: syncKey }, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    scales: {
      x: {
        time: true,
        range: () => {
          const { from, to } = input.getWindow();
          return [from / 1000, to / 1000];
        },
      },
      y: { range: valueRange() },
    },
    axes: [
      {
        ...axisStyle(),
        size: 30,
        space: 64,
        values: (_chart, splits, _axis, _space, step) => splits.map((at) => axisTime(at, step)),
      },
      {
        ...axisStyle(),
        size: 58,
        space: 26,
        // An empty window has no values, so no scale either.
        values: (chart, splits, _axis, _space, step) =>
          chart.data[0].length > 0 ? axisValues(splits, step) : splits.map(() => ''),
      },
    ],
    series: [
      {},
      { ...hidden, spanGaps: false },
      { ...hidden, spanGaps: false },
      { stroke: () => readToken('trace'), width: 1.5, spanGaps: false, points: dots },
    ],
    bands: [{ series: [2, 1], fill: () => readToken('traceBand') }],
    hooks: {
      draw: [(chart) => drawAlertMarks(chart, input.getMarks())],
      setSelect: [(chart) => handleSelect(chart, input.onSelect)],
    },
  };
}
