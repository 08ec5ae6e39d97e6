import { createRedraw } from './frameQueue';
import { type SeriesColumns, SeriesRing } from './seriesRing';

const capacity = 20_000;

export interface SeriesData extends SeriesColumns {
  metric: string;
  unit: string;
  bucketSeconds?: number | null;
}

/** The trends of one machine. Frames are merged as they arrive; listeners hear of it once per redraw. */
export class TrendStore {
  #rings = new Map<string, SeriesRing>();
  #listeners = new Set<() => void>();
  #version = 0;
  #announce = createRedraw(() => {
    this.#version += 1;
    for (const listener of this.#listeners) {
      listener();
    }
  });

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Grows with each announced change. */
  readVersion = (): number => this.#version;

  ring(metric: string): SeriesRing | undefined {
    return this.#rings.get(metric);
  }

  /** Replaces everything by a fetched window. */
  load(series: readonly SeriesData[]): void {
    this.#rings = new Map(
      series.map((item) => {
        const ring = new SeriesRing(capacity, item.bucketSeconds ? item.bucketSeconds * 1000 : null);
        ring.merge(item);
        return [item.metric, ring];
      }),
    );
    this.#announce();
  }

  /** Adds a live frame and forgets what has left the window. */
  append(series: readonly SeriesData[], windowFrom: number): void {
    for (const item of series) {
      let ring = this.#rings.get(item.metric);
      if (!ring) {
        ring = new SeriesRing(capacity);
        this.#rings.set(item.metric, ring);
      }
      ring.append(item);
      ring.dropBefore(windowFrom);
    }
    this.#announce();
  }
}
