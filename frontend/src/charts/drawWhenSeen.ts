import type uPlot from 'uplot';
import { toPlotColumns } from './gaps';
import type { SeriesRing } from './seriesRing';
import type { TrendWindow } from './trendOptions';
import type { TrendStore } from './trendStore';

const axisCheckMs = 1000;
/** New samples of a window that has not moved by a pixel change the end of the line only: that can wait this long. */
const redrawEveryMs = 1000;
/** Charts this far outside the screen are drawn too, so that scrolling finds them ready. */
const aheadMargin = '600px 0px';

interface DrawnState {
  ring: SeriesRing | undefined;
  revision: number | undefined;
  to: number;
}

/** True when a live window has moved by a pixel since it was drawn. */
export function hasMoved(drawnTo: number, { from, to }: TrendWindow, plotWidth: number): boolean {
  return plotWidth > 0 && Math.abs(to - drawnTo) >= (to - from) / plotWidth;
}

interface SeenChart {
  plot: uPlot;
  element: Element;
  store: TrendStore;
  metric: string;
  getWindow: () => TrendWindow;
}

/**
 * Redraws a chart when its window has moved by a pixel, or once a second when its metric has new samples, and only
 * while it is on the screen of a visible tab. Returns the way to stop.
 */
export function drawWhenSeen({ plot, element, store, metric, getWindow }: SeenChart): () => void {
  let isNear = true;
  let drawnAt = performance.now();
  let drawn: DrawnState = readState();
  function readState(): DrawnState {
    const ring = store.ring(metric);
    return { ring, revision: ring?.revision, to: getWindow().to };
  }
  const draw = (): void => {
    if (document.hidden || !isNear) {
      return;
    }
    const next = readState();
    const isOther = next.ring !== drawn.ring;
    const isNew = isOther || next.revision !== drawn.revision;
    const isDue = performance.now() - drawnAt >= redrawEveryMs;
    const isMoved = hasMoved(drawn.to, getWindow(), plot.bbox.width / devicePixelRatio);
    if (isOther || isMoved || (isNew && isDue)) {
      drawn = next;
      drawnAt = performance.now();
      plot.setData(isNew ? toPlotColumns(next.ring?.samples ?? []) : plot.data);
    }
  };
  const handleSight = (entries: IntersectionObserverEntry[]): void => {
    isNear = entries.at(-1)?.isIntersecting ?? true;
    draw();
  };
  const sight = new IntersectionObserver(handleSight, { rootMargin: aheadMargin });
  sight.observe(element);
  const stopListening = store.listen(draw);
  const timer = setInterval(draw, axisCheckMs);
  document.addEventListener('visibilitychange', draw);
  return () => {
    sight.disconnect();
    stopListening();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', draw);
  };
}
