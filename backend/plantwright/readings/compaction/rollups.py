"""Readings to buckets of minutes, hours and days.

Formulas, for the usable values v of a bucket in order of time (quality not bad; of several readings of one time the
latest flush counts): count = number of v, sum = sum(v), minimum = min(v), maximum = max(v), last = the last v;
mean = sum / count. Several buckets make a larger one: counts and sums are added, extremes compared, and the last of
the last one taken. A bucket without usable readings does not exist.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plantwright.readings.arrays import Float64s, Int32s, Int64s
from plantwright.readings.columns import LogSlice, settle_duplicates, usable

MINUTE, HOUR, DAY = 60, 3_600, 86_400
_HOUR_MS = HOUR * 1000
# Minutes since 1970 fit 32 bits until the year 10136.
_PLACE_BITS = 32
_PLACE_MASK = 2**_PLACE_BITS - 1


@dataclass(frozen=True, slots=True)
class Rollups:
    """Buckets of one width, sorted by series and start, each once; a column each. `start_ms` since 1970."""

    seconds: int
    series: Int32s
    start_ms: Int64s
    counts: Int64s
    lasts: Float64s
    sums: Float64s
    minimums: Float64s
    maximums: Float64s

    def __len__(self) -> int:
        return len(self.series)

    @classmethod
    def none(cls, seconds: int) -> "Rollups":
        whole, real = np.zeros(0, np.int64), np.zeros(0)
        return cls(seconds, np.zeros(0, np.int32), whole, whole, real, real, real, real)

    def at(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> "Rollups":
        return Rollups(
            self.seconds,
            self.series[places],
            self.start_ms[places],
            self.counts[places],
            self.lasts[places],
            self.sums[places],
            self.minimums[places],
            self.maximums[places],
        )

    def spans(self, seconds: int) -> "Spans":
        """The periods of this length that have a bucket here."""
        return Spans.of(self.series, self.start_ms, seconds)


@dataclass(frozen=True, slots=True)
class Spans:
    """Periods of series: minutes, hours or days that begin at `start_ms`; sorted, each once."""

    seconds: int
    series: Int32s
    start_ms: Int64s

    def __len__(self) -> int:
        return len(self.series)

    @classmethod
    def of(cls, series: Int32s, time_ms: Int64s, seconds: int) -> "Spans":
        width = seconds * 1000
        keys = np.unique(_keys(series, time_ms // width))
        return cls(seconds, (keys >> _PLACE_BITS).astype(np.int32), (keys & _PLACE_MASK) * width)

    def where(self, keep: NDArray[np.bool_]) -> "Spans":
        return Spans(self.seconds, self.series[keep], self.start_ms[keep])

    def widened(self, seconds: int) -> "Spans":
        """The longer periods that these lie in."""
        return Spans.of(self.series, self.start_ms, seconds)

    def contain(self, series: Int32s, time_ms: Int64s) -> NDArray[np.bool_]:
        """Which of these moments lie within one of the periods."""
        width = self.seconds * 1000
        return np.isin(_keys(series, time_ms // width), _keys(self.series, self.start_ms // width))


@dataclass(frozen=True, slots=True)
class RollupRow:
    """One row of `rollup` without its tenant; the last three are None where they equal `lasts` throughout."""

    seconds: int
    series_id: int
    start_ms: int
    places: list[int]
    counts: list[int]
    lasts: list[float]
    sums: list[float] | None
    minimums: list[float] | None
    maximums: list[float] | None


def minutes_of(readings: LogSlice) -> Rollups:
    """Minute buckets of readings in flush order."""
    settled = settle_duplicates(readings)
    keep = usable(settled.quality)
    value, counts = settled.value[keep], np.ones(int(keep.sum()), np.int64)
    single = Rollups(0, settled.series[keep], settled.time_ms[keep], counts, value, value, value, value)
    return coarsen(single, MINUTE)


def coarsen(buckets: Rollups, seconds: int) -> Rollups:
    """Buckets of a multiple of the width."""
    if len(buckets) == 0:
        return Rollups.none(seconds)
    width = seconds * 1000
    place = buckets.start_ms // width
    starts_new = np.ones(len(place), np.bool_)
    starts_new[1:] = (place[1:] != place[:-1]) | (buckets.series[1:] != buckets.series[:-1])
    first = np.flatnonzero(starts_new)
    last = np.append(first[1:], len(place)) - 1
    # Sums beyond the largest double become infinite, as the mean of such values would.
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.add.reduceat(buckets.sums, first)
    return Rollups(
        seconds,
        buckets.series[first],
        place[first] * width,
        np.add.reduceat(buckets.counts, first),
        buckets.lasts[last],
        sums,
        np.minimum.reduceat(buckets.minimums, first),
        np.maximum.reduceat(buckets.maximums, first),
    )


def replace(existing: Rollups, replaced: Spans, by: Rollups) -> Rollups:
    """`existing` with the buckets of the replaced periods taken out and the new ones put in."""
    kept = existing.at(~replaced.contain(existing.series, existing.start_ms))
    both = Rollups(
        by.seconds,
        np.concatenate((kept.series, by.series)),
        np.concatenate((kept.start_ms, by.start_ms)),
        np.concatenate((kept.counts, by.counts)),
        np.concatenate((kept.lasts, by.lasts)),
        np.concatenate((kept.sums, by.sums)),
        np.concatenate((kept.minimums, by.minimums)),
        np.concatenate((kept.maximums, by.maximums)),
    )
    return both.at(np.lexsort((both.start_ms, both.series)))


@dataclass(frozen=True, slots=True)
class Kept:
    """What is not touched any more, since what it was made of may be gone: hours and days that begin before these
    times (milliseconds since 1970) and have a bucket.
    """

    hours_before_ms: int
    days_before_ms: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """All buckets of the rows that change, by width; rows of `keys` (series, start) that have none are to go."""

    buckets: Sequence[Rollups]
    keys: Sequence[Sequence[tuple[int, int]]]


def renew(readings: LogSlice, hours: Rollups, days: Rollups, kept: Kept) -> Renewal:
    """The rollups after the hours of these readings were merged.

    Args:
        readings: all readings of the hours that were merged, those of the same time in flush order.
        hours: the hour buckets that the rows of these hours' days hold now.
        days: the day buckets that the rows of these hours' months hold now.
        kept: from when on buckets may be renewed.
    """
    touched = Spans.of(readings.series, readings.time_ms, HOUR)
    is_lasting = (touched.start_ms < kept.hours_before_ms) & hours.spans(HOUR).contain(touched.series, touched.start_ms)
    touched = touched.where(~is_lasting)
    minutes = minutes_of(readings)
    minutes = minutes.at(touched.contain(minutes.series, minutes.start_ms))
    new_hours = replace(hours, touched, coarsen(minutes, HOUR))
    touched_days = touched.widened(DAY)
    is_lasting = (touched_days.start_ms < kept.days_before_ms) & days.spans(DAY).contain(
        touched_days.series, touched_days.start_ms
    )
    touched_days = touched_days.where(~is_lasting)
    renewed_days = coarsen(new_hours, DAY)
    renewed_days = renewed_days.at(touched_days.contain(renewed_days.series, renewed_days.start_ms))
    return Renewal(
        buckets=(minutes, new_hours, replace(days, touched_days, renewed_days)),
        keys=(
            row_keys(touched.series, touched.start_ms, MINUTE),
            row_keys(touched.series, touched.start_ms, HOUR),
            row_keys(touched_days.series, touched_days.start_ms, DAY),
        ),
    )


def row_start(start_ms: Int64s, seconds: int) -> Int64s:
    """Where the row begins that holds a bucket: its hour, day or month (UTC)."""
    unit = {MINUTE: "h", HOUR: "D", DAY: "M"}[seconds]
    starts: Int64s = start_ms.astype("M8[ms]").astype(f"M8[{unit}]").astype("M8[ms]").astype(np.int64)
    return starts


def row_keys(series: Int32s, time_ms: Int64s, seconds: int) -> list[tuple[int, int]]:
    """Series and start of the rows that hold the buckets of this width at these times; sorted, each once."""
    keys = np.unique(_keys(series, row_start(time_ms, seconds) // _HOUR_MS))
    return list(zip((keys >> _PLACE_BITS).tolist(), ((keys & _PLACE_MASK) * _HOUR_MS).tolist(), strict=True))


def to_rows(buckets: Rollups) -> Iterator[RollupRow]:
    """All buckets of a row go into it: a row that is replaced has to be given whole."""
    if len(buckets) == 0:
        return
    starts = row_start(buckets.start_ms, buckets.seconds)
    places = (buckets.start_ms - starts) // (buckets.seconds * 1000)
    starts_new = np.ones(len(starts), np.bool_)
    starts_new[1:] = (starts[1:] != starts[:-1]) | (buckets.series[1:] != buckets.series[:-1])
    first = np.flatnonzero(starts_new)
    columns = [_unless_equal(column, buckets.lasts, first) for column in (buckets.sums, buckets.minimums)]
    columns.append(_unless_equal(buckets.maximums, buckets.lasts, first))
    for place, (low, high) in enumerate(pairwise(np.append(first, len(starts)).tolist())):
        yield RollupRow(
            buckets.seconds,
            int(buckets.series[low]),
            int(starts[low]),
            places[low:high].tolist(),
            buckets.counts[low:high].tolist(),
            buckets.lasts[low:high].tolist(),
            *(column[low:high].tolist() if is_own[place] else None for column, is_own in columns),
        )


def from_rows(seconds: int, rows: Sequence[RollupRow]) -> Rollups:
    """The buckets of rows, in any order of these."""
    if not rows:
        return Rollups.none(seconds)
    sizes = [len(row.places) for row in rows]
    places = np.concatenate([np.array(row.places, np.int64) for row in rows])
    starts = np.repeat(np.array([row.start_ms for row in rows], np.int64), sizes)
    buckets = Rollups(
        seconds,
        np.repeat(np.array([row.series_id for row in rows], np.int32), sizes),
        starts + places * (seconds * 1000),
        np.concatenate([np.array(row.counts, np.int64) for row in rows]),
        np.concatenate([np.array(row.lasts, np.float64) for row in rows]),
        *(
            np.concatenate([np.array(row.lasts if column is None else column, np.float64) for row, column in given])
            for given in (
                [(row, row.sums) for row in rows],
                [(row, row.minimums) for row in rows],
                [(row, row.maximums) for row in rows],
            )
        ),
    )
    return buckets.at(np.lexsort((buckets.start_ms, buckets.series)))


def _unless_equal(column: Float64s, lasts: Float64s, first: NDArray[np.intp]) -> tuple[Float64s, list[bool]]:
    """The column, and for each row whether it differs from `lasts` in any bucket."""
    return column, np.logical_or.reduceat(column != lasts, first).tolist()


def _keys(series: Int32s, place: Int64s) -> Int64s:
    """Series and number of a period since 1970 in one integer, which sorts like both."""
    keys: Int64s = series.astype(np.int64) << _PLACE_BITS | place
    return keys
