"""Snapshots of states: what a replay starts from, so that it need not begin with the first reading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from plantwright.core.clock import from_milliseconds
from plantwright.detection.charts.state import NEVER, DetectionState
from plantwright.detection.columns import Ints
from plantwright.detection.replay.steps import Snapshot

# A row holds so many states at most: reading one of them means reading the row.
ROW_SERIES = 256
DAILY_DAYS = 35
# An agent that was away for longer sends what it kept; its series are derived anew from the first of the month then.
GAP_DAYS = 8


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """One stored row: states of some series before their next reading, which was on `day` (UTC).

    An edge is where a series was derived anew up to; the next one takes its place.
    """

    day: date
    is_daily: bool
    series: Ints
    last_times: Ints
    state: DetectionState
    is_edge: bool = False


def rows_of(snapshots: Sequence[Snapshot]) -> Iterator[StoredSnapshot]:
    """The snapshots by day, in rows of bounded size."""
    for snapshot in snapshots:
        days = [from_milliseconds(next_ms).date() for next_ms in snapshot.next_ms.tolist()]
        keys = list(zip(days, snapshot.is_daily.tolist(), strict=True))
        for day, is_daily in sorted(set(keys)):
            rows = np.array([place for place, key in enumerate(keys) if key == (day, is_daily)], np.int64)
            for low in range(0, len(rows), ROW_SERIES):
                part = rows[low : low + ROW_SERIES]
                state = snapshot.state.take(part)
                yield StoredSnapshot(day, is_daily, snapshot.series[part], state.series.last_time, state)


def edges_of(series: Ints, state: DetectionState) -> list[StoredSnapshot]:
    """The states as they are: who sends out of order is derived anew from there, not from its day's begin."""
    rows = np.flatnonzero(state.series.last_time != NEVER)
    last_times = state.series.last_time[rows]
    snapshot = Snapshot(series[rows], state.take(rows), last_times + 1, np.zeros(len(rows), np.bool_))
    return [replace(row, is_edge=True) for row in rows_of([snapshot])]


def thinned_before(today: date) -> date:
    """Months that begin before this one are kept by one state of each series."""
    return (today - timedelta(days=DAILY_DAYS)).replace(day=1)
