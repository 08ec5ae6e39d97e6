import * as v from 'valibot';
import { textParam, wordList } from '~/lib/searchParams';
import { actionAreas } from './actions';

const dayParam = v.fallback(v.optional(v.pipe(v.string(), v.isoDate())), undefined);

export const auditSearch = v.object({
  area: wordList(actionAreas),
  machine: textParam,
  /** First and last day, in the browser's zone. */
  from: dayParam,
  to: dayParam,
});

export type AuditSearch = v.InferOutput<typeof auditSearch>;

/** Midnight of the browser's zone at the begin of a day, or of the day after it. */
export function dayBoundary(day: string | undefined, edge: 'begin' | 'end'): string | null {
  if (!day) {
    return null;
  }
  const date = new Date(`${day}T00:00:00`);
  if (edge === 'end') {
    date.setDate(date.getDate() + 1);
  }
  return date.toISOString();
}
