import { expect, it } from 'vitest';
import { spreadSymbols } from './alertMarks';

it('moves symbols that would cover each other to the right', () => {
  expect(spreadSymbols([10, 12, 100], 20, 500)).toEqual([10, 30, 100]);
});

it('keeps the last symbols inside the chart', () => {
  expect(spreadSymbols([90, 95], 20, 100)).toEqual([80, 100]);
});
