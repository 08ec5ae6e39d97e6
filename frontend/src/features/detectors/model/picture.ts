import type { Column } from './trial';

/** From a number to its place, in the units of the picture. */
export type Scale = (value: number) => number;

export function scale(from: number, to: number, start: number, end: number): Scale {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** An SVG path through the points that there are; a missing one breaks the line. */
export function linePath(times: readonly number[], values: Column, x: Scale, y: Scale): string {
  let isBroken = true;
  const parts: string[] = [];
  for (const [place, time] of times.entries()) {
    const value = values[place] ?? null;
    if (value !== null) {
      parts.push(`${isBroken ? 'M' : 'L'}${round(x(time))} ${round(y(value))}`);
    }
    isBroken = value === null;
  }
  return parts.join('');
}

/** SVG paths of the areas between two columns, one for each stretch where both are known. */
export function bandPath(times: readonly number[], lows: Column, highs: Column, x: Scale, y: Scale): string {
  const parts: string[] = [];
  let stretch: { at: number; low: number; high: number }[] = [];
  const close = (): void => {
    if (stretch.length > 1) {
      const top = stretch.map(({ at, high }) => `${round(at)} ${round(high)}`);
      const bottom = stretch.map(({ at, low }) => `${round(at)} ${round(low)}`).reverse();
      parts.push(`M${[...top, ...bottom].join('L')}Z`);
    }
    stretch = [];
  };
  for (const [place, time] of times.entries()) {
    const [low, high] = [lows[place] ?? null, highs[place] ?? null];
    if (low === null || high === null) {
      close();
    } else {
      stretch.push({ at: x(time), low: y(low), high: y(high) });
    }
  }
  close();
  return parts.join('');
}

/** Least and greatest of columns, with a little room; 0 to 1 without any value. */
export function rangeOf(...columns: readonly Column[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of columns.flat()) {
    if (value !== null) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) {
    return [0, 1];
  }
  const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

/** Scores beyond this many thresholds are drawn at the edge. */
const mostThresholds = 3;

export function clipped(scores: Column, threshold: number): Column {
  return scores.map((score) => (score === null ? null : Math.min(score, threshold * mostThresholds)));
}

/** Times at which a grid line stands: about six, at round moments of the local day. */
export function gridTimes(from: number, to: number): number[] {
  const steps = [1, 5, 10, 30, 60, 120, 240, 720, 1440, 2880, 7200].map((minutes) => minutes * 60_000);
  const step = steps.find((width) => (to - from) / width <= 7) ?? 14_400 * 60_000;
  const shift = new Date(from).getTimezoneOffset() * 60_000;
  const first = Math.ceil((from - shift) / step) * step + shift;
  const times: number[] = [];
  for (let time = first; time <= to; time += step) {
    times.push(time);
  }
  return times;
}
