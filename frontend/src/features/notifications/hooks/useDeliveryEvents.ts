import { useEffect, useRef } from 'react';
import { graphql } from '~/gql/graphql';
import { useLiveEvents } from '~/gql/liveHub';
import { useSocket } from '~/gql/SocketContext';
import { openStream } from '~/gql/stream';
import { createThrottle } from '~/lib/throttle';

const DeliveryEvents = graphql(`
  subscription NotificationDeliveryEvents($since: BigInt) {
    notificationDeliveries(since: $since) {
      cursor
      deliveryId
    }
  }
`);

const refetchEveryMs = 1000;

/** Fetches again when a message was delivered, given up or sent again, and after each reconnection. */
export function useDeliveryEvents(refetch: () => void): void {
  const socket = useSocket();
  const latest = useRef(refetch);
  latest.current = refetch;
  const throttled = useRef(createThrottle(() => latest.current(), refetchEveryMs));
  useEffect(() => {
    if (!socket) {
      return;
    }
    const { call, cancel } = throttled.current;
    let since: number | undefined;
    const stop = openStream(socket, {
      document: DeliveryEvents,
      variables: () => ({ since }),
      onData: ({ notificationDeliveries: event }) => {
        since = event.cursor;
        call();
      },
    });
    return () => {
      stop();
      cancel();
    };
  }, [socket]);
  useLiveEvents((event) => {
    if (event.kind === 'resumed') {
      throttled.current.call();
    }
  });
}
