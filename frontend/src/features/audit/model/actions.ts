import { toWords } from '~/lib/format';
import { actionWords } from './actionWords';

/** The words for an action; of one that a newer server writes, its name. */
export function describeAction(action: string): string {
  return actionWords[action] ?? toWords(action.replaceAll('.', ' '));
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
  'alert_flood',
  'out_of_service',
  'alert_rule',
  'finding',
  'machine',
  'health',
  'work_order',
  'settings',
  'metric',
  'api_key',
  'user',
  'invitation',
  'session',
  'tenant',
  'storage',
  'agent',
  'ingest_source',
  'notification',
  'notification_channel',
  'notification_route',
  'notification_template',
  'escalation_policy',
  'on_call_rotation',
  'on_call_override',
  'quiet_hours',
] as const;

/** What an area is called in the filter. */
export function describeArea(area: string): string {
  return area === 'ingest_source' ? 'Source' : toWords(area);
}
