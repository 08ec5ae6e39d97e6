"""Findings and state of a machine are functions of its readings in order of their time, however they came."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from plantwright.detection.charts.state import NEVER
from plantwright.detection.columns import Ints
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.engine import MachineReadings, Snapshot, Stepped, step
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.state import MOST_METRICS, MachineState
from plantwright.detection.multivariate.statements import Drawn, Statement

from tests.backend.detection.multivariate.support import START_MS, part, readings_of, regular, related, watch

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
INTERVAL_MS = 10 * MINUTE_MS
COUNT = 6 * 24 * 6
MOST_COLUMNS = 5


def plant(seed: int, absent: Sequence[tuple[int, int, int]] = ()) -> MachineReadings:
    """Five metrics over six days, some of them away for a while (metric, first and last row), with a fault at the end.

    Some readings are not good.
    """
    random = np.random.default_rng(seed)
    table = np.concatenate((related(COUNT, seed), random.normal(size=(COUNT, 1))), axis=1)
    table[-180:-120, 0] += 3.0
    readings = readings_of(regular(COUNT, INTERVAL_MS), table)
    row = np.repeat(np.arange(COUNT), MOST_COLUMNS)
    is_there = np.ones(len(row), np.bool_)
    for metric, first, last in absent:
        is_there &= ~((readings.series == 100 + metric) & (row >= first) & (row < last))
    is_good = random.random(len(row)) > 0.02
    return part(replace(readings, is_good=is_good), is_there)


def drawn(seed: int) -> Drawn:
    table = related(400, seed + 1)[:, :4]
    return Drawn.of(
        watch(MachineState.empty((100, 101, 102, 103)), readings_of(regular(400), table), is_last=True).state
    )


def course(seed: int, statements: Sequence[int]) -> Course:
    """Other settings in the middle; and people who vouch for a period, then have the machine learnt anew, and so on."""
    said = [
        Statement(number, START_MS + row * INTERVAL_MS + 7, drawn(seed) if number % 2 else None)
        for number, row in enumerate(sorted(statements), start=1)
    ]
    spans = [
        (NEVER, MultivariateConfig()),
        (START_MS + (COUNT - 150) * INTERVAL_MS, MultivariateConfig(confirm_frames=1)),
    ]
    return Course(spans, said)


def told(findings: Sequence[MachineFinding]) -> list[Any]:
    return [
        (found.time_ms, found.kind, found.severity, found.count, found.score, repr(found.inputs)) for found in findings
    ]


def settled(readings: MachineReadings) -> MachineReadings:
    """One of each metric and time, the last one; in order of time."""
    order = np.lexsort((readings.series, readings.time))
    series, time = readings.series[order], readings.time[order]
    is_last = np.append((time[1:] != time[:-1]) | (series[1:] != series[:-1]), True)
    return part(readings, order[is_last])


def joined(parts: Sequence[MachineReadings]) -> MachineReadings:
    names = MachineReadings.__slots__
    return MachineReadings(*(np.concatenate([getattr(one, name) for one in parts]) for name in names))


def derived(state: MachineState, readings: MachineReadings, over: Course, pieces: int = 1) -> Stepped:
    """All of it in order of time, in so many pieces."""
    whole = Stepped(state)
    edges = np.linspace(0, len(readings.time), pieces + 1).astype(int).tolist()
    for low, high in pairwise(edges):
        [stepped] = step([whole.state], [part(readings, slice(low, high))], [over])
        assert stepped.late_ms is None
        whole.state = stepped.state
        whole.findings += stepped.findings
        whole.snapshots += stepped.snapshots
    return whole


rows = st.integers(0, COUNT)
absences = st.lists(st.tuples(st.integers(0, MOST_COLUMNS - 1), rows, rows), max_size=4)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    absent=absences,
    cuts=st.lists(st.integers(0, COUNT * MOST_COLUMNS), max_size=8),
    said=st.lists(rows, max_size=3),
)
def test_any_cut_gives_the_same_bytes_though_metrics_come_and_go(
    seed: int, absent: list[tuple[int, int, int]], cuts: list[int], said: list[int]
) -> None:
    readings, over = plant(seed, absent), course(seed, said)
    whole = derived(MachineState.empty(()), readings, over)
    state, found = MachineState.empty(()), []
    for low, high in pairwise([0, *sorted(cuts), len(readings.time)]):
        [stepped] = step([state], [part(readings, slice(low, max(low, high)))], [over])
        state = stepped.state
        found += stepped.findings
    assert state.to_bytes() == whole.state.to_bytes()
    assert told(found) == told(whole.findings)


@dataclass
class Arrivals:
    """What a worker does with pieces of the log, without a database; the log is `stored`."""

    course: Course
    state: MachineState = field(default_factory=lambda: MachineState.empty(()))
    stored: list[MachineReadings] = field(default_factory=list)
    findings: list[MachineFinding] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    late_ms: int | None = None
    derived_again: int = 0

    def take(self, piece: MachineReadings) -> None:
        self.stored.append(piece)
        [stepped] = step([self.state], [piece], [self.course])
        self.state = stepped.state
        self.findings += stepped.findings
        self.snapshots += stepped.snapshots
        if stepped.late_ms is not None:
            self.late_ms = min(stepped.late_ms, stepped.late_ms if self.late_ms is None else self.late_ms)

    def derive_late(self) -> None:
        from_ms, self.late_ms = self.late_ms, None
        if from_ms is None:
            return
        self.derived_again += 1
        self.snapshots = [one for one in self.snapshots if one.state.frame_time < from_ms]
        base = self.snapshots[-1].state if self.snapshots else MachineState.empty(())
        stored = settled(joined(self.stored))
        after = part(stored, stored.time > base.frame_time)
        again = derived(base, after, replace(self.course, edge_ms=from_ms), pieces=3)
        self.state = again.state
        self.findings = [kept for kept in self.findings if kept.time_ms <= base.frame_time] + again.findings
        self.snapshots += [one for one in again.snapshots if one.state.frame_time > base.frame_time]


def delayed(readings: MachineReadings, backlog: tuple[int, int], seed: int) -> list[MachineReadings]:
    """In pieces; those of some rows come at the end, and some are corrected later."""
    random = np.random.default_rng(seed)
    time = START_MS + INTERVAL_MS * np.array(sorted(backlog), np.int64)
    is_late = (readings.time >= time[0]) & (readings.time < time[1])
    wrong = random.choice(len(readings.time), 5, replace=False)
    first = replace(readings, value=readings.value.copy(), is_good=readings.is_good.copy())
    first.value[wrong], first.is_good[wrong] = 1e3, random.random(5) > 0.3
    live, late = part(first, ~is_late), part(first, is_late)
    return [*_split(live, random), *_split(late, random), part(readings, np.sort(wrong))]


def _split(readings: MachineReadings, random: np.random.Generator) -> list[MachineReadings]:
    cuts: Ints = np.sort(random.integers(0, len(readings.time) + 1, 3))
    edges = [0, *cuts.tolist(), len(readings.time)]
    return [part(readings, slice(low, high)) for low, high in pairwise(edges)]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1_000), absent=absences, backlog=st.tuples(rows, rows), said=st.lists(rows, max_size=2))
def test_late_readings_and_corrections_give_what_order_gives(
    seed: int, absent: list[tuple[int, int, int]], backlog: tuple[int, int], said: list[int]
) -> None:
    readings = plant(seed, absent)
    arrivals = Arrivals(course(seed, said))
    for number, piece in enumerate(delayed(readings, backlog, seed)):
        arrivals.take(piece)
        if number % 2:
            arrivals.derive_late()
    arrivals.derive_late()
    whole = derived(MachineState.empty(()), settled(joined(arrivals.stored)), arrivals.course)
    assert arrivals.state.to_bytes() == whole.state.to_bytes()
    assert told(arrivals.findings) == told(whole.findings)


def test_the_plant_has_something_to_find_and_something_to_derive_again() -> None:
    readings = plant(3, [(4, 200, 500)])
    arrivals = Arrivals(course(3, []))
    for piece in delayed(readings, (300, 400), 3):
        arrivals.take(piece)
    arrivals.derive_late()
    assert arrivals.derived_again == 1
    assert {found.kind.value for found in arrivals.findings} >= {"started", "ended"}
    assert len(arrivals.snapshots) >= 3


def test_of_very_many_metrics_the_first_take_part_until_one_leaves() -> None:
    width, days = MOST_METRICS + 2, 3
    table = np.random.default_rng(1).normal(size=(days * 24, width))
    readings = readings_of(regular(days * 24, HOUR_MS), table)
    hour = (readings.time - START_MS) // HOUR_MS
    readings = part(readings, (readings.series != 107) | (hour < 10))
    whole = derived(MachineState.empty(()), readings, Course())
    assert whole.state.series == (*(number for number in range(100, 164) if number != 107), 164)
    assert derived(MachineState.empty(()), readings, Course(), pieces=50).state.to_bytes() == whole.state.to_bytes()
