import { describe, expect, it } from 'vitest';
import { readServiceDraft, type ServiceTime } from './serviceTime';

const now = Date.parse('2026-01-01T12:00:00Z');
const shift = '2026-01-01T14:00:00Z';
const read = (time: ServiceTime, customEnd = '', reason = 'New bearing', endOfShift: string | null = shift) =>
  readServiceDraft({ time, customEnd, reason }, now, endOfShift);

describe('taking something out of service', () => {
  it.each([
    ['open', '', null],
    ['60', '', '2026-01-01T13:00:00.000Z'],
    ['1440', '', '2026-01-02T12:00:00.000Z'],
    ['shift', '', '2026-01-01T14:00:00.000Z'],
    ['custom', '2026-01-03T12:00:00Z', '2026-01-03T12:00:00.000Z'],
  ] as const)('%s %s ends at %s', (time, customEnd, until) => {
    expect(read(time, customEnd)).toEqual({ wish: { reason: 'New bearing', until } });
  });

  it('needs a reason and an end that is still to come', () => {
    expect(read('custom', '2026-01-01T11:59:00Z', ' ')).toEqual({
      faults: {
        reason: 'Say why: whoever comes next has to understand it.',
        until: 'The end must lie in the future.',
      },
    });
  });

  it.each([
    ['custom', ''],
    ['shift', ''],
  ] as const)('%s without a time is refused', (time, customEnd) => {
    expect(read(time, customEnd, 'New bearing', null)).toHaveProperty('faults.until');
  });
});
