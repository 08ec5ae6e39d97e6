import { useEffect, useRef } from 'react';

/** Repeats an action while the tab is visible, and once when it becomes visible again. */
export function usePolling(action: () => void, intervalMs: number): void {
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => {
    const run = (): void => {
      if (document.visibilityState === 'visible') {
        latest.current();
      }
    };
    const timer = setInterval(run, intervalMs);
    document.addEventListener('visibilitychange', run);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', run);
    };
  }, [intervalMs]);
}
