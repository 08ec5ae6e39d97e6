import type { StateShape } from '~/ui/StateMark';
import type { Delivery, DeliveryWithAttempts } from './deliveryFragment';

export type DeliveryStatus = Delivery['status'];

export const deliveryStatuses: readonly DeliveryStatus[] = ['PENDING', 'DELIVERED', 'DEAD', 'CANCELLED'];

export const deliveryStatusWords: Record<DeliveryStatus, string> = {
  PENDING: 'Waiting',
  DELIVERED: 'Delivered',
  DEAD: 'Given up',
  CANCELLED: 'Cancelled',
};

export const deliveryShapes: Record<DeliveryStatus, StateShape> = {
  PENDING: 'clock',
  DELIVERED: 'circle',
  DEAD: 'square',
  CANCELLED: 'struck',
};

/** What may be asked for again. */
export function canResend({ status }: Delivery): boolean {
  return status === 'DEAD' || status === 'CANCELLED';
}

/** `250 in 83 ms`, or that it runs; an attempt whose sender ended has no result. */
export function describeAttempt({
  isDelivered,
  status,
  latencyMs,
}: DeliveryWithAttempts['attemptLog'][number]): string {
  if (isDelivered === null) {
    return 'No result: it runs, or the sender ended meanwhile';
  }
  const took = latencyMs === null ? '' : ` in ${latencyMs.toLocaleString('en')} ms`;
  return `${isDelivered ? 'Delivered' : 'Failed'}: ${status}${took}`;
}
