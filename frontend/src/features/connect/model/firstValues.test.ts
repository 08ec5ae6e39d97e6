import { expect, it } from 'vitest';
import { noteValues, sparkline } from './firstValues';

const at = (second: number, value: number) => ({ time: `2026-01-01T00:00:0${second}Z`, value, unit: 'bar' });

it('counts only readings that came after the mapping, each once', () => {
  const baseline = { flow: at(1, 0).time };
  const first = noteValues(new Map(), new Map([['flow', at(1, 5)]]), ['flow'], baseline);
  expect(first.size).toBe(0);
  const second = noteValues(
    first,
    new Map([
      ['flow', at(2, 6)],
      ['other', at(2, 1)],
    ]),
    ['flow'],
    baseline,
  );
  const third = noteValues(second, new Map([['flow', at(2, 6)]]), ['flow'], baseline);
  const fourth = noteValues(third, new Map([['flow', at(3, 7)]]), ['flow'], baseline);
  expect(fourth.get('flow')).toMatchObject({ value: 7, unit: 'bar' });
  expect(fourth.get('flow')?.trend.map(({ value }) => value)).toEqual([6, 7]);
  expect(fourth.has('other')).toBe(false);
});

it('draws the trend within its box', () => {
  const trend = [
    { time: 0, value: 1 },
    { time: 5, value: 3 },
    { time: 10, value: 2 },
  ];
  expect(sparkline(trend, 100, 20)).toBe('0.0,20.0 50.0,0.0 100.0,10.0');
  expect(sparkline([{ time: 0, value: 1 }], 100, 20)).toBe('100.0,10.0');
});
