import { createRedraw } from './frameQueue';
import { type SeriesColumns, SeriesRing } from './seriesRing';

const capacity = 20_000;

export interface SeriesData extends SeriesColumns {
  metric: string;
  unit: string;
  bucketSeconds?: number | null;
}

/** A reading; null where it is bad. */
export interface Reading {
  time: number;
  value: number | null;
}

/** The trends of one machine. Frames are merged as they arrive; listeners hear of it once per redraw. */
export class TrendStore {
  #rings = new Map<string, SeriesRing>();
  #listeners = new Set<() => void>();
  #latest = new Map<string, Reading>();
  #announce = createRedraw(() => {
    for (const listener of this.#listeners) {
      listener();
    }
  });

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The newest live reading as it came, also where the ring holds means; the object changes with each. */
  latest(metric: string): Reading | undefined {
    return this.#latest.get(metric);
  }

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
      this.#remember(item);
      ring.append(item);
      ring.dropBefore(windowFrom);
    }
    this.#announce();
  }

  #remember({ metric, times, values }: SeriesData): void {
    for (const [index, time] of times.entries()) {
      if (time > (this.#latest.get(metric)?.time ?? 0)) {
        this.#latest.set(metric, { time, value: values[index] ?? null });
      }
    }
  }
}
