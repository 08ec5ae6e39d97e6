import { expect, it } from 'vitest';
import { createRedraw } from './frameQueue';

function fakeClock() {
  let now = 0;
  let queue: (() => void)[] = [];
  return {
    clock: { now: () => now, schedule: (action: () => void) => queue.push(action) },
    frame: (milliseconds: number) => {
      now += milliseconds;
      const due = queue;
      queue = [];
      for (const action of due) {
        action();
      }
    },
  };
}

it('draws once per frame however many requests come', () => {
  const { clock, frame } = fakeClock();
  let drawn = 0;
  const request = createRedraw(() => {
    drawn += 1;
  }, clock);
  request();
  request();
  request();
  frame(16);
  expect(drawn).toBe(1);
  frame(16);
  expect(drawn).toBe(1);
});

it('draws at most ten times a second and never loses the last request', () => {
  const { clock, frame } = fakeClock();
  let drawn = 0;
  const request = createRedraw(() => {
    drawn += 1;
  }, clock);
  for (let index = 0; index < 60; index += 1) {
    request();
    frame(1000 / 60);
  }
  expect(drawn).toBeGreaterThanOrEqual(8);
  expect(drawn).toBeLessThanOrEqual(10);
  const before = drawn;
  request();
  for (let index = 0; index < 10; index += 1) {
    frame(1000 / 60);
  }
  expect(drawn).toBe(before + 1);
});
