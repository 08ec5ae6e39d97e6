import { describe, expect, it } from 'vitest';
import { isolatedIndices, medianStep, toPlotColumns } from './gaps';
import type { Sample } from './seriesRing';

function samplesAt(...times: number[]): Sample[] {
  return times.map((time) => ({ time, value: time, minimum: time, maximum: time }));
}

describe('gaps', () => {
  it('finds the median step despite an outlier', () => {
    expect(medianStep(samplesAt(0, 1000, 2000, 60_000, 61_000))).toBe(1000);
  });

  it('knows no step with fewer than three samples', () => {
    expect(medianStep(samplesAt(0, 1000))).toBeNull();
  });

  it('breaks the line where more than four steps are missing', () => {
    const [times, , , values] = toPlotColumns(samplesAt(0, 1000, 2000, 7000, 8000));
    expect(times).toEqual([0, 1, 2, 3, 7, 8]);
    expect(values).toEqual([0, 1000, 2000, null, 7000, 8000]);
  });

  it('joins over four steps exactly', () => {
    const [times] = toPlotColumns(samplesAt(0, 1000, 2000, 6000, 7000));
    expect(times).toEqual([0, 1, 2, 6, 7]);
  });

  it('joins slow samples where the sampling became faster later', () => {
    const slow = [0, 10_000, 20_000, 30_000, 40_000];
    const fast = Array.from({ length: 20 }, (_, index) => 41_000 + index * 1000);
    const [times] = toPlotColumns(samplesAt(...slow, ...fast));
    expect(times).toHaveLength(25);
  });

  it('breaks the line at each of several long steps among short ones', () => {
    const [times] = toPlotColumns(
      samplesAt(0, 1000, 2000, 3000, 33_000, 63_000, 93_000, 94_000, 95_000, 96_000),
    );
    expect(times).toHaveLength(13);
  });

  it('finds values that stand alone', () => {
    expect(isolatedIndices([1, null, 2, 3, null, 4, null])).toEqual([0, 5]);
  });

  it('breaks the band together with the line', () => {
    const [, minimums, maximums] = toPlotColumns(samplesAt(0, 1000, 2000, 9000));
    expect([minimums[3], maximums[3]]).toEqual([null, null]);
  });
});
