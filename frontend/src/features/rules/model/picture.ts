import type { Severity } from '~/lib/alarm';
import type { RuleTrial } from './operations';

/** Something that lasted, on one of the lines below the trends. */
export interface Span {
  key: string;
  severity: Severity;
  label: string;
  from: number;
  to: number;
}

export function firedSpans({ intervals, to }: RuleTrial): Span[] {
  return intervals.map((one) => ({
    key: `${one.machineId} ${one.from}`,
    severity: one.severity,
    label: one.message,
    from: Date.parse(one.from),
    to: Date.parse(one.to ?? to),
  }));
}

export function happenedSpans({ alerts, to }: RuleTrial): Span[] {
  return alerts.map((one) => ({
    key: one.id,
    severity: one.severity,
    label: one.message,
    from: Date.parse(one.raisedAt),
    to: Date.parse(one.clearedAt ?? to),
  }));
}
