"""Findings and states are functions of the readings in order of their time, however they came."""

from dataclasses import dataclass, field
from itertools import pairwise

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from plantwright.detection.charts.rounds import ReadingBatch
from plantwright.detection.charts.state import NEVER, DetectionState
from plantwright.detection.columns import Ints
from plantwright.detection.findings import Finding
from plantwright.detection.replay.history import SettingsChange, SettingsHistory
from plantwright.detection.replay.late import judge
from plantwright.detection.replay.steps import Snapshot, derive, present_columns, put_rows
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.models import Quality

from tests.backend.detection.support import HOUR_MS, START_MS

SERIES = np.array([11, 23], np.int64)
CHANGE = SettingsChange(1, None, START_MS + 45 * HOUR_MS, {"confirm_readings": 1}, {"confirm_readings": 2})
OWN = SettingsChange(2, 23, START_MS + 10 * HOUR_MS, {"ewma_threshold": 3.0}, None)
HISTORY = SettingsHistory({"confirm_readings": 1}, {23: {"ewma_threshold": 3.0}}, [CHANGE, OWN])
CONFIG = present_columns(HISTORY, SERIES)


def plant(seed: int, count: int = 160) -> LogSlice:
    """Two series over two days, each with noise, an excursion, a silence and readings that are not good."""
    rng = np.random.default_rng(seed)
    time = START_MS + np.sort(rng.choice(48 * 60, count, replace=False)).astype(np.int64) * 60_000
    time[count // 2 :] += 7 * HOUR_MS
    value = rng.normal(50.0, 1.0, (2, count))
    value[:, count // 2 : count // 2 + 6] += 30.0
    quality = np.where(rng.random(2 * count) < 0.1, Quality.BAD, Quality.GOOD).astype(np.int8)
    return LogSlice(0, np.repeat(SERIES, count).astype(np.int32), np.tile(time, 2), value.ravel(), quality)


def in_order(readings: LogSlice) -> tuple[DetectionState, list[Finding]]:
    """The definition: settled, good, sorted, in one piece."""
    settled = settle_duplicates(readings)
    good = settled.where(settled.quality == Quality.GOOD)
    batch = ReadingBatch(np.searchsorted(SERIES, good.series).astype(np.int32), good.time_ms, good.value)
    derived = derive(DetectionState.empty(len(SERIES)), SERIES, batch, CONFIG, HISTORY)
    return derived.state, sorted_findings([finding for _, finding in derived.found])


def sorted_findings(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.time_ms, finding.series, finding.detector))


@dataclass
class Arrivals:
    """What a worker does with pieces of the log, without a database; the log is `stored`."""

    state: DetectionState = field(default_factory=lambda: DetectionState.empty(len(SERIES)))
    stored: LogSlice = field(default_factory=lambda: LogSlice.joined([]))
    findings: list[Finding] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    late: dict[int, int] = field(default_factory=dict)
    derived_again: int = 0

    def take(self, piece: LogSlice) -> None:
        self.stored = LogSlice.joined([self.stored, piece])
        order = np.argsort(piece.series, kind="stable")
        batch = ReadingBatch(
            np.searchsorted(SERIES, piece.series[order]).astype(np.int32), piece.time_ms[order], piece.value[order]
        )
        quality = piece.quality[order]
        judged = judge(self.state, SERIES, batch, quality, present=CONFIG, history=HISTORY)
        self.state = judged.state
        self.findings += [finding for _, finding in judged.found]
        self.snapshots += judged.snapshots
        for row, from_ms in judged.late.items():
            self.late[row] = min(from_ms, self.late.get(row, from_ms))

    def derive_late(self) -> None:
        for row, from_ms in self.late.items():
            self._derive(row, from_ms)
        self.late.clear()

    def _derive(self, row: int, from_ms: int) -> None:
        self.derived_again += 1
        base = self._base(row, from_ms)
        since = int(base.series.last_time[0])
        mine = settle_duplicates(self.stored.only([int(SERIES[row])]))
        keep = (mine.quality == Quality.GOOD) & (mine.time_ms > since)
        batch = ReadingBatch(np.zeros(int(keep.sum()), np.int32), mine.time_ms[keep], mine.value[keep])
        present = CONFIG.take(np.array([row]))
        derived = derive(base, SERIES[[row]], batch, present, HISTORY)
        self.state = put_rows(self.state, np.array([row]), derived.state)
        self.findings = [kept for kept in self.findings if kept.series != row or kept.time_ms <= since]
        self.findings += [replaced(finding, row) for _, finding in derived.found]
        self.snapshots = [part for part in (self._kept(one, row, from_ms) for one in self.snapshots) if part]
        self.snapshots += derived.snapshots

    def _base(self, row: int, from_ms: int) -> DetectionState:
        best = DetectionState.empty(1)
        for snapshot in self.snapshots:
            for place in np.flatnonzero(snapshot.series == SERIES[row]):
                state = snapshot.state.take(np.array([place]))
                if best.series.last_time[0] < state.series.last_time[0] < from_ms:
                    best = state
        return best

    def _kept(self, snapshot: Snapshot, row: int, from_ms: int) -> Snapshot | None:
        void = (snapshot.series == SERIES[row]) & (snapshot.state.series.last_time >= from_ms)
        rows: Ints = np.flatnonzero(~void)
        if not len(rows):
            return None
        return Snapshot(
            snapshot.series[rows], snapshot.state.take(rows), snapshot.next_ms[rows], snapshot.is_daily[rows]
        )


def replaced(finding: Finding, row: int) -> Finding:
    return msgspec.structs.replace(finding, series=row)


def taken(readings: LogSlice, places: Ints) -> LogSlice:
    return LogSlice(
        0, readings.series[places], readings.time_ms[places], readings.value[places], readings.quality[places]
    )


def assert_same(arrivals: Arrivals, readings: LogSlice) -> None:
    state, findings = in_order(readings)
    assert arrivals.state.to_bytes() == state.to_bytes()
    assert sorted_findings(arrivals.findings) == findings


READINGS = plant(5)


def test_the_plant_gives_findings_snapshots_and_gaps() -> None:
    arrivals = Arrivals()
    arrivals.take(READINGS)
    assert len(arrivals.findings) > 4
    assert {bool(daily) for snapshot in arrivals.snapshots for daily in snapshot.is_daily} == {True, False}
    assert arrivals.late == {}
    assert_same(arrivals, READINGS)


def test_the_change_of_settings_matters() -> None:
    without = SettingsHistory({"confirm_readings": 1}, {23: {"ewma_threshold": 3.0}}, [])
    settled = settle_duplicates(READINGS)
    good = settled.where(settled.quality == Quality.GOOD)
    batch = ReadingBatch(np.searchsorted(SERIES, good.series).astype(np.int32), good.time_ms, good.value)
    derived = derive(DetectionState.empty(2), SERIES, batch, CONFIG, without)
    assert sorted_findings([finding for _, finding in derived.found]) != in_order(READINGS)[1]


@given(st.lists(st.integers(1, len(READINGS) - 1), max_size=12))
@settings(max_examples=30, deadline=None)
def test_any_batches_in_order_give_the_same_without_deriving_again(cuts: list[int]) -> None:
    by_time = np.argsort(READINGS.time_ms, kind="stable")
    arrivals = Arrivals()
    for low, high in pairwise([0, *sorted(cuts), len(by_time)]):
        arrivals.take(taken(READINGS, by_time[low:high]))
    assert arrivals.late == {}
    assert_same(arrivals, READINGS)


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.sampled_from([0, 30, 600, 10_000]))
@settings(max_examples=60, deadline=None)
def test_any_order_of_arrival_gives_the_same(seed: int, count: int, minutes_late: int) -> None:
    """Late by up to so many minutes, the last more than there are; with late ones derived again now and then."""
    rng = np.random.default_rng(seed)
    delay = rng.integers(0, minutes_late * 60_000 + 1, len(READINGS))
    order = np.argsort(READINGS.time_ms + delay, kind="stable")
    arrivals = Arrivals()
    for piece in np.array_split(order, count):
        arrivals.take(taken(READINGS, piece))
        if rng.random() < 0.3:
            arrivals.derive_late()
    arrivals.derive_late()
    assert_same(arrivals, READINGS)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_corrections_count_as_if_they_had_come_at_once(seed: int) -> None:
    """Of several readings of one time the one that came last counts, also when it takes back a good one."""
    rng = np.random.default_rng(seed)
    places = rng.choice(len(READINGS), 12, replace=False)
    again = taken(READINGS, places)
    quality = rng.choice([Quality.GOOD, Quality.UNCERTAIN, Quality.BAD], 12).astype(np.int8)
    corrected = LogSlice(0, again.series, again.time_ms, again.value + rng.choice([0.0, 5.0], 12), quality)
    arrivals = Arrivals()
    for piece in np.array_split(np.arange(len(READINGS)), 3):
        arrivals.take(taken(READINGS, np.sort(piece)))
    arrivals.take(corrected)
    arrivals.derive_late()
    assert_same(arrivals, LogSlice.joined([READINGS, corrected]))


def test_a_repeat_of_the_newest_reading_is_not_late() -> None:
    arrivals = Arrivals()
    arrivals.take(READINGS)
    newest = arrivals.state.series.last_time
    same = np.flatnonzero(np.isin(READINGS.time_ms, newest) & (READINGS.quality == Quality.GOOD))
    same = same[READINGS.time_ms[same] == newest[np.searchsorted(SERIES, READINGS.series[same])]]
    arrivals.take(taken(READINGS, same))
    assert len(same) == 2
    assert arrivals.late == {}


def test_a_late_reading_is_derived_from_the_snapshot_before_it() -> None:
    arrivals = Arrivals()
    late = np.flatnonzero(READINGS.series == 11)[-10]
    arrivals.take(READINGS.where(np.arange(len(READINGS)) != late))
    arrivals.take(taken(READINGS, np.array([late])))
    assert list(arrivals.late) == [0]
    assert arrivals._base(0, arrivals.late[0]).series.last_time[0] != NEVER
