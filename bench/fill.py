"""Fills a database with many readings in the state the product leaves them in after running for a month.

Closed hours lie merged and rolled up; of the open hour there are pieces and, of the last minutes, flush rows of ten
seconds. Rows and rollups are made by the product's functions and copied by the owner, which is quicker than sending
every reading through the door.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray
from plant import Plant
from plantwright.core.clock import from_milliseconds, to_milliseconds
from plantwright.core.database import Database
from plantwright.core.ids import uuid7
from plantwright.readings.columns import LogSlice
from plantwright.readings.compaction.merging import MergedRows, StoredReadings, merge_hours
from plantwright.readings.compaction.repository import move_cursors
from plantwright.readings.compaction.rollups import DAY, HOUR, Rollups, coarsen, minutes_of, to_rows
from plantwright.readings.compaction.sweep import GRACE, PIECE_FLUSHES
from plantwright.readings.ingest.batch import SeriesColumns, StoreRequest
from plantwright.readings.ingest.segments import COPY_COLUMNS, build_segments, copy_payload
from plantwright.readings.latest import keep_latest
from plantwright.readings.models import Level

NARROW_METRICS = 20
WIDE_METRICS = 50
WIDE_DAYS = 30
WIDE_SHARE = 0.13
ALWAYS_A_DAY = 8
FLUSH_MS = 10_000
HOUR_MS = 3_600_000
_GROUP_READINGS = 3_000_000
_SEGMENT = ("tenant_no", "series_id", "start", "flush_id", "offsets", "period", "values", "quality", "level")
_ROLLUP = (
    *("tenant_no", "bucket_seconds", "series_id", "start", "places", "counts", "lasts", "sums"),
    *("minimums", "maximums"),
)


@dataclass(frozen=True)
class Range:
    """Readings of a series at equal distances, from `start_ms` on and before the end of everything."""

    series_id: int
    start_ms: int
    period_ms: int


@dataclass(frozen=True)
class Filled:
    """`readings` in the log, of which those from `frontier` on are not rolled up, and the last is before `end`."""

    tenant_id: UUID
    machines: list[UUID]
    wide: UUID
    readings: int
    frontier: datetime
    end: datetime


async def fill(plant: Plant, readings: int) -> Filled:
    """About so many readings: the last machine has 50 metrics over 30 days, the others 20 each at one a second."""
    owner = await asyncpg.connect(plant.settings.owner_url())
    worker = Database(plant.settings.role_url("worker"))
    try:
        found = await owner.fetch("SELECT tenant_id, id FROM machine ORDER BY identifier")
        tenant_id, ids = found[0]["tenant_id"], [row["id"] for row in found]
        tenant_no = await owner.fetchval("SELECT number FROM tenant WHERE id = $1", tenant_id)
        end = datetime.now(UTC).replace(microsecond=0)
        end_ms = to_milliseconds(end)
        frontier_ms = to_milliseconds(end - GRACE) // HOUR_MS * HOUR_MS
        ranges = await _ranges(owner, tenant_id, ids, readings, end_ms)
        flush_id = await owner.fetchval("SELECT current_flush_id()")
        for group in _groups(ranges, end_ms):
            await _store_closed(owner, tenant_no, flush_id, _generate(group, 0, frontier_ms))
        await _store_open(owner, tenant_no, ranges, frontier_ms, end_ms)
        last = [Range(one.series_id, end_ms - one.period_ms, one.period_ms) for one in ranges]
        async with worker.transaction(tenant_id) as work:
            await keep_latest(work, _generate(last, 0, end_ms))
            await move_cursors(work, flush_id, frontier_ms)
        await owner.execute("VACUUM ANALYZE segment, rollup, latest_reading, metric, machine")
        await owner.execute("CHECKPOINT")
        stored = await owner.fetchval('SELECT sum(cardinality("values")) FROM segment')
    finally:
        await worker.close()
        await owner.close()
    return Filled(tenant_id, ids[:-1], ids[-1], int(stored), from_milliseconds(frontier_ms), end)


async def _ranges(
    owner: asyncpg.Connection, tenant_id: UUID, machines: Sequence[UUID], readings: int, end_ms: int
) -> list[Range]:
    wide = await _make_metrics(owner, tenant_id, machines[-1], WIDE_METRICS)
    wide_span = timedelta(days=WIDE_DAYS) // timedelta(milliseconds=1)
    wide_period = max(1, round(wide_span * WIDE_METRICS / (readings * WIDE_SHARE * 1_000))) * 1_000
    day_span = 25 * HOUR_MS
    narrow = len(machines[:-1]) * NARROW_METRICS
    rest = readings * (1 - WIDE_SHARE) - ALWAYS_A_DAY * day_span / 1_000
    span = max(600_000, round(rest / (narrow - ALWAYS_A_DAY)) * 1_000)
    ranges = [Range(series_id, end_ms - wide_span, wide_period) for series_id in wide]
    for machine in machines[:-1]:
        for place, series_id in enumerate(await _make_metrics(owner, tenant_id, machine, NARROW_METRICS)):
            is_measured = machine == machines[0] and place < ALWAYS_A_DAY
            ranges.append(Range(series_id, end_ms - max(span, day_span if is_measured else 0), 1_000))
    return ranges


async def _make_metrics(owner: asyncpg.Connection, tenant_id: UUID, machine_id: UUID, count: int) -> list[int]:
    return [
        await owner.fetchval(
            "INSERT INTO metric (tenant_id, id, machine_id, name, unit) VALUES ($1, $2, $3, $4, 'mm/s') "
            "RETURNING series_id",
            tenant_id,
            uuid7(),
            machine_id,
            f"metric_{number:02}",
        )
        for number in range(count)
    ]


def _groups(ranges: Sequence[Range], end_ms: int) -> Iterator[list[Range]]:
    """Whole series, so that their rows of rollups come whole."""
    group: list[Range] = []
    size = 0
    for one in ranges:
        group.append(one)
        size += (end_ms - one.start_ms) // one.period_ms
        if size >= _GROUP_READINGS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _generate(ranges: Sequence[Range], low_ms: int, high_ms: int) -> LogSlice:
    """Readings of the series from `low_ms` on and before `high_ms`."""
    times = []
    for one in ranges:
        skipped = max(0, -(-(low_ms - one.start_ms) // one.period_ms))
        times.append(np.arange(one.start_ms + skipped * one.period_ms, high_ms, one.period_ms, dtype=np.int64))
    values = [_values(one.series_id, moments) for one, moments in zip(ranges, times, strict=True)]
    series = np.repeat(np.array([one.series_id for one in ranges], np.int32), list(map(len, times)))
    return LogSlice(0, series, np.concatenate(times), np.concatenate(values), np.zeros(len(series), np.int8))


def _values(series_id: int, times: NDArray[np.int64]) -> NDArray[np.float64]:
    """What sensors give: a temperature in tenths, a vibration in full precision, a counter, a constant."""
    noise = np.random.default_rng(series_id).normal(size=len(times))
    match series_id % 4:
        case 0:
            return np.round(60 + 5 * np.sin(times / 7e6) + 0.2 * noise, 1)
        case 1:
            return 2 + 0.3 * np.abs(noise)
        case 2:
            return (times // 1_000 % 1_000_000).astype(np.float64)
        case _:
            return np.full(len(times), 24.0)


async def _store_closed(owner: asyncpg.Connection, tenant_no: int, flush_id: int, readings: LogSlice) -> None:
    stored = StoredReadings(readings, np.full(len(readings), flush_id, np.int64))
    await _copy_rows(owner, tenant_no, merge_hours(stored, Level.HOUR))
    minutes = minutes_of(readings)
    hours = coarsen(minutes, HOUR)
    for buckets in (minutes, hours, coarsen(hours, DAY)):
        await _copy_rollups(owner, tenant_no, buckets)


async def _copy_rows(owner: asyncpg.Connection, tenant_no: int, merged: MergedRows) -> None:
    records = (
        (
            *(tenant_no, row.series_id, from_milliseconds(row.start_ms), row.flush_id, row.offsets, row.period),
            *(row.values, row.quality, row.level),
        )
        for row in merged.rows()
    )
    await owner.copy_records_to_table("segment", records=records, columns=_SEGMENT)


async def _copy_rollups(owner: asyncpg.Connection, tenant_no: int, buckets: Rollups) -> None:
    records = (
        (
            *(tenant_no, row.seconds, row.series_id, from_milliseconds(row.start_ms), row.places, row.counts),
            *(row.lasts, row.sums, row.minimums, row.maximums),
        )
        for row in to_rows(buckets)
    )
    await owner.copy_records_to_table("rollup", records=records, columns=_ROLLUP)


async def _store_open(
    owner: asyncpg.Connection, tenant_no: int, ranges: Sequence[Range], frontier_ms: int, end_ms: int
) -> None:
    """Pieces of as many flushes as are merged at once, and the flushes since; none lies in two hours."""
    since = frontier_ms
    while end_ms - since >= PIECE_FLUSHES * FLUSH_MS:
        until = since + PIECE_FLUSHES * FLUSH_MS
        readings = _generate(ranges, since, until)
        flush_id = await owner.fetchval("SELECT current_flush_id()")
        stored = StoredReadings(readings, np.full(len(readings), flush_id, np.int64))
        await _copy_rows(owner, tenant_no, merge_hours(stored, Level.PIECE))
        since = until
    for low in range(since, end_ms, FLUSH_MS):
        flush = _generate(ranges, low, min(low + FLUSH_MS, end_ms))
        columns = SeriesColumns(flush.series, flush.time_ms, flush.value, flush.quality)
        payload = copy_payload(build_segments([StoreRequest(UUID(int=0), tenant_no, None, columns)]))
        await owner.copy_to_table("segment", source=memoryview(payload), columns=COPY_COLUMNS, format="binary")
