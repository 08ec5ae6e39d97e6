import { expect, it } from 'vitest';
import { placeLabels, spreadSymbols } from './alertMarks';

it('moves symbols that would cover each other to the right', () => {
  expect(spreadSymbols([10, 12, 100], 20, 500)).toEqual([10, 30, 100]);
});

it('keeps the last symbols inside the chart', () => {
  expect(spreadSymbols([90, 95], 20, 100)).toEqual([80, 100]);
});

it('writes a time to the right of its symbol, and to the left at the right edge', () => {
  const bounds = { left: 0, right: 200 };
  expect(placeLabels([50], 10, [60], bounds)).toEqual([60]);
  expect(placeLabels([190], 10, [60], bounds)).toEqual([120]);
});

it('leaves a time out where it would cover a symbol or another time', () => {
  const bounds = { left: 0, right: 200 };
  expect(placeLabels([20, 40, 190], 10, [60, 60, 60], bounds)).toEqual([null, 50, 120]);
  expect(placeLabels([20, 185, 195], 10, [60, 60, 60], bounds)).toEqual([30, 115, null]);
});
