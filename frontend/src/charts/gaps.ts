import type { Sample } from './seriesRing';

/** A distance of more than this many usual steps is drawn as a gap. */
export const gapFactor = 4;

/** Neighbouring steps on each side that say what is usual: the sampling may change within a window. */
const reach = 4;

const medianOver = 512;

/** The columns uPlot draws, bottom to top: seconds, minimum, maximum, mean or value. */
export type PlotColumns = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** The median distance of neighbours in ms over the last samples; null with fewer than three. */
export function medianStep(samples: readonly Pick<Sample, 'time'>[]): number | null {
  const recent = samples.slice(-medianOver);
  const steps = recent.slice(1).map((sample, index) => sample.time - (recent[index]?.time ?? sample.time));
  if (steps.length < 2) {
    return null;
  }
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? null;
}

/** The lower median of up to `reach` steps from `start` on, in ms; null without steps. */
function usualStep(samples: readonly Pick<Sample, 'time'>[], start: number): number | null {
  const steps: number[] = [];
  for (let at = Math.max(1, start); at < Math.min(samples.length, start + reach); at += 1) {
    steps.push((samples[at]?.time ?? 0) - (samples[at - 1]?.time ?? 0));
  }
  steps.sort((a, b) => a - b);
  return steps[Math.floor((steps.length - 1) / 2)] ?? null;
}

/** What is usual before or after the step that ends at `index`, in ms: the longer one, as either may go on here. */
function usualStepAround(samples: readonly Pick<Sample, 'time'>[], index: number): number | null {
  const before = usualStep(samples, index - reach);
  const after = usualStep(samples, index + 1);
  return before === null ? after : Math.max(before, after ?? 0);
}

/** Turns samples into plot columns and puts an empty row where data is missing, so no line joins across it. */
export function toPlotColumns(samples: readonly Sample[], factor = gapFactor): PlotColumns {
  const step = medianStep(samples);
  const columns: PlotColumns = [[], [], [], []];
  let previous: number | null = null;
  for (const [index, { time, value, minimum, maximum }] of samples.entries()) {
    if (step !== null && previous !== null && time - previous > factor * step) {
      const usual = usualStepAround(samples, index) ?? step;
      if (time - previous > factor * usual) {
        pushRow(columns, previous + usual, null, null, null);
      }
    }
    pushRow(columns, time, value, minimum, maximum);
    previous = time;
  }
  return columns;
}

function pushRow(
  columns: PlotColumns,
  time: number,
  value: number | null,
  minimum: number | null,
  maximum: number | null,
): void {
  columns[0].push(time / 1000);
  columns[1].push(minimum);
  columns[2].push(maximum);
  columns[3].push(value);
}

/** Indices of values with a gap on both sides: a line cannot show them, so they are drawn as dots. */
export function isolatedIndices(values: ArrayLike<number | null | undefined>): number[] {
  const isMissing = (index: number): boolean => values[index] === null || values[index] === undefined;
  return Array.from(values, (_, index) => index).filter(
    (index) => !isMissing(index) && isMissing(index - 1) && isMissing(index + 1),
  );
}
