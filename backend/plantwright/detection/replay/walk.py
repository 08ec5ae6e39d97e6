"""Series derived from what the log holds of them, slice after slice of time, in bounded memory."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import msgspec
import numpy as np

from plantwright.assets.models import Metric
from plantwright.assets.repository import metrics_by_series
from plantwright.core.database import UnitOfWork
from plantwright.detection.charts.engine import ReadingBatch
from plantwright.detection.charts.state import NEVER, DetectionState
from plantwright.detection.columns import Ints
from plantwright.detection.config import ConfigColumns
from plantwright.detection.findings import Detector, Finding
from plantwright.detection.replay import history_repository, late_repository, snapshots_repository
from plantwright.detection.replay.history import SettingsHistory
from plantwright.detection.replay.steps import HOUR_MS, Derived, Snapshot, derive, present_columns, stacked
from plantwright.detection.service import SETTING
from plantwright.identity.settings import read_setting
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.models import Quality
from plantwright.readings.query.plan import Level, Part
from plantwright.readings.query.range_repository import read_parts

# A slice has about so many readings, once its length has adapted to the series.
SLICE_READINGS = 200_000
_LONGEST_SLICE_MS = 32 * 24 * HOUR_MS
_SHORTEST_SLICE_MS = HOUR_MS // 4
LONGEST_PAUSE_SECONDS = 0.2

_ORDER = {detector: number for number, detector in enumerate(Detector)}

Opening = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class Subject:
    """Series to be derived, a row each, with the settings they had and have."""

    series: Ints
    metrics: dict[int, Metric]
    history: SettingsHistory
    present: ConfigColumns

    def take(self, rows: Ints) -> "Subject":
        return Subject(self.series[rows], self.metrics, self.history, self.present.take(rows))


@dataclass(slots=True)
class Walk:
    """How far series have been derived, and what was found on the way."""

    subject: Subject
    state: DetectionState
    findings: list[Finding] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    readings: int = 0

    def add(self, derived: Derived, readings: int) -> None:
        self.state = derived.state
        self.findings += [finding for _, finding in derived.found]
        self.snapshots += derived.snapshots
        self.readings += readings

    def take(self, rows: Ints) -> "Walk":
        """The walk of some of its series."""
        place = {row: number for number, row in enumerate(rows.tolist())}
        findings = [
            msgspec.structs.replace(finding, series=place[finding.series])
            for finding in self.findings
            if finding.series in place
        ]
        kept = self.subject.series[rows]
        snapshots = [part for snapshot in self.snapshots if (part := snapshot.only(kept)) is not None]
        return Walk(self.subject.take(rows), self.state.take(rows), findings, snapshots, self.readings)

    def sorted_findings(self) -> list[Finding]:
        """By time, series and detector."""
        number = self.subject.series
        return sorted(
            self.findings, key=lambda found: (found.time_ms, int(number[found.series]), _ORDER[found.detector])
        )


async def load_subject(work: UnitOfWork, series: Sequence[int], since_ms: int) -> Subject:
    """Settings of the series from a time on; series whose metric is gone are left out."""
    changes = await history_repository.changes_since(work, since_ms)
    default = await read_setting(work, SETTING, {})
    metrics = {int(row.series_id or 0): row for row in await metrics_by_series(work, list(series))}
    own = {number: row.detection for number, row in metrics.items() if row.detection}
    numbers = np.array(sorted(metrics), np.int64)
    history = SettingsHistory(default, own, changes)
    return Subject(numbers, metrics, history, present_columns(history, numbers))


async def start_walk(work: UnitOfWork, series: Sequence[int], from_ms: dict[int, int]) -> Walk:
    """Series at their newest snapshots that know of nothing from these times on; without one, at their beginning."""
    bases = await snapshots_repository.newest_before(work, from_ms)
    known = [int(base.series.last_time[0]) for number in series if (base := bases.get(number))]
    since = 0 if len(known) < len(series) else min(known)
    subject = await load_subject(work, series, since)
    fresh = DetectionState.empty(1)
    return Walk(subject, stacked([bases.get(number, fresh) for number in subject.series.tolist()]))


async def advance(
    walk: Walk, opening: Opening, horizon: Ints, *, until: int | None = None, gives_way: bool = False
) -> None:
    """Take in what is stored of each series up to its horizon, that time included.

    Args:
        walk: is moved on.
        opening: opens a transaction for each slice.
        horizon: milliseconds since 1970, one per series.
        until: nothing behind this position of the log.
        gives_way: pauses after each slice for as long as it took, but not for long.
    """
    low = await _beginning(walk, opening)
    end = int(horizon.max(initial=NEVER)) + 1
    length = HOUR_MS
    while low is not None and low < end:
        began = time.monotonic()
        high = min(low + length, end)
        async with opening() as work:
            stored = await _read(work, walk.subject.series.tolist(), low, high, until)
        readings = await asyncio.to_thread(_take_in, walk, stored, horizon)
        if gives_way:
            await asyncio.sleep(min(time.monotonic() - began, LONGEST_PAUSE_SECONDS))
        low = high
        length = _next_length(length, readings)


def _next_length(length: int, readings: int) -> int:
    if readings < SLICE_READINGS // 2:
        return min(length * 2, _LONGEST_SLICE_MS)
    return length if readings < 2 * SLICE_READINGS else max(length // 2, _SHORTEST_SLICE_MS)


async def _beginning(walk: Walk, opening: Opening) -> int | None:
    last = walk.state.series.last_time
    starts = [int(last[last != NEVER].min()) + 1] if (last != NEVER).any() else []
    if (last == NEVER).any():
        async with opening() as work:
            first = await late_repository.first_reading_ms(work, walk.subject.series[last == NEVER].tolist())
        starts += [] if first is None else [first]
    return min(starts, default=None)


async def _read(work: UnitOfWork, series: Sequence[int], low: int, high: int, until: int | None) -> LogSlice:
    parts = [Part(Level.RAW, low, high)]
    return LogSlice.joined([chunk async for chunk in read_parts(work, series, parts, until=until)])


def _take_in(walk: Walk, stored: LogSlice, horizon: Ints) -> int:
    settled = settle_duplicates(stored)
    row = np.searchsorted(walk.subject.series, settled.series)
    is_new = (settled.time_ms > walk.state.series.last_time[row]) & (settled.time_ms <= horizon[row])
    keep = is_new & (settled.quality == Quality.GOOD) & np.isfinite(settled.value)
    batch = ReadingBatch(row[keep].astype(np.int32), settled.time_ms[keep], settled.value[keep])
    subject = walk.subject
    walk.add(derive(walk.state, subject.series, batch, subject.present, subject.history), int(keep.sum()))
    return len(stored)


def within(work: UnitOfWork) -> Opening:
    """An opening that goes on in the same transaction."""

    @asynccontextmanager
    async def opening() -> AsyncGenerator[UnitOfWork]:
        yield work

    return opening
