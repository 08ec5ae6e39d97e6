export interface Throttle {
  call: () => void;
  cancel: () => void;
}

/** Runs at once, then at most once per interval; calls in between become one call at its end. */
export function createThrottle(action: () => void, intervalMs: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;
  const handleEnd = (): void => {
    timer = undefined;
    if (isPending) {
      isPending = false;
      run();
    }
  };
  const run = (): void => {
    timer = setTimeout(handleEnd, intervalMs);
    action();
  };
  return {
    call: () => {
      if (timer === undefined) {
        run();
      } else {
        isPending = true;
      }
    },
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
      isPending = false;
    },
  };
}
