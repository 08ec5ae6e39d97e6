interface FrameClock {
  now: () => number;
  schedule: (action: () => void) => void;
}

const browserClock: FrameClock = {
  now: () => performance.now(),
  schedule: (action) => {
    requestAnimationFrame(action);
  },
};

/** No more than ten redraws a second: eyes do not read faster. */
export const redrawEveryMs = 100;

/** Turns many requests into one redraw per animation frame, and at most one per `redrawEveryMs`. */
export function createRedraw(draw: () => void, clock: FrameClock = browserClock): () => void {
  let isScheduled = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const handleFrame = (): void => {
    if (clock.now() - drawnAt < redrawEveryMs) {
      clock.schedule(handleFrame);
      return;
    }
    isScheduled = false;
    drawnAt = clock.now();
    draw();
  };
  return () => {
    if (!isScheduled) {
      isScheduled = true;
      clock.schedule(handleFrame);
    }
  };
}
