"""Watching machines as a whole, as a pure function: `step(states, readings, courses) -> findings and states after`.

Invariants:
- No clock, no randomness, no input or output. Time is the time of the readings.
- Frames are judged `HOLD_MS` after their time, by the newest reading of the machine: until then readings of the other
  metrics may come in any order, and be corrected.
- What comes later than that, or is corrected later, is told as late, for the machine to be derived anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from plantwright.detection.charts.state import NEVER
from plantwright.detection.charts.window import HOUR_MS
from plantwright.detection.columns import Bools, Floats, Ints
from plantwright.detection.multivariate.columns import Pending
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.frames import Frames, Settled, frames_of
from plantwright.detection.multivariate.judging import Judged, judge, trimmed
from plantwright.detection.multivariate.learning import closed_until, learnt
from plantwright.detection.multivariate.pieces import (
    Course,
    entered,
    first_frame,
    is_after_gap,
    metrics_of,
    piece_end,
)
from plantwright.detection.multivariate.reporting import report
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.multivariate.statements import after_statements

HOLD_MS = 2_000


@dataclass(frozen=True, slots=True)
class MachineReadings:
    """Readings of the metrics of one machine in log order, each of shape (n,).

    Attributes:
        series: numbers of their series.
        time: event time, milliseconds since the Unix epoch.
        value: in the unit of the metric.
        is_good: whether the value counts; one that does not may take back one that did.
    """

    series: Ints
    time: Ints
    value: Floats
    is_good: Bools

    @classmethod
    def good(cls, series: Ints, time: Ints, value: Floats) -> "MachineReadings":
        return cls(series, time, value, np.ones(len(time), np.bool_))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a machine before a frame at `next_ms`; it knows of no reading after its `frame_time`."""

    state: MachineState
    next_ms: int
    is_daily: bool
    is_edge: bool


@dataclass(slots=True)
class Stepped:
    """What became of one machine.

    Attributes:
        state: after the readings.
        late_ms: the earliest time of a reading that came too late, None if none did.
        frames, judged: of the readings that were settled, piece by piece.
        findings: in the order of their frames.
        snapshots: taken on the way.
    """

    state: MachineState
    late_ms: int | None = None
    frames: list[Frames] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    findings: list[MachineFinding] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)


def step(
    states: Sequence[MachineState],
    readings: Sequence[MachineReadings],
    courses: Sequence[Course],
    *,
    is_last: bool = False,
) -> list[Stepped]:
    """Take in readings of several machines.

    Args:
        states: as returned by the step before, or empty ones.
        readings: of the same machines.
        courses: of the same machines.
        is_last: nothing more will come, so what is pending is judged too.
    """
    walks = []
    for state, came in zip(states, readings, strict=True):
        ready, after, late_ms = _settle(state, came, is_last=is_last)
        walks.append(_Walk(Stepped(after, late_ms), ready))
    under_way = list(zip(range(len(walks)), walks, courses, strict=True))
    while under_way := [(number, walk, course) for number, walk, course in under_way if walk.enter(number, course)]:
        pieces = [walk.next_piece(course) for _, walk, course in under_way]
        metrics, frames = frames_of([walk.stepped.state.metrics for _, walk, _ in under_way], pieces)
        for (number, walk, course), after_piece, found in zip(under_way, metrics, frames, strict=True):
            walk.stepped.state = replace(walk.stepped.state, metrics=after_piece)
            _watch(walk.stepped, number, found, course)
    return [walk.stepped for walk in walks]


def known_until(state: MachineState) -> int:
    """Up to which time everything has been judged."""
    return NEVER if state.newest == NEVER else state.newest - HOLD_MS


def _settle(state: MachineState, came: MachineReadings, *, is_last: bool) -> tuple[Pending, MachineState, int | None]:
    """The readings that no more wait, sorted; the state with those that do; the earliest that came too late."""
    is_late = came.time <= known_until(state)
    late_ms = _earliest(state, came, is_late)
    fresh = ~is_late
    series = np.concatenate((state.pending.series, came.series[fresh]))
    time = np.concatenate((state.pending.time, came.time[fresh]))
    value = np.concatenate((state.pending.value, came.value[fresh]))
    is_good = np.concatenate((np.ones(len(state.pending.time), np.bool_), came.is_good[fresh]))
    order = np.lexsort((series, time))
    series, time = series[order], time[order]
    # Of several of a metric at one time the last one, which came latest, counts; if it is not good, none does.
    counts = np.ones(len(time), np.bool_)
    counts[:-1] = (time[1:] != time[:-1]) | (series[1:] != series[:-1])
    counts &= is_good[order]
    settled = Pending(series[counts], time[counts], value[order][counts])
    newest = max(state.newest, int(came.time.max(initial=NEVER)))
    ready = len(settled.time) if is_last else int(np.searchsorted(settled.time, newest - HOLD_MS, side="right"))
    after = replace(state, pending=settled.part(slice(ready, None)), newest=newest)
    return settled.part(slice(0, ready)), after, late_ms


def _earliest(state: MachineState, came: MachineReadings, is_late: Bools) -> int | None:
    """The newest reading of a metric sent once more says nothing new."""
    if not is_late.any():
        return None
    places = np.flatnonzero(is_late)
    metric, takes_part = metrics_of(state, came.series[places])
    if state.series:
        known = state.metrics
        is_repeat = takes_part & came.is_good[places] & (known.last_time[metric] == came.time[places])
        is_repeat &= known.last_value[metric] == came.value[places]
        places = places[~is_repeat]
    return int(came.time[places].min()) if len(places) else None


@dataclass(slots=True)
class _Walk:
    """A machine on its way through what is ready."""

    stepped: Stepped
    ready: Pending
    time_ms: int = NEVER

    def enter(self, machine: int, course: Course) -> bool:
        """Go to the next frame, and do what comes before it; False at the end."""
        state = self.stepped.state
        time_ms = first_frame(state, self.ready)
        if time_ms is None:
            return False
        self.time_ms = time_ms
        self.ready = self.ready.part(slice(int(np.searchsorted(self.ready.time, time_ms)), None))
        self._take_snapshot(course)
        state, ended = after_statements(state, course.statements, time_ms)
        self.stepped.findings += [replace(finding, machine=machine) for finding in ended]
        self.stepped.state = entered(state, self.ready, time_ms)
        return True

    def next_piece(self, course: Course) -> Settled:
        state = self.stepped.state
        end = piece_end(state, self.ready, self.time_ms, course)
        piece, self.ready = self.ready.part(slice(0, end)), self.ready.part(slice(end, None))
        metric, takes_part = metrics_of(state, piece.series)
        if takes_part.all():
            return Settled(metric, piece.time, piece.value)
        return Settled(metric[takes_part], piece.time[takes_part], piece.value[takes_part])

    def _take_snapshot(self, course: Course) -> None:
        state, time_ms = self.stepped.state, self.time_ms
        if state.frame_time == NEVER:
            return
        is_daily = course.day_of(time_ms) != course.day_of(state.frame_time)
        is_edge = course.edge_ms is not None and state.frame_time < course.edge_ms <= time_ms
        if is_daily or is_edge or is_after_gap(state, time_ms):
            kept = replace(state, pending=Pending.empty(), newest=state.frame_time)
            self.stepped.snapshots.append(Snapshot(kept, time_ms, is_daily, is_edge))


def _watch(stepped: Stepped, machine: int, frames: Frames, course: Course) -> None:
    """Judge and learn frame by frame; within an hour the reference stands, so an hour goes at once."""
    hours = frames.time // HOUR_MS
    edges = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist(), len(hours)]
    starts = np.array([time_ms for time_ms, _ in course.settings[1:]], np.int64)
    if len(starts) and len(hours) and int(starts[-1]) > int(frames.time[0]):
        edges = sorted({*edges, *np.searchsorted(frames.time, starts).tolist()})
    state = stepped.state
    for start, end in pairwise(edges):
        if start == end:
            continue
        part = frames.only(slice(start, end))
        config = course.settings[int(np.searchsorted(starts, part.time[0], side="right"))][1]
        state = closed_until(state, int(hours[start]))
        judged = judge(state.reference, part)
        found, state = report(machine, state, part, judged, config)
        values = trimmed(state.reference, part.value, judged)
        state = learnt(state, part, values, trimmed(state.reference, part.smoothed, judged))
        stepped.frames.append(part)
        stepped.judged.append(judged)
        stepped.findings += found
    stepped.state = state
