import * as v from 'valibot';

const periodLengths = {
  '1h': { label: '1 hour', ms: 3_600_000 },
  '8h': { label: '8 hours', ms: 28_800_000 },
  '24h': { label: '24 hours', ms: 86_400_000 },
  '7d': { label: '7 days', ms: 604_800_000 },
  '31d': { label: '31 days', ms: 31 * 86_400_000 },
} as const;

export type PeriodName = keyof typeof periodLengths;
export const periodNames = Object.keys(periodLengths) as PeriodName[];

export const detectorsSearch = v.object({
  period: v.fallback(v.optional(v.picklist(periodNames)), undefined),
});

export function describePeriod(name: PeriodName): string {
  return periodLengths[name].label;
}

/** The period that ends now, to the minute, so that the same question is asked again after a change. */
export function periodBefore(now: number, name: PeriodName): { from: string; to: string } {
  const to = Math.ceil(now / 60_000) * 60_000;
  return { from: new Date(to - periodLengths[name].ms).toISOString(), to: new Date(to).toISOString() };
}
