import { describe, expect, it } from 'vitest';
import { SeriesRing } from './seriesRing';

describe('SeriesRing', () => {
  it('appends in order and keeps a repeated sample once, the later arrival winning', () => {
    const ring = new SeriesRing(10);
    ring.merge({ times: [1000, 2000], values: [1, 2] });
    ring.append({ times: [2000, 3000], values: [20, 3] });
    expect(ring.samples.map(({ time, value }) => [time, value])).toEqual([
      [1000, 1],
      [2000, 20],
      [3000, 3],
    ]);
  });

  it('puts late samples where they belong', () => {
    const ring = new SeriesRing(10);
    ring.merge({ times: [1000, 3000], values: [1, 3] });
    ring.append({ times: [2000], values: [2] });
    expect(ring.samples.map(({ time }) => time)).toEqual([1000, 2000, 3000]);
  });

  it('never holds more than its capacity: the oldest go', () => {
    const ring = new SeriesRing(3);
    ring.merge({ times: [1, 2, 3, 4, 5], values: [1, 2, 3, 4, 5] });
    expect(ring.samples.map(({ time }) => time)).toEqual([3, 4, 5]);
  });

  it('keeps one sample left of the window, so that the line comes in from outside', () => {
    const ring = new SeriesRing(10);
    ring.merge({ times: [1, 2, 3, 4], values: [1, 2, 3, 4] });
    ring.dropBefore(3);
    expect(ring.samples.map(({ time }) => time)).toEqual([2, 3, 4]);
  });

  it('keeps null where there is no value', () => {
    const ring = new SeriesRing(10);
    ring.merge({ times: [1, 2], values: [null, 2] });
    expect(ring.samples[0]).toEqual({ time: 1, value: null, minimum: null, maximum: null });
  });

  it('carries minimum and maximum of buckets', () => {
    const ring = new SeriesRing(10, 1000);
    ring.merge({ times: [0], values: [5], minimums: [1], maximums: [9] });
    expect(ring.samples[0]).toMatchObject({ value: 5, minimum: 1, maximum: 9 });
  });

  it('folds live samples into buckets with their mean and extremes', () => {
    const ring = new SeriesRing(10, 1000);
    ring.merge({ times: [0], values: [5], minimums: [1], maximums: [9] });
    ring.append({ times: [500, 1200, 1400, 1800], values: [12, 2, 4, 6] });
    expect(ring.samples).toEqual([
      { time: 0, value: 5, minimum: 1, maximum: 12 },
      { time: 1000, value: 4, minimum: 2, maximum: 6 },
    ]);
  });

  it('leaves empty buckets out, and keeps bad readings of a raw window', () => {
    const columns = { times: [1000, 2000, 3000], values: [1, null, 3] };
    const [bucketed, raw] = [new SeriesRing(10, 1000), new SeriesRing(10)];
    bucketed.merge(columns);
    raw.merge(columns);
    expect(bucketed.samples.map(({ time }) => time)).toEqual([1000, 3000]);
    expect(raw.samples.map(({ value }) => value)).toEqual([1, null, 3]);
  });
});
