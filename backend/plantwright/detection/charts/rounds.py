"""Puts a batch into rounds: round k holds the k-th reading of each series, so a round can be one vector operation.

A batch is taken block by block: so many series that what is computed of them stays in the cache of a core.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from plantwright.detection.charts.state import NEVER, Series
from plantwright.detection.charts.window import HOUR_MS, weight_of
from plantwright.detection.columns import Bools, Floats, Ints, some

# Squares, and sums of squares over a window, stay finite below this.
VALUE_LIMIT = 1e120
T = TypeVar("T", bound=np.generic)
BLOCK_SERIES = 4096


class ReadingBatch(msgspec.Struct, frozen=True):
    """Readings in log order, each of shape (n,).

    Attributes:
        series: row of the state.
        time_ms: event time, milliseconds since the Unix epoch.
        value: in the unit of the metric; readings of bad quality are left out by the caller.
    """

    series: npt.NDArray[np.int32]
    time_ms: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class Accepted:
    """The readings of a batch that go through the engine, series by series, in log order within a series.

    Attributes:
        place: place of each reading in the batch.
        row: row of the state.
        time: event time in milliseconds.
        value: within ±VALUE_LIMIT.
        starts: where each series begins, and the number of readings at the end.
    """

    place: Ints
    row: npt.NDArray[np.int32]
    time: Ints
    value: Floats
    starts: Ints


@dataclass(frozen=True, slots=True)
class Rounds:
    """The readings of one block.

    Lane i is the i-th busiest series, so a round is a prefix of the lanes. Arrays per reading are of shape (n,), round
    after round.

    Attributes:
        rows: row of the state of each lane, shape (lanes,).
        firsts: where each lane begins among the accepted readings.
        lasts: where each lane ends among them.
        sizes: readings per round.
        value: as accepted.
        step: value minus the value before; 0 for the first of a series.
        interval: milliseconds since the reading before; 0 for the first of a series.
        size: of the step, infinite where there is none.
        weight: see `window`.
        has_firsts: whether a series has its first reading here.
        entered: per round, the lanes that come into another hour with it, and which.
    """

    rows: Ints
    firsts: Ints
    lasts: Ints
    sizes: list[int]
    value: Floats
    step: Floats
    interval: Floats
    size: Floats
    weight: Floats
    has_firsts: bool
    entered: dict[int, tuple[Ints, Ints]]


def accept(series: Series, batch: ReadingBatch) -> Accepted:
    """Drop what is not finite or not newer than the series' last reading, and bring each series together."""
    is_finite = np.isfinite(batch.value)
    place = np.arange(len(batch.value)) if is_finite.all() else np.flatnonzero(is_finite)
    row = batch.series[place]
    if not _is_grouped(row):
        place = place[stable_order(row)]
        row = batch.series[place]
    time = batch.time_ms[place]
    is_newer = _newer(series, row, time)
    if not is_newer.all():
        place, row, time = place[is_newer], row[is_newer], time[is_newer]
    value = np.minimum(np.maximum(batch.value[place], -VALUE_LIMIT), VALUE_LIMIT)
    starts = np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(row) else np.zeros(0, np.int64)
    return Accepted(place, row, time, value, np.append(starts, len(row)))


def _is_grouped(row: npt.NDArray[np.int32]) -> bool:
    """Whether the readings of each series follow each other."""
    if not len(row):
        return True
    heads = row[1:][row[1:] != row[:-1]]
    is_rising = not len(heads) or (bool((heads[1:] > heads[:-1]).all()) and row[0] < heads[0])
    return is_rising or int(np.bincount(np.append(row[:1], heads)).max()) == 1


def stable_order(row: npt.NDArray[np.int32]) -> Ints:
    """Numbers of at least 0, sixteen bits at a time, for which numpy has a sort in linear time."""
    order = np.argsort((row & 0xFFFF).astype(np.uint16), kind="stable")
    high = (row >> 16).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


def _newer(series: Series, row: npt.NDArray[np.int32], time: Ints) -> Bools:
    """Which readings are newer than every earlier one of their series; the readings of a series follow each other."""
    is_head, newer = np.ones(len(row), np.bool_), np.ones(len(row), np.bool_)
    np.not_equal(row[1:], row[:-1], out=is_head[1:])
    np.greater(time[1:], time[:-1], out=newer[1:])
    newer |= is_head
    heads = np.flatnonzero(is_head)
    if newer.all() and (time[heads] > series.last_time[row[heads]]).all():
        return newer
    # Series first, then rank of the time: the running maximum of this key starts afresh with each series.
    rank = np.unique(time, return_inverse=True)[1]
    key = np.cumsum(is_head) * (len(row) + 1) + rank
    newer[1:] = key[1:] > np.maximum.accumulate(key)[:-1]
    return newer & (time > series.last_time[row])


def arranged(series: Series, accepted: Accepted) -> Iterator[Rounds]:
    """The blocks of what was accepted; `series` is the state before it."""
    for first in range(0, len(accepted.starts) - 1, BLOCK_SERIES):
        yield _arrange(series, accepted, accepted.starts[first : first + BLOCK_SERIES + 1])


def _arrange(series: Series, accepted: Accepted, bounds: Ints) -> Rounds:
    span = slice(int(bounds[0]), int(bounds[-1]))
    starts, counts = bounds[:-1] - bounds[0], np.diff(bounds)
    rows = accepted.row[bounds[:-1]].astype(np.int64)
    time, value = accepted.time[span], accepted.value[span]
    interval, step = _differences(series, rows, time, value, starts)
    most = int(counts.max())
    if most == int(counts.min()):
        by_length, sizes, into = np.arange(len(rows)), [len(rows)] * most, None
    else:
        by_length = np.argsort(-counts, kind="stable")
        sizes, into = _places(starts, counts, by_length)

    def in_rounds(column: npt.NDArray[T]) -> npt.NDArray[T]:
        if into is None:
            return np.ascontiguousarray(column.reshape(len(rows), most).T).reshape(-1)
        return column[into]

    intervals, steps = in_rounds(interval).astype(np.float64), in_rounds(step)
    size = np.abs(steps)
    size[size == 0.0] = np.inf
    return Rounds(
        rows=rows[by_length],
        firsts=bounds[:-1][by_length],
        lasts=bounds[1:][by_length] - 1,
        sizes=sizes,
        value=in_rounds(value),
        step=steps,
        interval=intervals,
        size=size,
        weight=weight_of(intervals),
        has_firsts=some(series.last_time[rows] == NEVER),
        entered=_entered(series, rows, time, starts, by_length),
    )


def _places(starts: Ints, counts: Ints, by_length: Ints) -> tuple[list[int], Ints]:
    """Readings per round, and where each place of the rounds takes its reading from."""
    lane_of_group = np.empty_like(by_length)
    lane_of_group[by_length] = np.arange(len(by_length))
    total = int(counts.sum())
    turn = np.arange(total) - np.repeat(starts, counts)
    sizes = np.bincount(turn)
    at = np.cumsum(sizes) - sizes
    into = np.empty(total, dtype=np.int64)
    into[at[turn] + np.repeat(lane_of_group, counts)] = np.arange(total)
    return sizes.tolist(), into


def _differences(series: Series, rows: Ints, time: Ints, value: Floats, starts: Ints) -> tuple[Ints, Floats]:
    interval, step = np.empty_like(time), np.empty_like(value)
    np.subtract(time[1:], time[:-1], out=interval[1:])
    np.subtract(value[1:], value[:-1], out=step[1:])
    before = series.last_time[rows]
    known = before != NEVER
    interval[starts] = np.where(known, time[starts] - before, 0)
    step[starts] = np.where(known, value[starts] - series.last_value[rows], 0.0)
    return interval, step


def _entered(series: Series, rows: Ints, time: Ints, starts: Ints, by_length: Ints) -> dict[int, tuple[Ints, Ints]]:
    hour = time // HOUR_MS
    is_other = np.empty(len(hour), np.bool_)
    np.not_equal(hour[1:], hour[:-1], out=is_other[1:])
    is_other[starts] = hour[starts] != series.hour[rows]
    places = np.flatnonzero(is_other)
    if not len(places):
        return {}
    group = np.searchsorted(starts, places, side="right") - 1
    lane_of_group = np.empty_like(by_length)
    lane_of_group[by_length] = np.arange(len(by_length))
    lanes, turns, hours = lane_of_group[group], places - starts[group], hour[places]
    order = np.argsort(turns, kind="stable")
    lanes, turns, hours = lanes[order], turns[order], hours[order]
    cuts = np.flatnonzero(np.append(True, turns[1:] != turns[:-1]))
    ends = np.append(cuts[1:], len(turns))
    return {int(turns[low]): (lanes[low:high], hours[low:high]) for low, high in zip(cuts, ends, strict=True)}
