import { describe, expect, it } from 'vitest';
import { comparisons, describeCondition, readLimit, wouldRun } from './running';

describe('a running condition', () => {
  it('compares the newest value as the server does', () => {
    const held = (newest: number) => comparisons.filter((comparison) => wouldRun(newest, comparison, 10));
    expect(held(9)).toEqual(['LESS', 'LESS_OR_EQUAL', 'NOT_EQUAL']);
    expect(held(10)).toEqual(['GREATER_OR_EQUAL', 'LESS_OR_EQUAL', 'EQUAL']);
    expect(held(11)).toEqual(['GREATER', 'GREATER_OR_EQUAL', 'NOT_EQUAL']);
  });

  it('is said in words', () => {
    const condition = { metric: 'motor_current', comparison: 'GREATER_OR_EQUAL', value: 1.5 } as const;
    expect(describeCondition(condition, 'A')).toBe('Motor current is at least 1.50 A');
  });

  it.each([
    ['1.5', 1.5],
    ['-3', -3],
    ['', null],
    ['  ', null],
    ['fast', null],
  ])('reads %j as %j', (text, value) => {
    expect(readLimit(text)).toBe(value);
  });
});
