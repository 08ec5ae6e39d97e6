"""Many readings to few points, so that no spike is lost: mean, minimum and maximum of each bucket.

Formulas, for the usable values v of a bucket, whether they come singly or summed up before:
mean = sum(v) / count(v), minimum = min(v), maximum = max(v). A bucket without usable values is NaN in all three.
"""

from dataclasses import dataclass

import numpy as np

from plantwright.readings.arrays import Float64s, Int64s
from plantwright.readings.query.plan import Grid


@dataclass(frozen=True, slots=True)
class Summaries:
    """Usable values of several series, summed up: `lane` is the place of the series, `time_ms` where each begins.

    A single reading is its own sum, minimum and maximum.
    """

    lane: Int64s
    time_ms: Int64s
    counts: Int64s
    sums: Float64s
    minimums: Float64s
    maximums: Float64s


class Buckets:
    """Running sums of several series over the same grid."""

    def __init__(self, grid: Grid, lanes: int) -> None:
        self.grid = grid
        size = lanes * grid.count
        self._counts = np.zeros(size, np.int64)
        self._sums = np.zeros(size)
        self._minimums = np.full(size, np.inf)
        self._maximums = np.full(size, -np.inf)

    def add(self, given: Summaries) -> None:
        """Summaries within the grid, each wholly within a bucket; quickest in order of lane and time."""
        if len(given.lane) == 0:
            return
        place = given.lane * self.grid.count + (given.time_ms - self.grid.start_ms) // self.grid.width_ms
        first = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
        touched = place[first]
        np.add.at(self._counts, touched, np.add.reduceat(given.counts, first))
        # Sums beyond the largest double have no mean.
        with np.errstate(over="ignore", invalid="ignore"):
            np.add.at(self._sums, touched, np.add.reduceat(given.sums, first))
        np.minimum.at(self._minimums, touched, np.minimum.reduceat(given.minimums, first))
        np.maximum.at(self._maximums, touched, np.maximum.reduceat(given.maximums, first))

    def columns(self, lane: int) -> tuple[Int64s, Float64s, Float64s, Float64s]:
        """Start times, means, minimums and maximums of a series from its first filled bucket to its last one.

        Empty buckets between them stay as NaN, so that a gap in the data is a gap in the drawing.
        """
        offset = lane * self.grid.count
        filled = np.flatnonzero(self._counts[offset : offset + self.grid.count])
        if len(filled) == 0:
            nothing = np.zeros(0)
            return np.zeros(0, np.int64), nothing, nothing, nothing
        first, last = int(filled[0]), int(filled[-1]) + 1
        span = slice(offset + first, offset + last)
        counts = self._counts[span]
        is_empty = counts == 0
        times = self.grid.start_ms + np.arange(first, last, dtype=np.int64) * self.grid.width_ms
        means = self._sums[span] / np.maximum(counts, 1)
        columns = (means, self._minimums[span], self._maximums[span])
        mean, minimum, maximum = (np.where(is_empty, np.nan, column) for column in columns)
        return times, mean, minimum, maximum
