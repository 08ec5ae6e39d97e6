export const serviceTimes = ['open', '60', '240', 'shift', '1440', 'custom'] as const;
export type ServiceTime = (typeof serviceTimes)[number];

export const serviceTimeWords: Record<ServiceTime, string> = {
  open: 'Until somebody returns it',
  '60': 'For 1 hour',
  '240': 'For 4 hours',
  shift: 'To the end of the shift',
  '1440': 'For 1 day',
  custom: 'To a time',
};

interface ServiceDraft {
  time: ServiceTime;
  /** As an input of the type `datetime-local` writes it. */
  customEnd: string;
  reason: string;
}

export type ServiceFaults = { reason?: string; until?: string };

/** What is asked of the server, or what is wrong at which field. */
export function readServiceDraft(
  { time, customEnd, reason }: ServiceDraft,
  now: number,
  endOfShift: string | null,
): { wish: { reason: string; until: string | null } } | { faults: ServiceFaults } {
  const end = {
    open: () => null,
    shift: () => Date.parse(endOfShift ?? ''),
    custom: () => Date.parse(customEnd),
  };
  const until = time in end ? end[time as keyof typeof end]() : now + Number(time) * 60_000;
  const faults: ServiceFaults = {};
  if (!reason.trim()) {
    faults.reason = 'Say why: whoever comes next has to understand it.';
  }
  if (until !== null && !Number.isFinite(until)) {
    faults.until =
      time === 'shift' ? 'The end of the shift is not known. Give a time.' : 'Give a date and a time.';
  } else if (until !== null && until <= now) {
    faults.until = 'The end must lie in the future.';
  }
  return Object.keys(faults).length > 0
    ? { faults }
    : { wish: { reason: reason.trim(), until: until === null ? null : new Date(until).toISOString() } };
}
