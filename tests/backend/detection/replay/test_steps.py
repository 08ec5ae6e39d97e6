"""When the state of a series is remembered."""

import numpy as np
from plantwright.detection.charts.engine import ReadingBatch
from plantwright.detection.charts.state import DetectionState
from plantwright.detection.columns import Bools
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.replay.history import SettingsHistory
from plantwright.detection.replay.steps import derive, is_snapshot_due

HOUR_MS = 3_600_000
START_MS = 1_772_323_200_000  # 2026-03-01 00:00 UTC
SERIES = np.array([7, 300, 256 * 24 + 1], np.int64)


def hourly(first_hour: int, hours: int) -> ReadingBatch:
    """A reading of each series at half past each hour."""
    times = START_MS + HOUR_MS * np.arange(first_hour, first_hour + hours) + HOUR_MS // 2
    rows = np.repeat(np.arange(len(SERIES), dtype=np.int32), hours)
    return ReadingBatch(rows, np.tile(times, len(SERIES)), np.full(len(rows), 20.0))


def known() -> DetectionState:
    """After a first day."""
    config = ConfigColumns.from_configs([DetectionConfig()] * len(SERIES))
    return derive(DetectionState.empty(len(SERIES)), SERIES, hourly(0, 24), config, SettingsHistory({}, {}, [])).state


def hours_of(batch: ReadingBatch, due: Bools, row: int) -> list[int]:
    return [int(time - START_MS) // HOUR_MS for time in batch.time_ms[due & (batch.series == row)]]


def test_a_large_plant_is_not_remembered_all_at_once() -> None:
    batch = hourly(24, 48)
    due = is_snapshot_due(known().series, SERIES, batch)
    assert [hours_of(batch, due, row) for row in range(3)] == [[24, 48], [25, 49], [24, 48]]


def test_the_states_are_those_before_the_first_reading_of_the_day() -> None:
    config = ConfigColumns.from_configs([DetectionConfig()] * len(SERIES))
    derived = derive(known(), SERIES, hourly(24, 3), config, SettingsHistory({}, {}, []))
    found = {
        int(series): (int(next_ms - START_MS) // HOUR_MS, int(last - START_MS) // HOUR_MS, bool(is_daily))
        for snapshot in derived.snapshots
        for series, next_ms, last, is_daily in zip(
            snapshot.series, snapshot.next_ms, snapshot.state.series.last_time, snapshot.is_daily, strict=True
        )
    }
    assert found == {7: (24, 23, True), 300: (25, 24, True), 256 * 24 + 1: (24, 23, True)}
