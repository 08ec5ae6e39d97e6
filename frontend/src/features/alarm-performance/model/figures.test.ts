import { describe, expect, it } from 'vitest';
import { barOf, formatFigure } from './figures';

describe('a figure beside its target', () => {
  it('has its target in the same place in every row', () => {
    expect(barOf(75, 150, 300)).toEqual({ value: 0.2, target: 0.4, limit: 0.8, isOffScale: false });
    expect(barOf(1, 1, null)?.target).toBe(0.4);
  });

  it('ends at the edge of the scale and says so', () => {
    expect(barOf(1000, 150, 300)).toMatchObject({ value: 1, isOffScale: true });
  });

  it('shows a target of nothing', () => {
    expect(barOf(0, 0, 10)).toEqual({ value: 0, target: 0, limit: 0.8, isOffScale: false });
    expect(barOf(50, 0, 10)?.value).toBe(0.8);
  });

  it('is not drawn without a value or a target', () => {
    expect(barOf(null, 1, null)).toBeNull();
    expect(barOf(1, null, null)).toBeNull();
  });

  it('is written with its unit', () => {
    expect(formatFigure(null, 'SECONDS')).toBe('–');
    expect(formatFigure(3, 'COUNT')).toBe('3');
    expect(formatFigure(0.59, 'PERCENT')).toContain('%');
  });
});
