"""Puts a batch into rounds: round k holds the k-th reading of each series, so a round can be one vector operation."""

from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from plantwright.detection.columns import Bools, Floats, Ints
from plantwright.detection.state import NEVER, Series
from plantwright.detection.window import HOUR_MS, weight_of

# Squares, and sums of squares over a window, stay finite below this.
VALUE_LIMIT = 1e120


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
class Rounds:
    """The accepted readings, shape (n,), round after round.

    Within a round, lane i is the i-th busiest series of the batch, so a round is a prefix of the lanes.

    Attributes:
        rows: row of the state of each lane, shape (lanes,).
        sizes: readings per round.
        starts: index of the first reading of each round, one more at the end.
        lane: lane of each reading.
        position: place of each reading in the batch.
        time: event time in milliseconds.
        value: as sent, within ±VALUE_LIMIT.
        step: value minus the value before; 0 for the first of a series.
        interval: milliseconds since the reading before; 0 for the first of a series.
        weight: see `window`.
        hour: hours since the epoch.
    """

    rows: Ints
    sizes: list[int]
    starts: list[int]
    lane: Ints
    position: Ints
    time: Ints
    value: Floats
    step: Floats
    interval: Floats
    weight: Floats
    hour: Ints

    def of_lane(self, lane: int) -> list[int]:
        """Indices of the readings of a lane in order."""
        return [start + lane for start, size in zip(self.starts, self.sizes, strict=False) if lane < size]


def arrange(series: Series, batch: ReadingBatch) -> Rounds:
    """Drop what is not finite or not newer than the series' last reading, and put the rest into rounds."""
    position = _accepted(series, batch)
    row = batch.series[position].astype(np.int64)
    time = batch.time_ms[position]
    value = np.minimum(np.maximum(batch.value[position], -VALUE_LIMIT), VALUE_LIMIT)
    first = np.ones(len(row), dtype=np.bool_)
    first[1:] = row[1:] != row[:-1]
    interval, step = _differences(series, row, time, value, first)
    group_starts = np.flatnonzero(first)
    counts = np.diff(np.append(group_starts, len(row)))
    by_length = np.argsort(-counts, kind="stable")
    lane_of_group = np.empty_like(by_length)
    lane_of_group[by_length] = np.arange(len(by_length))
    turn = np.arange(len(row)) - np.repeat(group_starts, counts)
    lane = np.repeat(lane_of_group, counts)
    sizes = np.bincount(turn)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    into = np.empty(len(row), dtype=np.int64)
    into[starts[turn] + lane] = np.arange(len(row))
    return Rounds(
        rows=row[group_starts][by_length],
        sizes=sizes.tolist(),
        starts=starts.tolist(),
        lane=lane[into],
        position=position[into],
        time=time[into],
        value=value[into],
        step=step[into],
        interval=interval[into].astype(np.float64),
        weight=weight_of(interval[into]),
        hour=time[into] // HOUR_MS,
    )


def _accepted(series: Series, batch: ReadingBatch) -> Ints:
    """Positions of the accepted readings, series by series, in log order within a series."""
    position = np.flatnonzero(np.isfinite(batch.value))
    position = position[np.argsort(batch.series[position], kind="stable")]
    row, time = batch.series[position].astype(np.int64), batch.time_ms[position]
    # Series first, then rank of the time: the running maximum of this key starts afresh with each series.
    rank = np.unique(time, return_inverse=True)[1]
    key = row * (len(row) + 1) + rank
    newer: Bools = np.ones(len(row), dtype=np.bool_)
    newer[1:] = key[1:] > np.maximum.accumulate(key)[:-1]
    return position[newer & (time > series.last_time[row])]


def _differences(series: Series, row: Ints, time: Ints, value: Floats, first: Bools) -> tuple[Ints, Floats]:
    before_time, before_value = np.empty_like(time), np.empty_like(value)
    before_time[1:], before_value[1:] = time[:-1], value[:-1]
    before_time[first] = series.last_time[row[first]]
    before_value[first] = series.last_value[row[first]]
    known = before_time != NEVER
    return np.where(known, time - before_time, 0), np.where(known, value - before_value, 0.0)
