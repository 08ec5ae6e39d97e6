"""The three charts of each series, shard by shard."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from plantwright.assets.models import Metric
from plantwright.assets.repository import metrics_by_series
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.detection.charts.engine import needs_buckets
from plantwright.detection.charts.rounds import ReadingBatch, stable_order
from plantwright.detection.charts.state import Buckets, DetectionState
from plantwright.detection.columns import Ints
from plantwright.detection.config import ConfigColumns
from plantwright.detection.findings import ACTION_PREFIX, Finding, finding_to_payload
from plantwright.detection.replay.history import SettingsHistory
from plantwright.detection.replay.late import judge
from plantwright.detection.replay.steps import Snapshot
from plantwright.detection.stateful import Conclusions
from plantwright.detection.states import repository
from plantwright.detection.states.configuration import Configurations
from plantwright.detection.states.series_notes import (
    KnownSettings,
    history_since,
    judged_too_soon,
    known_settings,
    save_notes,
)
from plantwright.detection.states.shard_cache import ShardCache
from plantwright.detection.states.shard_store import Loaded, ShardStore
from plantwright.detection.states.shards import SHARD_SERIES, SeriesShard, buckets_of, changed_slots, hour_bytes
from plantwright.journal.service import Fact
from plantwright.readings.arrays import Int8s
from plantwright.readings.columns import LogSlice

DETECTOR = "series"


@dataclass(frozen=True, slots=True)
class _Settings:
    """Of the touched shards: present ones as columns, and what they were before."""

    known: KnownSettings
    history: SettingsHistory
    columns: dict[int, ConfigColumns]


@dataclass(slots=True)
class _Part:
    """The readings of one shard; `places` are where they are in the slice."""

    shard: int
    held: SeriesShard
    places: Ints
    batch: ReadingBatch
    quality: Int8s
    config: ConfigColumns
    history: SettingsHistory
    late: dict[int, int]
    snapshots: list[Snapshot] = field(default_factory=list)
    findings: list[tuple[int, int, Finding]] = field(default_factory=list)
    slots: dict[int, bytes] = field(default_factory=dict)

    def run(self, buckets: Buckets | None = None) -> None:
        """Take in the readings; with buckets if they end an hour."""
        state = self.held.state
        with_buckets = state if buckets is None else DetectionState(state.series, buckets, state.episodes)
        ids = self.held.series_ids
        judged = judge(
            with_buckets, ids.astype(np.int64), self.batch, self.quality, present=self.config, history=self.history
        )
        after, self.snapshots = judged.state, judged.snapshots
        for row, from_ms in judged.late.items():
            series = int(ids[row])
            self.late[series] = min(from_ms, self.late.get(series, from_ms))
        if buckets is not None:
            self.slots = {slot: hour_bytes(after.buckets, slot) for slot in changed_slots(buckets, after.buckets)}
        self.findings = [
            (int(self.places[place]), int(ids[finding.series]), finding) for place, finding in judged.found
        ]
        self.held = SeriesShard(ids, DetectionState(after.series, Buckets.empty(0), after.episodes))


class SeriesCharts:
    """Reads only shards that the readings touch, and the hours of those in which an hour ends.

    Findings are made of readings of good quality; the others tell that one of good quality was taken back.
    """

    def __init__(self, cache: ShardCache) -> None:
        self._store = ShardStore(DETECTOR, SeriesShard, cache)
        self._configurations = Configurations(cache)

    async def conclude(self, work: UnitOfWork, readings: LogSlice) -> Conclusions:
        spans = await asyncio.to_thread(_by_shard, readings, np.arange(len(readings)))
        known = await known_settings(work, spans)
        loaded = await self._store.load(work, spans)
        held = {shard: loaded[shard].value.with_series(readings.series[places]) for shard, places in spans.items()}
        configs = await self._configurations.of(work, {shard: value.series_ids for shard, value in held.items()})
        history = await history_since(work, int(readings.time_ms.min()), spans)
        settings = _Settings(known, history, configs)
        parts = [_part(shard, held[shard], readings, spans[shard], settings) for shard in spans]
        # Seconds for a long backlog: meanwhile the worker goes on with other tenants.
        waiting = await asyncio.to_thread(_run_within_hours, parts)
        for part in waiting:
            stored = await repository.read_hours(work, part.shard)
            await asyncio.to_thread(_run_with_hours, part, stored)

        async def save(work: UnitOfWork) -> None:
            await self._save(work, loaded, parts)
            snapshots = [snapshot for part in parts for snapshot in part.snapshots]
            late = {series: from_ms for part in parts for series, from_ms in part.late.items()}
            await save_notes(work, snapshots, late, spans, known)

        return Conclusions(await _facts(work, parts), (save,))

    async def _save(self, work: UnitOfWork, loaded: dict[int, Loaded[SeriesShard]], parts: Sequence[_Part]) -> None:
        await self._store.save(work, loaded, {part.shard: part.held for part in parts})
        slots = {(part.shard, slot): data for part in parts for slot, data in part.slots.items()}
        await repository.write_hours(work, slots)


def _by_shard(readings: LogSlice, places: Ints) -> dict[int, Ints]:
    """Those of the places that belong to each shard, series by series, in log order within a series."""
    series = readings.series[places]
    is_sorted = bool((series[1:] >= series[:-1]).all())
    order = places if is_sorted else places[stable_order(series)]
    shards = readings.series[order] // SHARD_SERIES
    starts = np.flatnonzero(np.append(True, shards[1:] != shards[:-1]))
    ends = np.append(starts[1:], len(shards))
    return {int(shards[low]): order[low:high] for low, high in zip(starts, ends, strict=True)}


def _part(shard: int, held: SeriesShard, readings: LogSlice, places: Ints, settings: _Settings) -> _Part:
    rows = held.rows_of(readings.series[places])
    batch = ReadingBatch(series=rows.astype(np.int32), time_ms=readings.time_ms[places], value=readings.value[places])
    late = judged_too_soon(shard, held.series_ids.astype(np.int64), held.state.series.last_time, settings.known)
    config = settings.columns[shard]
    return _Part(shard, held, places, batch, readings.quality[places], config, settings.history, late)


def _run_within_hours(parts: Sequence[_Part]) -> list[_Part]:
    """Run what needs no buckets; returns the rest."""
    waiting = []
    for part in parts:
        if needs_buckets(part.held.state.series, part.batch, part.config):
            waiting.append(part)
        else:
            part.run()
    return waiting


def _run_with_hours(part: _Part, stored: dict[int, bytes]) -> None:
    part.run(buckets_of(part.held.state.rows, stored))


async def _facts(work: UnitOfWork, parts: Sequence[_Part]) -> list[tuple[int, Fact]]:
    """In log order, whatever shards the series are in; series that have no metric any more give none."""
    findings = sorted((found for part in parts for found in part.findings), key=lambda found: found[0])
    if not findings:
        return []
    concerned = sorted({series for _, series, _ in findings})
    metrics = {int(metric.series_id or 0): metric for metric in await metrics_by_series(work, concerned)}
    return [(place, _fact(finding, metrics[series])) for place, series, finding in findings if series in metrics]


def _fact(finding: Finding, metric: Metric) -> Fact:
    payload = {
        **finding_to_payload(finding),
        "time": from_milliseconds(finding.time_ms),
        "started": from_milliseconds(finding.started_ms),
        "machine_id": metric.machine_id,
        "metric_id": metric.id,
        "metric": metric.name,
        "unit": metric.unit,
    }
    return Fact(
        action=ACTION_PREFIX + finding.kind.value,
        resource_type="metric",
        resource_id=str(metric.id),
        payload=payload,
    )
