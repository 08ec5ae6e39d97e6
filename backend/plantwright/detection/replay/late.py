"""Readings that come after later ones of their series were judged: noted at once, derived anew in the background."""

from dataclasses import dataclass

import numpy as np

from plantwright.detection.charts.engine import ReadingBatch, take_in
from plantwright.detection.charts.state import NEVER, DetectionState, Series
from plantwright.detection.columns import Bools, Ints
from plantwright.detection.config import ConfigColumns
from plantwright.detection.findings import Finding
from plantwright.detection.replay.history import SettingsHistory
from plantwright.detection.replay.steps import Derived, Snapshot, derive, is_snapshot_due
from plantwright.readings.arrays import Int8s
from plantwright.readings.models import Quality

# A backlog comes in many pieces; deriving begins when it seems to be over, or has lasted for so long.
QUIET_SECONDS = 5
LONGEST_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from readings as they came.

    Attributes:
        state: after them.
        found: findings, each with the place of the reading that caused it.
        snapshots: of series before they entered a new day, or before a reading after a long silence.
        late: rows to be derived anew, each from a time on (milliseconds since 1970).
    """

    state: DetectionState
    found: list[tuple[int, Finding]]
    snapshots: list[Snapshot]
    late: dict[int, int]


def judge(
    state: DetectionState,
    series: Ints,
    batch: ReadingBatch,
    quality: Int8s,
    *,
    present: ConfigColumns,
    history: SettingsHistory,
) -> Judgement:
    """Take in readings of any quality, row by row and in log order within a row.

    Args:
        state: before them.
        series: number of the series of each row.
        batch: rows, times and values.
        quality: of each reading.
        present: present settings, one row per row of the state.
        history: what the settings were before, as far back as the readings reach.
    """
    is_plain = not quality.any() and bool(np.isfinite(batch.value).all()) and _is_in_order(state.series, batch)
    if is_plain and not history.has_changes and not is_snapshot_due(state.series, series, batch).any():
        after, found = take_in(state, batch, present)
        return Judgement(after, found, [], {})
    places = np.arange(len(batch.series)) if is_plain else _settled(batch)
    settled = _part(batch, places)
    is_fresh, is_late = _sort_out(state.series, settled, quality[places])
    fresh = places[is_fresh]
    derived: Derived = derive(state, series, _part(batch, fresh), present, history)
    found = sorted(((int(fresh[place]), finding) for place, finding in derived.found), key=lambda entry: entry[0])
    return Judgement(derived.state, found, derived.snapshots, _earliest(_part(settled, np.flatnonzero(is_late))))


def _part(batch: ReadingBatch, places: Ints) -> ReadingBatch:
    return ReadingBatch(batch.series[places], batch.time_ms[places], batch.value[places])


def _is_in_order(state: Series, batch: ReadingBatch) -> bool:
    """Whether every reading is newer than the one before it of its row."""
    if not len(batch.series):
        return True
    row, time = batch.series, batch.time_ms
    before = np.empty_like(time)
    before[1:] = time[:-1]
    is_first = np.append(True, row[1:] != row[:-1])
    before[is_first] = state.last_time[row[is_first]]
    return bool((time > before).all())


def _settled(batch: ReadingBatch) -> Ints:
    """Places of one reading per row and time, sorted by both: of several the one that came last counts."""
    order = np.lexsort((batch.time_ms, batch.series))
    row, time = batch.series[order], batch.time_ms[order]
    is_last = np.ones(len(order), np.bool_)
    is_last[:-1] = (row[1:] != row[:-1]) | (time[1:] != time[:-1])
    return order[is_last]


def _sort_out(state: Series, settled: ReadingBatch, quality: Int8s) -> tuple[Bools, Bools]:
    """Which readings go through the engine now, and which change what has been judged already."""
    last_time, last_value = state.last_time[settled.series], state.last_value[settled.series]
    is_good = quality == Quality.GOOD
    is_judged = settled.time_ms <= last_time
    # The newest reading sent once more says nothing new.
    is_repeat = is_good & (settled.time_ms == last_time) & (settled.value == last_value)
    return is_good & ~is_judged & np.isfinite(settled.value), is_judged & ~is_repeat & (last_time != NEVER)


def _earliest(late: ReadingBatch) -> dict[int, int]:
    """The earliest time of each row; the batch is sorted by row and time."""
    rows, first = np.unique(late.series, return_index=True)
    return dict(zip(rows.tolist(), late.time_ms[first].tolist(), strict=True))
