interface Count {
  at: number;
  readings: number;
}

const longestMs = 60_000;
const quietMs = 30_000;

/**
 * How fast the counts of stored readings grow, seen over the last minute.
 *
 * The server counts in strides of some seconds, so it is measured from one growth to another.
 */
export class Rates {
  private readonly counts = new Map<string, Count[]>();

  /** Notes a count; `at` in ms. A count that fell belongs to a source that was made anew. */
  note(id: string, readings: number, at: number): void {
    const known = this.counts.get(id)?.filter((count) => count.readings <= readings) ?? [];
    const recent = known.filter((count) => at - count.at <= longestMs);
    this.counts.set(id, [...recent, { at, readings }]);
  }

  /** Readings per minute; null until that can be said. */
  perMinute(id: string): number | null {
    const counts = this.counts.get(id) ?? [];
    const growths = counts.filter((count, place) => {
      const before = counts[place - 1];
      return before !== undefined && count.readings > before.readings;
    });
    const [first, last] = [counts[0], counts.at(-1)];
    const newest = growths.at(-1);
    if (!first || !last) {
      return null;
    }
    if (newest && growths[0] && newest !== growths[0] && last.at - newest.at < quietMs) {
      return slope(growths[0], newest);
    }
    return last.at - first.at >= quietMs ? slope(first, last) : null;
  }
}

function slope(from: Count, to: Count): number {
  return ((to.readings - from.readings) / (to.at - from.at)) * 60_000;
}
