export interface Latest {
  time: string;
  value: number;
  unit: string;
}

/** What has come in for one metric since it was mapped, oldest first. */
export interface FirstValue extends Latest {
  trend: readonly { time: number; value: number }[];
}

const longestTrend = 60;

/** The values so far with the newest ones added; what was there before the mapping does not count. */
export function noteValues(
  known: ReadonlyMap<string, FirstValue>,
  latest: ReadonlyMap<string, Latest>,
  metrics: readonly string[],
  baseline: Readonly<Record<string, string>>,
): ReadonlyMap<string, FirstValue> {
  const values = new Map(known);
  for (const metric of metrics) {
    const newest = latest.get(metric);
    const before = known.get(metric);
    if (newest && newest.time !== baseline[metric] && newest.time !== before?.time) {
      const point = { time: Date.parse(newest.time), value: newest.value };
      values.set(metric, { ...newest, trend: [...(before?.trend ?? []), point].slice(-longestTrend) });
    }
  }
  return values;
}

/** The trend as points of a polyline in a box; a flat one lies in the middle. */
export function sparkline(trend: FirstValue['trend'], width: number, height: number): string {
  const times = trend.map(({ time }) => time);
  const values = trend.map(({ value }) => value);
  const [begin, end] = [Math.min(...times), Math.max(...times)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return trend
    .map(({ time, value }) => {
      const x = end > begin ? ((time - begin) / (end - begin)) * width : width;
      const y = high > low ? (1 - (value - low) / (high - low)) * height : height / 2;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
