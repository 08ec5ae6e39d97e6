import { formatCount, formatSpan, formatValue } from '~/lib/format';

export type FigureUnit = 'COUNT' | 'PERCENT' | 'SECONDS' | 'HOURS';
export type Mark = 'WITHIN' | 'ABOVE' | 'BEYOND' | 'NONE';

export const figureWords = {
  ALERTS_PER_DAY: 'Alerts per day',
  ALERTS_PER_HOUR: 'Alerts per hour',
  ALERTS_PER_TEN_MINUTES: 'Alerts per ten minutes',
  HOURS_ABOVE_30: 'Hours with more than 30',
  TEN_MINUTES_ABOVE_10: 'Ten minutes with more than 10',
  LARGEST_IN_TEN_MINUTES: 'Most in ten minutes',
  TIME_IN_FLOOD: 'Time in flood',
  LARGEST_FLOOD: 'Largest flood, in ten minutes',
  SHARE_OF_TOP_TEN: 'Share of the ten most frequent',
  CHATTERING: 'Chattering alerts',
  FLEETING: 'Fleeting alerts',
  STALE: 'Stale alerts, now',
  INFO_SHARE: 'Share of info',
  WARNING_SHARE: 'Share of warnings',
  CRITICAL_SHARE: 'Share of critical ones',
  SUPPRESSED_OUTSIDE_RULES: 'Suppressed outside the rules',
  ACKNOWLEDGED_UNOPENED: 'Acknowledged without opening',
  FALSE_PREDICTIONS: 'False among judged predictions',
  TIME_TO_ACKNOWLEDGE: 'Median time to acknowledge',
  TIME_TO_RETURN: 'Median time to return',
  SHELVED_HOURS: 'Hours on the shelf',
} as const;

export const markWords: Record<Mark, string> = {
  WITHIN: 'Within the target',
  ABOVE: 'Above the target',
  BEYOND: 'Beyond what is manageable',
  NONE: '',
};

/** A figure with its unit; an en dash when there was nothing to measure. */
export function formatFigure(value: number | null, unit: FigureUnit): string {
  if (value === null) {
    return '–';
  }
  switch (unit) {
    case 'COUNT':
      return Number.isInteger(value) ? formatCount(value) : formatValue(value);
    case 'PERCENT':
      return `${formatValue(value)} %`;
    case 'SECONDS':
      return formatSpan(Math.max(0, value) * 1000);
    case 'HOURS':
      return `${formatValue(value)} h`;
  }
}

export interface Bar {
  /** Places on a scale from 0 to 1. */
  value: number;
  target: number;
  limit: number | null;
  isOffScale: boolean;
}

/** Where value, target and limit lie on a scale on which the target has the same place in every row. */
export function barOf(value: number | null, target: number | null, limit: number | null): Bar | null {
  if (value === null || target === null) {
    return null;
  }
  // A target of nothing still has to be seen, and what is above it.
  const whole = target > 0 ? target * 2.5 : Math.max(limit ?? 0, value, 1) * 1.25;
  return {
    value: Math.min(1, value / whole),
    target: target / whole,
    limit: limit === null || limit > whole ? null : limit / whole,
    isOffScale: value > whole,
  };
}
