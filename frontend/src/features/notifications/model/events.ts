import type { ResultOf } from '~/gql/graphql';
import type { DeliveryFields } from './deliveryFragment';

export type NotificationEvent = ResultOf<typeof DeliveryFields>['event'];

export const eventWords: Record<NotificationEvent, string> = {
  ALERT_RAISED: 'Alert raised',
  ALERT_SEVERITY_RAISED: 'Severity raised',
  ALERT_UNSHELVED: 'Unshelved and still active',
  ALERT_CLEARED: 'Alert cleared',
  ALERT_ACKNOWLEDGED: 'Alert acknowledged',
  ALERT_ESCALATED: 'Escalated',
  FLOOD_BEGAN: 'Alert flood began',
  FLOOD_ENDED: 'Alert flood ended',
  DIGEST: 'Digest',
  CHANNEL_DISABLED: 'Channel switched off',
  TEST: 'Test',
};

/** Escalations, digests and tests say themselves whom they are for. */
const addressed: ReadonlySet<NotificationEvent> = new Set(['ALERT_ESCALATED', 'DIGEST', 'TEST']);

export const allEvents = Object.keys(eventWords) as NotificationEvent[];
export const routedEvents = allEvents.filter((event) => !addressed.has(event));
const always = ['event', 'site', 'where', 'link'] as const;
const ofAlert = [
  'severity',
  'severity_code',
  'machine',
  'metric',
  'value',
  'threshold',
  'message',
  'raised_at',
];
const special: Partial<Record<NotificationEvent, readonly string[]>> = {
  ALERT_ESCALATED: [...ofAlert, 'policy', 'step', 'late_minutes'],
  FLOOD_BEGAN: ['count'],
  FLOOD_ENDED: ['count'],
  DIGEST: ['alerts', 'count', 'open_count', 'cause', 'late_minutes'],
  CHANNEL_DISABLED: ['channel', 'reason'],
  TEST: ['channel'],
};

/** What the words for an event may name, and have a value for. */
export function variablesOf(event: NotificationEvent): readonly string[] {
  return [...(special[event] ?? ofAlert), ...always];
}

export const newTrouble: readonly NotificationEvent[] = [
  'ALERT_RAISED',
  'ALERT_SEVERITY_RAISED',
  'ALERT_UNSHELVED',
];
