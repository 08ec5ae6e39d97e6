import * as v from 'valibot';
import { textParam, wordList } from '~/lib/searchParams';
import { deliveryStatuses } from './delivery';
import { allEvents } from './events';

export const deliveriesSearch = v.object({
  status: wordList(deliveryStatuses),
  event: wordList(allEvents),
  channel: textParam,
  alert: textParam,
  delivery: textParam,
});

export type DeliveriesSearch = v.InferOutput<typeof deliveriesSearch>;
