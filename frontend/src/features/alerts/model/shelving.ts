import type { Severity } from '~/lib/alarm';

export const durations = ['15', '60', '240', 'shift', 'clear', 'custom'] as const;
export type Duration = (typeof durations)[number];

export const durationWords: Record<Duration, string> = {
  '15': '15 minutes',
  '60': '1 hour',
  '240': '4 hours',
  shift: 'End of shift',
  clear: 'Until it clears',
  custom: 'Other',
};

export interface ShelveWish {
  kind: 'TIMED' | 'ONE_SHOT';
  minutes: number | null;
  untilEndOfShift: boolean;
  reason: string;
}

export interface LongestShelving {
  severity: Severity;
  minutes: number;
  needsSecondPerson: boolean;
}

/** What is asked of the server, or why it cannot be. */
export function readWish(
  duration: Duration,
  customMinutes: string,
  reason: string,
  longest: number,
): { wish: ShelveWish } | { fault: string; field: 'reason' | 'minutes' } {
  if (!reason.trim()) {
    return { fault: 'Say why: whoever comes next has to understand it.', field: 'reason' };
  }
  const base = { kind: 'TIMED' as const, minutes: null, untilEndOfShift: false, reason: reason.trim() };
  if (duration === 'clear') {
    return { wish: { ...base, kind: 'ONE_SHOT' } };
  }
  if (duration === 'shift') {
    return { wish: { ...base, untilEndOfShift: true } };
  }
  const minutes = Number(duration === 'custom' ? customMinutes : duration);
  if (!Number.isFinite(minutes) || minutes < 1 || minutes > longest) {
    return { fault: `A time from 1 to ${longest} minutes.`, field: 'minutes' };
  }
  return { wish: { ...base, minutes } };
}
