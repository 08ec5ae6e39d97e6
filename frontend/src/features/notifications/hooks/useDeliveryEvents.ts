import { graphql, type ResultOf } from '~/gql/graphql';
import { useStreamRefetch } from '~/gql/useStreamRefetch';

const DeliveryEvents = graphql(`
  subscription NotificationDeliveryEvents($since: BigInt) {
    notificationDeliveries(since: $since) {
      cursor
      deliveryId
    }
  }
`);

const cursorOf = (data: ResultOf<typeof DeliveryEvents>): number => data.notificationDeliveries.cursor;

/** Fetches again when a message was delivered, given up or sent again, and after each reconnection. */
export function useDeliveryEvents(refetch: () => void): void {
  useStreamRefetch(DeliveryEvents, cursorOf, refetch);
}
