"""Rows of the log to merged rows: the readings of one series within one UTC hour, in order of time.

Exact: every reading is kept with its bits, its quality and its flush order among those of the same time. A merged row
carries the highest flush of its sources, so it is correct to merge all rows of an hour up to a flush, and wrong to
merge some of them and leave an earlier one out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plantwright.readings.arrays import Float64s, Int8s, Int32s, Int64s
from plantwright.readings.columns import LogSlice
from plantwright.readings.models import Level

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class StoredReadings:
    """Readings as the log holds them, and the flush of the row that each lies in; rows in any order."""

    readings: LogSlice
    flush_id: Int64s

    def __len__(self) -> int:
        return len(self.flush_id)

    def only(self, keep: NDArray[np.bool_]) -> "StoredReadings":
        readings = self.readings
        kept = LogSlice(
            readings.position,
            readings.series[keep],
            readings.time_ms[keep],
            readings.value[keep],
            readings.quality[keep],
        )
        return StoredReadings(kept, self.flush_id[keep])


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `segment` without its tenant; exactly one of `offsets` and `period` is there."""

    series_id: int
    start_ms: int
    flush_id: int
    offsets: list[int] | None
    period: int | None
    values: list[float]
    quality: list[int] | None
    level: Level


@dataclass(frozen=True, slots=True)
class MergedRows:
    """Row i holds the readings `first[i]:first[i + 1]` of the columns; sorted by series and time."""

    first: Int64s
    series: Int32s
    time_ms: Int64s
    value: Float64s
    quality: Int8s
    flush_id: Int64s
    level: Level

    def __len__(self) -> int:
        return len(self.first) - 1

    def readings(self) -> LogSlice:
        """The readings; of the same series and time the one that came latest is the last."""
        return LogSlice(0, self.series, self.time_ms, self.value, self.quality)

    def rows(self) -> Iterator[Row]:
        begin = self.first[:-1]
        if len(begin) == 0:
            return
        starts = self.time_ms[begin].tolist()
        series = self.series[begin].tolist()
        flushes = np.maximum.reduceat(self.flush_id, begin).tolist()
        is_good = (np.maximum.reduceat(self.quality, begin) == 0).tolist()
        periods = _periods(self.time_ms, begin)
        for place, (low, high) in enumerate(pairwise(self.first.tolist())):
            period = periods[place]
            yield Row(
                series_id=series[place],
                start_ms=starts[place],
                flush_id=flushes[place],
                offsets=None if period is not None else (self.time_ms[low:high] - starts[place]).tolist(),
                period=period,
                values=self.value[low:high].tolist(),
                quality=None if is_good[place] else self.quality[low:high].tolist(),
                level=self.level,
            )


def merge_hours(stored: StoredReadings, level: Level) -> MergedRows:
    """One row per series and hour."""
    readings = stored.readings
    order = np.lexsort((stored.flush_id, readings.time_ms, readings.series))
    return _cut(stored, order, level)


def split_hours(stored: StoredReadings) -> MergedRows:
    """One row per series, hour and flush: rows that reach over the end of an hour are cut there, and nothing else."""
    readings = stored.readings
    order = np.lexsort((readings.time_ms, stored.flush_id, readings.time_ms // HOUR_MS, readings.series))
    return _cut(stored, order, Level.FLUSH)


def _cut(stored: StoredReadings, order: NDArray[np.intp], level: Level) -> MergedRows:
    readings = stored.readings
    series, time_ms, flush_id = readings.series[order], readings.time_ms[order], stored.flush_id[order]
    hour = time_ms // HOUR_MS
    starts_new = np.ones(len(order), np.bool_)
    starts_new[1:] = (series[1:] != series[:-1]) | (hour[1:] != hour[:-1])
    if level is Level.FLUSH:
        starts_new[1:] |= flush_id[1:] != flush_id[:-1]
    return MergedRows(
        first=np.append(np.flatnonzero(starts_new), len(order)),
        series=series,
        time_ms=time_ms,
        value=readings.value[order],
        quality=readings.quality[order],
        flush_id=flush_id,
        level=level,
    )


def _periods(time_ms: Int64s, begin: Int64s) -> list[int | None]:
    """The constant step of each row in milliseconds, 0 for a single reading; None where steps differ."""
    step = np.diff(time_ms, prepend=time_ms[:1])
    # The first step of a row is no step of its own: it gets the second one's, or 0 in a row of one reading.
    has_second = np.diff(np.append(begin, len(time_ms))) > 1
    step[begin] = np.where(has_second, step[np.minimum(begin + 1, len(time_ms) - 1)], 0)
    lowest, highest = np.minimum.reduceat(step, begin), np.maximum.reduceat(step, begin)
    return [low if low == high else None for low, high in zip(lowest.tolist(), highest.tolist(), strict=True)]
