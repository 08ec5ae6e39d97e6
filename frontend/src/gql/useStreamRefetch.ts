import type { TadaDocumentNode } from 'gql.tada';
import { useEffect, useRef } from 'react';
import { createThrottle } from '~/lib/throttle';
import { useLiveEvents } from './liveHub';
import { useSocket } from './SocketContext';
import { openStream } from './stream';

const refetchEveryMs = 1000;

/**
 * Fetches again when a subscription tells of something, and after each reconnection; at most once a second.
 *
 * The subscription takes `since` and each event has a cursor: `cursorOf` is that, and has to be the same every time.
 */
export function useStreamRefetch<Data extends object>(
  document: TadaDocumentNode<Data, { since?: number | null | undefined }, unknown>,
  cursorOf: (data: Data) => number,
  refetch: () => void,
): void {
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
      document,
      variables: () => ({ since }),
      onData: (data) => {
        since = cursorOf(data);
        call();
      },
    });
    return () => {
      stop();
      cancel();
    };
  }, [socket, document, cursorOf]);
  useLiveEvents((event) => {
    if (event.kind === 'resumed') {
      throttled.current.call();
    }
  });
}
