import { describe, expect, it } from 'vitest';
import { barShares, bytesPerReading, describeDays, describeMonth, isRunning } from './months';

describe('bars of the months', () => {
  it('fill the width for the largest month and stand in proportion', () => {
    expect(
      barShares([
        { bytes: 300, rollupBytes: 100 },
        { bytes: 100, rollupBytes: 0 },
        { bytes: 0, rollupBytes: 0 },
      ]),
    ).toEqual([
      { readings: 75, rollups: 25 },
      { readings: 25, rollups: 0 },
      { readings: 0, rollups: 0 },
    ]);
  });

  it('are empty when nothing is stored', () => {
    expect(barShares([{ bytes: 0, rollupBytes: 0 }])).toEqual([{ readings: 0, rollups: 0 }]);
  });
});

it('names months as they are cut, in UTC', () => {
  expect(describeMonth('2026-01-01T00:00:00Z')).toBe('Jan 2026');
  expect(describeMonth('2025-12-01T00:00:00Z')).toBe('Dec 2025');
});

it('gives the bytes of one reading, and none without readings', () => {
  expect(bytesPerReading({ bytes: 1000, readings: 300 })).toBe('3.3');
  expect(bytesPerReading({ bytes: 0, readings: 0 })).toBe('–');
});

it('writes long times in years', () => {
  expect(describeDays(7)).toBe('7 days');
  expect(describeDays(1_095)).toBe('1,095 days');
  expect(describeDays(3_650)).toBe('10 years');
});

it('takes a clean-up without an end for running', () => {
  const cleanup = {
    requestedAt: '2026-01-01T00:00:00Z',
    startedAt: null,
    finishedAt: null,
    deletedSegments: 0,
    deletedReadings: 0,
    deletedRollups: 0,
    requestedBy: null,
  };
  expect(isRunning(null)).toBe(false);
  expect(isRunning(cleanup)).toBe(true);
  expect(isRunning({ ...cleanup, finishedAt: '2026-01-01T00:00:01Z' })).toBe(false);
});
