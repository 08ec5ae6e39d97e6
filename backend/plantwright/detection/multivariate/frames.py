"""From readings of single metrics to frames: what all metrics of a machine were at one time.

A frame lies at each time at which a metric of the machine was read. The others stand in it with their last reading, as
long as that is fresh: not older than ten seconds or five of the metric's usual intervals.

The k-th frames of all machines make one round, so that a round is one vector operation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plantwright.detection.charts.state import NEVER
from plantwright.detection.charts.window import followed
from plantwright.detection.columns import Bools, Floats, Ints
from plantwright.detection.multivariate.columns import Metrics
from plantwright.detection.multivariate.smoothing import SMOOTHING

FRESH_MS = 10_000.0
FRESH_INTERVALS = 5.0
# Before this many readings the moving average still shows where it began: 0.95^60 is 5 %.
SETTLED_READINGS = 60


@dataclass(frozen=True, slots=True)
class Settled:
    """Readings of one machine, in order of time, at most one of a metric at a time; each of shape (n,)."""

    metric: Ints
    time: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class Frames:
    """n frames of the p metrics of one machine, in the order of time.

    Attributes:
        time: milliseconds, shape (n,).
        value: last reading of each metric, shape (n, p).
        smoothed: its moving average, shape (n, p).
        readings: how many readings that average has seen, shape (n, p).
        fresh: shape (n, p).
        is_new: whether the metric was read at that time, shape (n, p).
        rough: square of the step from its reading before, 0 where it was not read, shape (n, p).
        interval: milliseconds since its reading before, 0 where it was not read, shape (n, p).
        usual_interval: running mean of those, shape (n, p).
    """

    time: Ints
    value: Floats
    smoothed: Floats
    readings: Ints
    fresh: Bools
    is_new: Bools
    rough: Floats
    interval: Floats
    usual_interval: Floats

    @classmethod
    def empty(cls, shape: int) -> "Frames":
        return cls(
            time=np.zeros(shape, np.int64),
            value=np.zeros(shape),
            smoothed=np.zeros(shape),
            readings=np.zeros(shape, np.int64),
            fresh=np.zeros(shape, np.bool_),
            is_new=np.zeros(shape, np.bool_),
            rough=np.zeros(shape),
            interval=np.zeros(shape),
            usual_interval=np.zeros(shape),
        )

    def only(self, places: "slice | Ints") -> "Frames":
        """Some frames; or, of flat tables, those whose cells are at these places."""
        return Frames(*(getattr(self, name)[places] for name in Frames.__slots__))


@dataclass(frozen=True, slots=True)
class _Rounds:
    """Lanes are the metrics of all machines, machines with more frames first, so a round is a prefix of the lanes.

    Attributes:
        order: the machines in the order of their lanes.
        first_lane: first lane of each of them.
        times: times of their frames.
        lanes: how many lanes each round has.
        starts: where each round begins in the flat tables.
    """

    order: list[int]
    first_lane: list[int]
    times: list[Ints]
    lanes: list[int]
    starts: Ints

    @classmethod
    def of(cls, widths: Sequence[int], times: Sequence[Ints]) -> "_Rounds":
        order = sorted(range(len(times)), key=lambda machine: -len(times[machine]))
        first_lane = np.concatenate(([0], np.cumsum([widths[machine] for machine in order]))).tolist()
        counts = np.array([len(times[machine]) for machine in order], np.int64)
        rounds = int(counts.max(initial=0))
        machines = np.searchsorted(-counts, -np.arange(1, rounds + 1), side="right")
        lanes = [first_lane[count] for count in machines.tolist()]
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.array(lanes, np.int64))))
        return cls(order, first_lane, [times[machine] for machine in order], lanes, starts)


def frames_of(metrics: Sequence[Metrics], readings: Sequence[Settled]) -> tuple[list[Metrics], list[Frames]]:
    """Take in the readings of several machines; returns their metrics after them, and their frames."""
    frame_numbers = [np.unique(settled.time, return_inverse=True) for settled in readings]
    widths = [len(one.last_time) for one in metrics]
    rounds = _Rounds.of(widths, [times for times, _ in frame_numbers])
    joined = Metrics.joined([metrics[machine] for machine in rounds.order])
    tables = Frames.empty(int(rounds.starts[-1]))
    for place, machine in enumerate(rounds.order):
        settled = readings[machine]
        cells = rounds.starts[frame_numbers[machine][1]] + rounds.first_lane[place] + settled.metric
        tables.value[cells], tables.is_new[cells] = settled.value, True
        times = np.repeat(rounds.times[place][:, None], widths[machine], axis=1)
        tables.time[_cells(rounds, place, len(times), widths[machine])] = times
    for number, lanes in enumerate(rounds.lanes):
        start = int(rounds.starts[number])
        _advance(joined, lanes, tables, slice(start, start + lanes))
    after: list[Metrics] = [metrics[0]] * len(metrics)
    frames: list[Frames] = []
    by_machine: list[Frames | None] = [None] * len(metrics)
    for place, machine in enumerate(rounds.order):
        lanes_of = slice(rounds.first_lane[place], rounds.first_lane[place + 1])
        after[machine] = joined.only(lanes_of)
        cells = _cells(rounds, place, len(rounds.times[place]), widths[machine])
        by_machine[machine] = replace(tables.only(cells), time=rounds.times[place])
    frames = [found for found in by_machine if found is not None]
    return after, frames


def _cells(rounds: _Rounds, place: int, count: int, width: int) -> Ints:
    """Where the frames of a machine lie in the flat tables, shape (frames, metrics)."""
    cells: Ints = rounds.starts[:count, None] + rounds.first_lane[place] + np.arange(width)
    return cells


def _advance(metrics: Metrics, lanes: int, tables: Frames, cells: slice) -> None:
    """Take in one frame of each machine, in place."""
    new, read, at = tables.is_new[cells], tables.value[cells], tables.time[cells]
    last_time, last_value = metrics.last_time[:lanes], metrics.last_value[:lanes]
    smoothed, usual_interval = metrics.smoothed[:lanes], metrics.usual_interval[:lanes]
    known = last_time != NEVER
    interval = np.where(known, at - last_time, 0).astype(np.float64)
    usual = np.where(usual_interval > 0.0, usual_interval, interval)
    step = np.where(known & new, read - last_value, 0.0)
    np.multiply(step, step, out=tables.rough[cells])
    np.copyto(tables.interval[cells], interval, where=new)
    np.copyto(usual_interval, followed(usual, interval), where=new)
    np.copyto(smoothed, np.where(known, smoothed + SMOOTHING * (read - smoothed), read), where=new)
    np.copyto(last_value, read, where=new)
    np.copyto(last_time, at, where=new)
    readings = metrics.readings[:lanes]
    readings += new
    tables.value[cells], tables.smoothed[cells], tables.readings[cells] = last_value, smoothed, readings
    tables.usual_interval[cells] = usual_interval
    age = np.where(last_time != NEVER, at - last_time, np.inf)
    tables.fresh[cells] = age <= np.maximum(FRESH_MS, FRESH_INTERVALS * usual_interval)
