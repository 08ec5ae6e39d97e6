"""Cuts the readings of a machine into pieces in which the same metrics take part and nothing else begins to hold.

What begins, begins at a frame, so it depends on the times of readings alone and not on how they came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from plantwright.detection.charts.state import NEVER
from plantwright.detection.charts.window import HOUR_MS
from plantwright.detection.columns import Bools, Ints
from plantwright.detection.multivariate.columns import Pending
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.membership import SILENT_MS, silent, with_series, without
from plantwright.detection.multivariate.state import MOST_METRICS, MachineState
from plantwright.detection.multivariate.statements import Statement
from plantwright.readings.ingest.segments import DAY_MS

# What a machine or its line was silent for may still come; it is derived anew from before the silence.
GAP_MS = 300_000
_GAP_INTERVALS = 20.0


@dataclass(frozen=True, slots=True)
class Course:
    """What holds for a machine beside its readings.

    Attributes:
        settings: from which event time (milliseconds) on which hold, rising; the first from the beginning.
        statements: in the order in which they were made.
        edge_ms: a snapshot is taken before the first frame from then on.
        day_begins_ms: how long after midnight (UTC) the days of its snapshots begin.
    """

    settings: Sequence[tuple[int, MultivariateConfig]] = ((NEVER, MultivariateConfig()),)
    statements: Sequence[Statement] = field(default=())
    edge_ms: int | None = None
    day_begins_ms: int = 0

    @classmethod
    def of(cls, config: MultivariateConfig) -> "Course":
        """The same settings at all times."""
        return cls(((NEVER, config),))

    def day_of(self, time_ms: int) -> int:
        return (time_ms - self.day_begins_ms) // DAY_MS

    def after(self, after_ms: int) -> Iterator[int]:
        """When something begins after a time."""
        yield (self.day_of(after_ms) + 1) * DAY_MS + self.day_begins_ms
        for time_ms in (*(one.holds_from_ms for one in self.statements), self.edge_ms):
            if time_ms is not None and time_ms > after_ms:
                yield time_ms


def metrics_of(state: MachineState, series: Ints) -> tuple[Ints, Bools]:
    """Which metric of the state each reading is of, and whether it is of one at all."""
    if not state.series:
        return np.zeros(len(series), np.int64), np.zeros(len(series), np.bool_)
    known = np.array(state.series, np.int64)
    order = np.argsort(known)
    metric: Ints = order[np.minimum(np.searchsorted(known[order], series), len(known) - 1)]
    return metric, known[metric] == series


def first_frame(state: MachineState, ready: Pending) -> int | None:
    """Time of the first reading that makes a frame: of a metric that takes part, or of a new one if there is room."""
    if not len(ready.time):
        return None
    if len(state.series) < MOST_METRICS:
        return int(ready.time[0])
    _, takes_part = metrics_of(state, ready.series)
    return int(ready.time[np.argmax(takes_part)]) if takes_part.any() else None


def entered(state: MachineState, ready: Pending, time_ms: int) -> MachineState:
    """The state at a frame: without the metrics that have been silent, with those that are read for the first time."""
    gone = silent(state)
    if gone.any():
        state = without(state, gone)
    return with_series(state, ready.series[ready.time == time_ms].tolist())


def piece_end(state: MachineState, ready: Pending, time_ms: int, course: Course) -> int:
    """How many of the readings there are before anything changes after the frame at this time."""
    end = int(np.searchsorted(ready.time, min(course.after(time_ms))))
    _, takes_part = metrics_of(state, ready.series[:end])
    if len(state.series) < MOST_METRICS and not takes_part.all():
        new = np.flatnonzero(~takes_part & (ready.time[:end] > time_ms))
        end = int(np.searchsorted(ready.time, ready.time[new[0]])) if len(new) else end
        takes_part = takes_part[:end]
    frames = ready.time[:end][takes_part]
    end = min(end, int(np.searchsorted(ready.time, _first_after_gap(state, frames))))
    return int(np.searchsorted(ready.time[:end], _first_without(state, ready, frames)))


_NONE = 2**62


def is_after_gap(state: MachineState, time_ms: int) -> bool:
    """Whether the machine was silent for long before a frame at this time, in another hour."""
    before = state.frame_time
    if before == NEVER or time_ms // HOUR_MS == before // HOUR_MS:
        return False
    return time_ms - before >= _long(state)


def _first_after_gap(state: MachineState, frames: Ints) -> int:
    steps = np.diff(frames)
    if not len(steps) or int(steps.max()) < GAP_MS:
        return _NONE
    is_gap = (steps >= _long(state)) & (frames[1:] // HOUR_MS != frames[:-1] // HOUR_MS)
    return int(frames[1:][np.argmax(is_gap)]) if is_gap.any() else _NONE


def _long(state: MachineState) -> float:
    usual = state.metrics.usual_interval
    known = usual[usual > 0.0]
    return max(GAP_MS, _GAP_INTERVALS * float(known.min())) if len(known) else GAP_MS


def _first_without(state: MachineState, ready: Pending, frames: Ints) -> int:
    """The first frame, after that at the beginning, that a metric which fell silent has no part in."""
    last = state.metrics.last_time
    read = last[last != NEVER]
    if not len(frames) or not len(read) or int(frames[-1]) - int(read.min()) <= SILENT_MS:
        return _NONE
    times = np.unique(frames)
    return min(
        (
            _left_at(times, ready.time[ready.series == series], int(known))
            for series, known in zip(state.series, last.tolist(), strict=True)
        ),
        default=_NONE,
    )


def _left_at(frames: Ints, read: Ints, last: int) -> int:
    points = np.append(read if last == NEVER else np.append(last, read), _NONE)
    for gap in np.flatnonzero(np.diff(points) > SILENT_MS).tolist():
        frame = int(np.searchsorted(frames, points[gap] + SILENT_MS, side="right"))
        if frame + 1 < len(frames) and frames[frame] < points[gap + 1]:
            return int(frames[frame + 1])
    return _NONE
