import { describe, expect, it } from 'vitest';
import { bandPath, clipped, gridTimes, linePath, rangeOf, scale } from './picture';

const x = scale(0, 10, 0, 100);
const y = scale(0, 1, 100, 0);

describe('paths', () => {
  it('break where nothing is known', () => {
    expect(linePath([0, 1, 2, 3], [0, 1, null, 0.5], x, y)).toBe('M0 100L10 0M30 50');
  });

  it('fill each known stretch of a band', () => {
    expect(bandPath([0, 1, 2, 3], [0, 0, null, 0], [1, 1, 1, 1], x, y)).toBe('M0 0L10 0L10 100L0 100Z');
  });
});

it('a range has room, and something to draw on without values', () => {
  expect(rangeOf([1, null, 3])).toEqual([0.9, 3.1]);
  expect(rangeOf([null], [])).toEqual([0, 1]);
  expect(rangeOf([5, 5])).toEqual([4.75, 5.25]);
});

it('scores far beyond the threshold do not press the others flat', () => {
  expect(clipped([1, null, 1e9], 5)).toEqual([1, null, 15]);
});

it.each([
  [3_600_000, 7],
  [86_400_000, 7],
  [31 * 86_400_000, 7],
])('a period of %i ms has about six grid lines at round moments', (length, most) => {
  const from = Date.parse('2026-01-01T10:07:00Z');
  const times = gridTimes(from, from + length);
  expect(times.length).toBeGreaterThanOrEqual(3);
  expect(times.length).toBeLessThanOrEqual(most);
  expect(times.every((time) => new Date(time).getMinutes() % 10 === 0)).toBe(true);
});
