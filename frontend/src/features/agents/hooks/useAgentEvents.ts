import { useEffect, useRef } from 'react';
import { graphql } from '~/gql/graphql';
import { useLiveEvents } from '~/gql/liveHub';
import { useSocket } from '~/gql/SocketContext';
import { openStream } from '~/gql/stream';
import { createThrottle } from '~/lib/throttle';

const AgentEvents = graphql(`
  subscription AgentEvents($since: BigInt) {
    agents(since: $since) {
      cursor
      agentId
    }
  }
`);

const refetchEveryMs = 1000;

/** Fetches again when an agent came, fell silent, was heard again, renamed or removed, and after each reconnection. */
export function useAgentEvents(refetch: () => void): void {
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
      document: AgentEvents,
      variables: () => ({ since }),
      onData: ({ agents: event }) => {
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
