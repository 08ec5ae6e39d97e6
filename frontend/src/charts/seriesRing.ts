/** Columns as the API sends them: times in ms, null where there is no value. */
export interface SeriesColumns {
  times: readonly number[];
  values: readonly (number | null)[];
  minimums?: readonly (number | null)[] | null;
  maximums?: readonly (number | null)[] | null;
}

export interface Sample {
  time: number;
  value: number | null;
  minimum: number | null;
  maximum: number | null;
}

/**
 * The samples of one metric in a window, oldest first.
 *
 * - times rise strictly: a sample that comes twice is kept once, the later arrival wins;
 * - never more than `capacity` samples: the oldest go first;
 * - with `bucketMs` live samples are folded into buckets of that width, so a long window stays light.
 */
export class SeriesRing {
  #samples: Sample[] = [];
  #revision = 0;
  #tail: { start: number; sum: number; count: number } | null = null;

  constructor(
    readonly capacity: number,
    readonly bucketMs: number | null = null,
  ) {}

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Grows with each change of the samples that a chart must draw. */
  get revision(): number {
    return this.#revision;
  }

  get latest(): Sample | undefined {
    return this.#samples.at(-1);
  }

  /** Takes rows as they are: history, or live rows of a raw window. */
  merge(columns: SeriesColumns): void {
    const all = toSamples(columns);
    // A bucket without readings is no sample: the usual distance says whether a line may join over it.
    const rows = this.bucketMs === null ? all : all.filter(({ value }) => value !== null);
    this.#revision += 1;
    const last = this.latest;
    const first = rows[0];
    if (!first) {
      return;
    }
    if (!last || first.time > last.time) {
      this.#samples.push(...rows);
    } else {
      const byTime = new Map(this.#samples.map((sample) => [sample.time, sample]));
      for (const row of rows) {
        byTime.set(row.time, row);
      }
      this.#samples = [...byTime.values()].sort((a, b) => a.time - b.time);
    }
    this.#keepCapacity();
  }

  /** Takes live rows: as they are, or folded into the last bucket. */
  append(columns: SeriesColumns): void {
    if (this.bucketMs === null) {
      this.merge(columns);
      return;
    }
    this.#revision += 1;
    for (const row of toSamples(columns)) {
      this.#fold(row, this.bucketMs);
    }
    this.#keepCapacity();
  }

  /** Forgets samples before a time, except the last of them: a line may come in from the left. */
  dropBefore(time: number): void {
    const firstInside = this.#samples.findIndex((sample) => sample.time >= time);
    if (firstInside > 1) {
      this.#samples.splice(0, firstInside - 1);
    }
  }

  #fold(row: Sample, bucketMs: number): void {
    const last = this.latest;
    const { time, value } = row;
    if (value === null || (last && time < last.time)) {
      return;
    }
    if (!last || time >= last.time + bucketMs) {
      const start = last ? last.time + Math.floor((time - last.time) / bucketMs) * bucketMs : time;
      this.#tail = { start, sum: value, count: 1 };
      this.#samples.push({ time: start, value, minimum: value, maximum: value });
      return;
    }
    const tail = this.#tail?.start === last.time ? this.#tail : null;
    if (tail) {
      tail.sum += value;
      tail.count += 1;
    }
    this.#samples[this.#samples.length - 1] = {
      time: last.time,
      // The mean of a bucket that began on the server stays the server's until the next fetch.
      value: tail ? tail.sum / tail.count : last.value,
      minimum: Math.min(last.minimum ?? value, value),
      maximum: Math.max(last.maximum ?? value, value),
    };
  }

  #keepCapacity(): void {
    const surplus = this.#samples.length - this.capacity;
    if (surplus > 0) {
      this.#samples.splice(0, surplus);
    }
  }
}

function toSamples({ times, values, minimums, maximums }: SeriesColumns): Sample[] {
  return times
    .map((time, index) => {
      const value = values[index] ?? null;
      return { time, value, minimum: minimums?.[index] ?? value, maximum: maximums?.[index] ?? value };
    })
    .sort((a, b) => a.time - b.time);
}
