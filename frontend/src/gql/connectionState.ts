import { useSyncExternalStore } from 'react';

export type LinkPhase = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** State of the live connection; `since` is the moment the phase began (ms). */
export interface LinkState {
  phase: LinkPhase;
  since: number;
  /** Counts connections after the first: data must be fetched again when it grows. */
  resumptions: number;
}

/** After this long without a connection the state is called offline. */
export const offlineAfterMs = 20_000;

/** The next state after an event of the socket or the browser. Pure, so that it can be tested. */
export function nextLinkState(
  state: LinkState,
  event: 'connected' | 'closed' | 'waited' | 'networkLost',
  now: number,
): LinkState {
  switch (event) {
    case 'connected':
      return {
        phase: 'live',
        since: now,
        resumptions: state.phase === 'connecting' ? state.resumptions : state.resumptions + 1,
      };
    case 'closed':
      return state.phase === 'live' ? { ...state, phase: 'reconnecting', since: now } : state;
    case 'networkLost':
      return state.phase === 'offline'
        ? state
        : { ...state, phase: 'offline', since: state.phase === 'live' ? now : state.since };
    case 'waited':
      return state.phase !== 'live' && state.phase !== 'offline' && now - state.since >= offlineAfterMs
        ? { ...state, phase: 'offline' }
        : state;
  }
}

let state: LinkState = { phase: 'connecting', since: Date.now(), resumptions: 0 };
const listeners = new Set<() => void>();

/** Applies an event to the one link state of this page. */
export function reportLinkEvent(event: Parameters<typeof nextLinkState>[1]): void {
  const next = nextLinkState(state, event, Date.now());
  if (next !== state) {
    state = next;
    for (const listener of listeners) {
      listener();
    }
  }
}

/** Starts again from "connecting", for a new session. */
export function resetLinkState(): void {
  state = { phase: 'connecting', since: Date.now(), resumptions: 0 };
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The live connection's state as React state. */
export function useLinkState(): LinkState {
  return useSyncExternalStore(subscribe, () => state);
}
