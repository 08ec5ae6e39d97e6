import { createContext, useContext, useEffect, useRef } from 'react';
import { createThrottle } from '~/lib/throttle';

export type LiveEvent =
  | { kind: 'alert'; alertId: string; machineId: string | null }
  | { kind: 'machine'; machineId: string }
  | { kind: 'resumed' };

export interface LiveHub {
  publish: (event: LiveEvent) => void;
  /** Returns the way to stop. */
  listen: (listener: (event: LiveEvent) => void) => () => void;
}

/** Hands the events of the page's two standing subscriptions to whoever shows such data. */
export function createLiveHub(): LiveHub {
  const listeners = new Set<(event: LiveEvent) => void>();
  return {
    publish: (event) => {
      for (const listener of listeners) {
        listener(event);
      }
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const LiveHubContext = createContext<LiveHub>(createLiveHub());

export function useLiveEvents(onEvent: (event: LiveEvent) => void): void {
  const hub = useContext(LiveHubContext);
  const latest = useRef(onEvent);
  latest.current = onEvent;
  useEffect(() => hub.listen((event) => latest.current(event)), [hub]);
}

const refetchEveryMs = 1000;

/** Fetches again when something it shows has changed, at most once a second, and after each reconnection. */
export function useLiveRefetch(isConcerned: (event: LiveEvent) => boolean, refetch: () => void): void {
  const latest = useRef(refetch);
  latest.current = refetch;
  const throttled = useRef(createThrottle(() => latest.current(), refetchEveryMs));
  useEffect(() => {
    const { cancel } = throttled.current;
    return cancel;
  }, []);
  useLiveEvents((event) => {
    if (event.kind === 'resumed' || isConcerned(event)) {
      throttled.current.call();
    }
  });
}
