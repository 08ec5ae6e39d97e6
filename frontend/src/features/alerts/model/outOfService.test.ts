import { describe, expect, it } from 'vitest';
import { describeOutOfService } from './outOfService';

describe('what is out of service of a machine', () => {
  it.each([
    [[], null],
    [[null], 'Out of service'],
    [['vibration_rms', null], 'Out of service'],
    [['vibration_rms', 'vibration_rms'], 'Vibration RMS out of service'],
    [['flow', 'vibration_rms'], '2 metrics out of service'],
  ] as const)('of %j is %s', (metrics, words) => {
    expect(describeOutOfService(metrics.map((metric) => ({ metric })))).toBe(words);
  });
});
