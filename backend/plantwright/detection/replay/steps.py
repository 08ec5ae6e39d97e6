"""The engine over readings in order of their time, cut where other settings begin to hold or a snapshot is due.

Rows of the state do not see each other, so each series may be cut at times of its own: part k of all series goes
through the engine at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.detection.charts.engine import ReadingBatch, take_in
from plantwright.detection.charts.state import NEVER, DetectionState, Series
from plantwright.detection.columns import Bools, Ints
from plantwright.detection.config import ConfigColumns
from plantwright.detection.findings import Finding
from plantwright.detection.replay.history import SettingsHistory
from plantwright.readings.ingest.segments import DAY_MS

HOUR_MS = 3_600_000
# What a machine or its line was silent for may still come; it is derived anew from before the silence.
GAP_MS = 300_000
# Silence is what is long for the series itself.
_GAP_INTERVALS = 20.0
# All at midnight, those of a large plant would be half a gigabyte in one transaction.
_BLOCK_SERIES = 256


@dataclass(frozen=True, slots=True)
class Snapshot:
    """States of some series before a reading of theirs at `next_ms`; the first of their day when `is_daily`."""

    series: Ints
    state: DetectionState
    next_ms: Ints
    is_daily: Bools

    def only(self, series: Ints) -> "Snapshot | None":
        """The states of these series, None if there are none."""
        rows = np.flatnonzero(np.isin(self.series, series))
        if not len(rows):
            return None
        return Snapshot(self.series[rows], self.state.take(rows), self.next_ms[rows], self.is_daily[rows])


@dataclass(frozen=True, slots=True)
class Derived:
    """`found` are the findings, each with the place in the batch of the reading that caused it."""

    state: DetectionState
    found: list[tuple[int, Finding]]
    snapshots: list[Snapshot]


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Of each reading: the part of its series, whether a snapshot is due before it, and the changes ahead of it."""

    part: Ints
    is_due: Bools
    is_daily: Bools
    to_come: Ints


def derive(
    state: DetectionState,
    series: Ints,
    batch: ReadingBatch,
    present: ConfigColumns,
    history: SettingsHistory,
) -> Derived:
    """Take in readings.

    Args:
        state: before them.
        series: number of the series of each row.
        batch: rows and readings sorted by row and time, one per time, all newer than the last of their row.
        present: present settings, one row per row of the state.
        history: of the same series.
    """
    if not len(batch.series):
        return Derived(state, [], [])
    cuts = _cut(state, series, batch, history)
    found: list[tuple[int, Finding]] = []
    snapshots: list[Snapshot] = []
    for number in range(int(cuts.part.max()) + 1):
        places = np.flatnonzero(cuts.part == number)
        due = places[cuts.is_due[places]]
        if len(due):
            rows = batch.series[due].astype(np.int64)
            snapshots.append(Snapshot(series[rows], state.take(rows), batch.time_ms[due], cuts.is_daily[due]))
        config = _config(present, history, series, batch, places[cuts.to_come[places] > 0])
        part = ReadingBatch(batch.series[places], batch.time_ms[places], batch.value[places])
        state, of_part = take_in(state, part, config)
        found += [(int(places[place]), finding) for place, finding in of_part]
    return Derived(state, found, snapshots)


def is_snapshot_due(state: Series, series: Ints, batch: ReadingBatch) -> Bools:
    """Of each reading, whether it begins a day of its series or ends a long silence; sorted by row and time."""
    return _days_and_gaps(state, series, batch)[1]


def days_begin_ms(series: Ints) -> Ints:
    """How long after midnight (UTC) the days of these series begin: an hour later for each block of series."""
    return series // _BLOCK_SERIES % 24 * HOUR_MS


def _days_and_gaps(state: Series, series: Ints, batch: ReadingBatch) -> tuple[Bools, Bools]:
    row, time = batch.series, batch.time_ms
    is_first = _is_first(batch)
    before = np.empty_like(time)
    before[1:] = time[:-1]
    before[is_first] = state.last_time[row[is_first]]
    is_known = before != NEVER
    begin = days_begin_ms(series)[row]
    is_daily = is_known & ((time - begin) // DAY_MS != (before - begin) // DAY_MS)
    silence = np.where(is_known, time - before, 0)
    is_long = (silence >= GAP_MS) & (silence >= _GAP_INTERVALS * state.usual_interval[row])
    return is_daily, is_daily | (is_long & (time // HOUR_MS != before // HOUR_MS))


def _is_first(batch: ReadingBatch) -> Bools:
    is_first = np.ones(len(batch.series), np.bool_)
    is_first[1:] = batch.series[1:] != batch.series[:-1]
    return is_first


def _cut(state: DetectionState, series: Ints, batch: ReadingBatch, history: SettingsHistory) -> _Cuts:
    is_first = _is_first(batch)
    is_daily, is_due = _days_and_gaps(state.series, series, batch)
    to_come = history.to_come(series[batch.series], batch.time_ms)
    is_cut = is_due.copy()
    is_cut[1:] |= to_come[1:] != to_come[:-1]
    is_cut &= ~is_first
    total = np.cumsum(is_cut)
    starts = np.flatnonzero(is_first)
    part: Ints = total - np.repeat(total[starts], np.diff(np.append(starts, len(is_first))))
    return _Cuts(part.astype(np.int64), is_due, is_daily, to_come)


def _config(
    present: ConfigColumns, history: SettingsHistory, series: Ints, batch: ReadingBatch, places: Ints
) -> ConfigColumns:
    """The present settings, but those of the time where changes were still to come; `places` are such readings."""
    if not len(places):
        return present
    rows, first = np.unique(batch.series[places], return_index=True)
    times = batch.time_ms[places[first]]
    held = [history.at(int(series[row]), int(time)) for row, time in zip(rows, times, strict=True)]
    config = present.copy()
    config.put(rows.astype(np.int64), ConfigColumns.from_configs(held))
    return config


def present_columns(history: SettingsHistory, series: Ints) -> ConfigColumns:
    return ConfigColumns.from_configs([history.present(number) for number in series.tolist()])


def put_rows(state: DetectionState, rows: Ints, part: DetectionState) -> DetectionState:
    """A copy with `part` in the place of these rows."""
    after = DetectionState(state.series.copy(), state.buckets.copy(), state.episodes.copy())
    after.series.put(rows, part.series)
    after.buckets.put(rows, part.buckets)
    after.episodes.put(rows, part.episodes)
    return after


def stacked(states: Sequence[DetectionState]) -> DetectionState:
    """These states of one row each as one state."""
    every = DetectionState.empty(len(states))
    for number, state in enumerate(states):
        row = np.array([number], np.int64)
        every.series.put(row, state.series)
        every.buckets.put(row, state.buckets)
        every.episodes.put(row, state.episodes)
    return every
