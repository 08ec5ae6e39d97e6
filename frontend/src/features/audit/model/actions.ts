import { toWords } from '~/lib/format';

/** "alert.raised" becomes "Alert raised". */
export function describeAction(action: string): string {
  return toWords(action.replaceAll('.', ' '));
}

const faultWords: Record<string, string> = {
  edited: 'A record was edited after it was written.',
  deleted: 'A record was deleted.',
  inserted: 'A record was inserted that the chain does not know.',
  reordered: 'Records were put into another order.',
  tail_cut: 'Records were cut off at the end of the chain.',
};

/** What the fault of a verification means. */
export function describeFault(fault: string | null): string {
  return (fault && faultWords[fault]) || 'The chain does not match its records.';
}

/** First parts of the action names, by which the trail is filtered. */
export const actionAreas = [
  'alert',
  'finding',
  'machine',
  'health',
  'work_order',
  'settings',
  'metric',
  'api_key',
  'user',
  'tenant',
  'storage',
  'agent',
] as const;
