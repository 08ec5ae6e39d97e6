import { graphql } from '~/gql/graphql';
import { type ConnectionPages, useConnectionPages } from '~/gql/useConnectionPages';
import { readWords } from '~/lib/searchParams';
import { deliveryStatuses } from '../model/delivery';
import { type Delivery, DeliveryFields } from '../model/deliveryFragment';
import { allEvents } from '../model/events';
import type { DeliveriesSearch } from '../model/search';
import { useDeliveryEvents } from './useDeliveryEvents';

const DeliveryLog = graphql(
  `
    query NotificationDeliveryLog($first: Int!, $after: String, $filter: NotificationDeliveryFilter) {
      notificationDeliveries(first: $first, after: $after, filter: $filter) {
        nodes {
          ...DeliveryFields
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [DeliveryFields],
);

const pageSize = 50;

/** The delivery log under the filters of the address, newest first; what is sent meanwhile appears by itself. */
export function useDeliveries(search: DeliveriesSearch): ConnectionPages<Delivery> {
  const status = readWords(search.status, deliveryStatuses);
  const event = readWords(search.event, allEvents);
  const filter = {
    status: status.length > 0 ? status : null,
    event: event.length > 0 ? event : null,
    channelId: search.channel ?? null,
    alertId: search.alert ?? null,
  };
  const pages = useConnectionPages({
    document: DeliveryLog,
    variables: { first: pageSize, filter },
    pick: (data) => data.notificationDeliveries,
  });
  useDeliveryEvents(pages.refetch);
  return pages;
}
