import { formatUnit, formatValue, toWords } from '~/lib/format';

export const comparisons = [
  'GREATER',
  'GREATER_OR_EQUAL',
  'LESS',
  'LESS_OR_EQUAL',
  'EQUAL',
  'NOT_EQUAL',
] as const;
export type Comparison = (typeof comparisons)[number];

export const comparisonWords: Record<Comparison, string> = {
  GREATER: 'above',
  GREATER_OR_EQUAL: 'at least',
  LESS: 'below',
  LESS_OR_EQUAL: 'at most',
  EQUAL: 'exactly',
  NOT_EQUAL: 'anything but',
};

const compare: Record<Comparison, (newest: number, limit: number) => boolean> = {
  GREATER: (newest, limit) => newest > limit,
  GREATER_OR_EQUAL: (newest, limit) => newest >= limit,
  LESS: (newest, limit) => newest < limit,
  LESS_OR_EQUAL: (newest, limit) => newest <= limit,
  EQUAL: (newest, limit) => newest === limit,
  NOT_EQUAL: (newest, limit) => newest !== limit,
};

/** Whether the machine would count as running with this newest value. */
export function wouldRun(newest: number, comparison: Comparison, limit: number): boolean {
  return compare[comparison](newest, limit);
}

/** A value with its unit. */
export function measured(value: number, unit: string): string {
  return `${formatValue(value)} ${formatUnit(unit)}`.trim();
}

/** "Speed is above 100 rpm". */
export function describeCondition(
  condition: { metric: string; comparison: Comparison; value: number },
  unit: string,
): string {
  const { metric, comparison, value } = condition;
  return `${toWords(metric)} is ${comparisonWords[comparison]} ${measured(value, unit)}`;
}

/** The number that was typed; null when it is none. */
export function readLimit(text: string): number | null {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : null;
}
