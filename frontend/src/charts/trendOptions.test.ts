import { expect, it } from 'vitest';
import { axisValues } from './trendOptions';

it('writes all ticks of an axis with the same decimals', () => {
  expect(axisValues([57.5, 60, 62.5], 2.5)).toEqual(['57.5', '60.0', '62.5']);
  expect(axisValues([1000, 1500], 500)).toEqual(['1,000', '1,500']);
  expect(axisValues([0.25, 0.5], 0.25)).toEqual(['0.25', '0.50']);
});

it('writes very small steps with three digits', () => {
  expect(axisValues([1e-7, 2e-7], 1e-7)).toEqual(['1.00e-7', '2.00e-7']);
});
