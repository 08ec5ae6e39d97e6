import { expect, it } from 'vitest';
import { stickyRange } from './stickyRange';

it('stays while the data is inside and fills enough', () => {
  const range = stickyRange(null, 10, 20);
  expect(stickyRange(range, 11, 19)).toBe(range);
});

it('widens when data leaves it', () => {
  const range = stickyRange(null, 10, 20);
  const [low, high] = stickyRange(range, 10, 40);
  expect(low).toBeLessThan(10);
  expect(high).toBeGreaterThan(40);
});

it('narrows when the data fills less than a quarter', () => {
  const [low, high] = stickyRange([0, 100], 50, 60);
  expect(high - low).toBeLessThan(20);
});

it('gives a constant value some room', () => {
  const [low, high] = stickyRange(null, 0, 0);
  expect(low).toBeLessThan(0);
  expect(high).toBeGreaterThan(0);
});
