"""Columns of readings as consumers and queries get them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from plantwright.readings.arrays import Float64s, Int8s, Int32s, Int64s
from plantwright.readings.models import Quality

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LogSlice:
    """Readings between two positions of a tenant's log, a column each.

    Order: flush, then series, then time; readings of the same series and time stay in the order in which they came.
    `position` is what to ask from the next time; `time_ms` are milliseconds since 1970.
    """

    position: int
    series: Int32s
    time_ms: Int64s
    value: Float64s
    quality: Int8s

    def __len__(self) -> int:
        return len(self.series)

    def only(self, series_ids: Sequence[int]) -> "LogSlice":
        """The same positions with only the readings of these series."""
        return self.where(np.isin(self.series, np.array(series_ids, np.int32)))

    def where(self, keep: NDArray[np.bool_] | Int64s) -> "LogSlice":
        return LogSlice(self.position, self.series[keep], self.time_ms[keep], self.value[keep], self.quality[keep])

    def between(self, low: int, high: int) -> "LogSlice":
        """The readings at these places."""
        span = slice(low, high)
        return LogSlice(self.position, self.series[span], self.time_ms[span], self.value[span], self.quality[span])

    @classmethod
    def joined(cls, parts: Sequence["LogSlice"]) -> "LogSlice":
        """The parts one after the other, at no position."""
        return cls(
            0,
            np.concatenate([np.zeros(0, np.int32), *(part.series for part in parts)]),
            np.concatenate([np.zeros(0, np.int64), *(part.time_ms for part in parts)]),
            np.concatenate([np.zeros(0), *(part.value for part in parts)]),
            np.concatenate([np.zeros(0, np.int8), *(part.quality for part in parts)]),
        )


def settle_duplicates(readings: LogSlice) -> LogSlice:
    """One reading per series and time, sorted by both: of several the last one, which came latest, counts."""
    order = np.lexsort((readings.time_ms, readings.series))
    series, time_ms = readings.series[order], readings.time_ms[order]
    is_last = np.ones(len(order), np.bool_)
    is_last[:-1] = (series[1:] != series[:-1]) | (time_ms[1:] != time_ms[:-1])
    kept = order[is_last]
    return LogSlice(
        readings.position, readings.series[kept], readings.time_ms[kept], readings.value[kept], readings.quality[kept]
    )


def usable(quality: Int8s) -> NDArray[np.bool_]:
    """Which readings may be drawn and averaged: bad ones may not."""
    is_usable: NDArray[np.bool_] = quality != Quality.BAD
    return is_usable


def milliseconds_from(bound: datetime) -> int:
    """The first whole millisecond since 1970 at or after a bound of a window; readings carry whole milliseconds."""
    return -(-((bound - _EPOCH) // timedelta(microseconds=1)) // 1000)
