import { useSyncExternalStore } from 'react';

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function readNow(): number {
  // Without the timer the value may be old; it must stay the same over the calls of one render.
  if (timer === undefined && Date.now() - now >= 1000) {
    now = Date.now();
  }
  return now;
}

/** The time in ms, renewed once a second by one shared timer. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, readNow);
}
