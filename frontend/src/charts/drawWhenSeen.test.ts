import { expect, it } from 'vitest';
import { hasMoved } from './drawWhenSeen';

it('asks for a redraw when a live window has moved by one pixel', () => {
  const window = { from: 0, to: 100_000 };
  expect(hasMoved(99_001, window, 100)).toBe(false);
  expect(hasMoved(99_000, window, 100)).toBe(true);
});

it('never asks for a redraw of a fixed window or of a chart without width', () => {
  expect(hasMoved(100_000, { from: 0, to: 100_000 }, 500)).toBe(false);
  expect(hasMoved(0, { from: 0, to: 100_000 }, 0)).toBe(false);
});
