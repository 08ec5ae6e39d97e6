"""Many readings to few points, so that no spike is lost: mean, minimum and maximum of each bucket.

Formulas, for the usable values v of bucket i, which covers `[start + i * width, start + (i + 1) * width)`:
mean = sum(v) / count(v), minimum = min(v), maximum = max(v). A bucket without usable values is NaN in all three.
"""

import numpy as np

from plantwright.readings.batch import Float64s, Int64s


class Buckets:
    """Running sums of one series over equal buckets; `start_ms` and `width_ms` are milliseconds."""

    def __init__(self, start_ms: int, width_ms: int, count: int) -> None:
        self.start_ms = start_ms
        self.width_ms = width_ms
        self._counts = np.zeros(count, np.int64)
        self._sums = np.zeros(count)
        self._minimums = np.full(count, np.inf)
        self._maximums = np.full(count, -np.inf)

    def add(self, time_ms: Int64s, value: Float64s) -> None:
        """Values in ascending order of time, all within the buckets."""
        if len(time_ms) == 0:
            return
        place = (time_ms - self.start_ms) // self.width_ms
        first = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
        touched = place[first]
        self._counts[touched] += np.diff(np.append(first, len(place)))
        self._sums[touched] += np.add.reduceat(value, first)
        self._minimums[touched] = np.minimum(self._minimums[touched], np.minimum.reduceat(value, first))
        self._maximums[touched] = np.maximum(self._maximums[touched], np.maximum.reduceat(value, first))

    def columns(self) -> tuple[Int64s, Float64s, Float64s, Float64s]:
        """Start times, means, minimums and maximums from the first filled bucket to the last one.

        Empty buckets between them stay as NaN, so that a gap in the data is a gap in the drawing.
        """
        filled = np.flatnonzero(self._counts)
        if len(filled) == 0:
            nothing = np.zeros(0)
            return np.zeros(0, np.int64), nothing, nothing, nothing
        span = slice(int(filled[0]), int(filled[-1]) + 1)
        counts = self._counts[span]
        is_empty = counts == 0
        times = self.start_ms + np.arange(span.start, span.stop, dtype=np.int64) * self.width_ms
        means = self._sums[span] / np.maximum(counts, 1)
        columns = (means, self._minimums[span], self._maximums[span])
        mean, minimum, maximum = (np.where(is_empty, np.nan, column) for column in columns)
        return times, mean, minimum, maximum
