"""SQL of merging and rollups. Wide arrays go through the driver itself, which takes and gives their binary form."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from plantwright.core.clock import from_milliseconds, utc_now
from plantwright.core.database import UnitOfWork
from plantwright.identity.models import Tier
from plantwright.journal.repository import lock_cursor
from plantwright.readings.compaction.merging import HOUR_MS, MergedRows, StoredReadings
from plantwright.readings.compaction.rollups import RollupRow
from plantwright.readings.models import Level
from plantwright.readings.repository import SEGMENT_COLUMNS, to_slice

LOW_WATER, FRONTIER = "compaction", "rollup"

_TRY_HOLD = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
_OWNER = text("""
    SELECT number, tier, deleted_before FROM tenant LEFT JOIN storage_state ON tenant_no = number
    WHERE id = :tenant_id""")
_HORIZON = text("""
    SELECT least(settled_flush_id(), min(coalesce(cursor.position, 0)))
    FROM unnest(CAST(:names AS text[])) AS name
    LEFT JOIN consumer_cursor AS cursor ON cursor.consumer = name AND cursor.tenant_id = :tenant_id""")
_POSITION = text("SELECT position FROM consumer_cursor WHERE tenant_id = :tenant_id AND consumer = :consumer")
_UNMERGED = text("""
    SELECT series_id, hour, max(last_hour) AS last_hour, count(*) AS rows, count(*) FILTER (WHERE level = 0) AS flushes,
           sum(readings)::bigint AS readings, min(flush_id) AS first_flush, max(flush_id) AS last_flush
    FROM (SELECT series_id, level, flush_id,
                 ((date_part('epoch', start) * 1000)::bigint / 3600000)::int AS hour,
                 (((date_part('epoch', start) * 1000)::bigint
                   + coalesce(offsets[cardinality(offsets)], period * (cardinality("values") - 1))) / 3600000)::int
                 AS last_hour,
                 cardinality("values") AS readings
          FROM segment WHERE tenant_no = :tenant_no AND flush_id > :after AND flush_id <= :through AND level < 2
          ORDER BY flush_id LIMIT :most) AS unmerged
    GROUP BY series_id, hour ORDER BY series_id, hour""")
_OLDEST_AFTER = text("""
    SELECT count(*) AS rows, floor(date_part('epoch', min(start)) / 3600)::int AS hour
    FROM (SELECT start FROM segment WHERE tenant_no = :tenant_no AND flush_id > :after LIMIT :most) AS newer""")

# What the planner cannot know: rows are found task by task through the index, then removed by their places.
_PLAN_BY = text("""
    SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true),
           set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
           set_config('enable_bitmapscan', 'off', true), set_config('enable_indexscan', :index, true)""")
_WHICH = "tenant_no = $1 AND start >= $2 AND start < $3 AND flush_id <= $4 AND level <= $5"
_FIND = f"""
    SELECT until_ms, found.*
    FROM unnest($6::int4[], $7::timestamptz[], $8::timestamptz[], $9::int8[])
         AS wanted (wanted_series, since, until, until_ms)
    CROSS JOIN LATERAL (
        SELECT tableoid AS part, ctid AS place, {SEGMENT_COLUMNS} FROM segment
        WHERE {_WHICH} AND series_id = wanted_series AND start >= since AND start < until OFFSET 0
    ) AS found"""  # noqa: S608 - the inserted texts are constants
_REMOVE = f"DELETE FROM segment WHERE {_WHICH} AND tableoid = $6 AND ctid = ANY($7::tid[])"  # noqa: S608 - a constant
_PUT = """
    INSERT INTO segment (tenant_no, series_id, start, flush_id, offsets, period, "values", quality, level)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_ROLLUPS = """
    SELECT rollup.series_id, (date_part('epoch', rollup.start) * 1000)::bigint AS start_ms, places, counts, lasts, sums,
           minimums, maximums
    FROM unnest($3::int4[], $4::timestamptz[]) AS wanted (series_id, start)
    JOIN rollup ON tenant_no = $1 AND bucket_seconds = $2
               AND rollup.series_id = wanted.series_id AND rollup.start = wanted.start"""
_PUT_ROLLUP = """
    INSERT INTO rollup (tenant_no, bucket_seconds, series_id, start, places, counts, lasts, sums, minimums, maximums)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (tenant_no, bucket_seconds, series_id, start) DO UPDATE
    SET places = excluded.places, counts = excluded.counts, lasts = excluded.lasts, sums = excluded.sums,
        minimums = excluded.minimums, maximums = excluded.maximums"""
_REMOVE_ROLLUPS = """
    DELETE FROM rollup USING unnest($3::int4[], $4::timestamptz[]) AS wanted (wanted_series, wanted_start)
    WHERE tenant_no = $1 AND bucket_seconds = $2 AND series_id = wanted_series AND start = wanted_start"""

# More rows than this are merged in several windows of flushes, so that no list of them grows without bound.
_MAX_LISTED_ROWS = 1_000_000
_MAX_NEWER_ROWS = 100_000
# An element of an array on the wire: its length, then the number.
_FLOAT8_BYTES = 12


class RowsVanished(Exception):
    """Rows were removed between being read and being replaced, for example by retention; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose log it is: the short form of the tenant, its tier, and before what readings may be gone already."""

    number: int
    tier: Tier
    deleted_before: datetime | None


@dataclass(frozen=True, slots=True)
class Unmerged:
    """Rows of one series that begin in one hour and are not merged; they reach into `last_hour` at the latest."""

    series_id: int
    hour: int
    last_hour: int
    rows: int
    flushes: int
    readings: int
    first_flush: int
    last_flush: int


@dataclass(frozen=True, slots=True)
class Task:
    """Rows of one series that begin from `since_ms` on and before `until_ms`, whole hours within one UTC day."""

    series_id: int
    since_ms: int
    until_ms: int
    rows: int
    readings: int

    @property
    def hours(self) -> int:
        return (self.until_ms - self.since_ms) // HOUR_MS


@dataclass(frozen=True, slots=True)
class Taken:
    """What the rows held that were taken out of the log; `is_due` says which readings lie within their task."""

    stored: StoredReadings
    is_due: NDArray[np.bool_]


async def try_hold(work: UnitOfWork) -> bool:
    """Whether this transaction may merge the tenant's log; until it ends no other one may."""
    return bool((await work.execute(_TRY_HOLD, {"name": f"compaction:{work.tenant_id}"})).scalar_one())


async def read_owner(work: UnitOfWork) -> Owner:
    row = (await work.execute(_OWNER, {"tenant_id": work.tenant_id})).one()
    return Owner(row.number, Tier(row.tier), row.deleted_before)


async def horizon(work: UnitOfWork, consumer_names: Sequence[str]) -> int:
    """The newest flush that is settled and that all of these consumers have passed."""
    parameters = {"names": list(consumer_names), "tenant_id": work.tenant_id}
    return int((await work.execute(_HORIZON, parameters)).scalar_one())


async def position_of(work: UnitOfWork, consumer: str) -> int:
    position = (await work.execute(_POSITION, {"tenant_id": work.tenant_id, "consumer": consumer})).scalar()
    return position or 0


async def list_unmerged(work: UnitOfWork, tenant_no: int, after: int, through: int) -> tuple[int, list[Unmerged]]:
    """What is not merged of the flushes in `(after, through]`; of a great many rows those of the first flushes.

    Returns the last flush that was looked at, and the rows by series and hour.
    """
    window = {"tenant_no": tenant_no, "after": after, "through": through, "most": _MAX_LISTED_ROWS}
    found = await _unmerged(work, window)
    if sum(entry.rows for entry in found) < _MAX_LISTED_ROWS:
        return through, found
    # The last flush listed may go on behind the cut.
    whole = max(entry.last_flush for entry in found) - 1
    window |= {"through": max(whole, after + 1), "most": 2 * _MAX_LISTED_ROWS}
    return window["through"], await _unmerged(work, window)


async def oldest_hour_after(work: UnitOfWork, tenant_no: int, flush_id: int) -> tuple[bool, int | None]:
    """Whether later flushes are few enough to look at them all, and the earliest hour that one of them begins in."""
    window = {"tenant_no": tenant_no, "after": flush_id, "most": _MAX_NEWER_ROWS}
    row = (await work.execute(_OLDEST_AFTER, window)).one()
    return row.rows < _MAX_NEWER_ROWS, row.hour


async def move_cursors(work: UnitOfWork, low_water: int, frontier_ms: int) -> None:
    """Keep both positions; the low-water mark never falls, the frontier may."""
    for consumer, position in ((LOW_WATER, low_water), (FRONTIER, frontier_ms)):
        cursor = await lock_cursor(work, consumer, start=0)
        if cursor.position != position and not (consumer == LOW_WATER and cursor.position > position):
            cursor.position = position
            cursor.updated_at = utc_now()
            work.session.add(cursor)


async def take_rows(work: UnitOfWork, tenant_no: int, tasks: Sequence[Task], through: int, highest: Level) -> Taken:
    """Remove the rows of these tasks up to a flush and a level, and give what they hold.

    Raises:
        RowsVanished: someone else removed some of them at the same time.
    """
    await work.execute(_PLAN_BY, {"index": "on"})
    driver = await _driver(work)
    first, end = min(task.since_ms for task in tasks), max(task.until_ms for task in tasks)
    which = (tenant_no, from_milliseconds(first), from_milliseconds(end), through, highest)
    rows = await driver.fetch(
        _FIND,
        *which,
        [task.series_id for task in tasks],
        [from_milliseconds(task.since_ms) for task in tasks],
        [from_milliseconds(task.until_ms) for task in tasks],
        [task.until_ms for task in tasks],
    )
    places: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        places[row["part"]].append(row["place"])
    await work.execute(_PLAN_BY, {"index": "off"})
    for part, of_part in places.items():
        if await driver.execute(_REMOVE, *which, part, of_part) != f"DELETE {len(of_part)}":
            raise RowsVanished
    await work.execute(_PLAN_BY, {"index": "on"})
    rows.sort(key=itemgetter("flush_id"))
    readings = to_slice(0, rows)
    counts = [len(row["values"]) // _FLOAT8_BYTES for row in rows]
    until = np.repeat(np.array([row["until_ms"] for row in rows], np.int64), counts)
    flush_id = np.repeat(np.array([row["flush_id"] for row in rows], np.int64), counts)
    return Taken(StoredReadings(readings, flush_id), readings.time_ms < until)


async def put_rows(work: UnitOfWork, tenant_no: int, merged: MergedRows) -> None:
    records = [
        (
            tenant_no,
            row.series_id,
            from_milliseconds(row.start_ms),
            row.flush_id,
            row.offsets,
            row.period,
            row.values,
            row.quality,
            row.level,
        )
        for row in merged.rows()
    ]
    if records:
        await (await _driver(work)).executemany(_PUT, records)


async def read_rollups(
    work: UnitOfWork, tenant_no: int, seconds: int, keys: Sequence[tuple[int, int]]
) -> list[RollupRow]:
    """The rows of these series and starts (milliseconds since 1970) that are there."""
    rows = await (await _driver(work)).fetch(_ROLLUPS, tenant_no, seconds, *_columns(keys))
    return [RollupRow(seconds, *row) for row in rows]


async def put_rollups(work: UnitOfWork, tenant_no: int, rows: Iterable[RollupRow]) -> None:
    records = [
        (
            tenant_no,
            row.seconds,
            row.series_id,
            from_milliseconds(row.start_ms),
            row.places,
            row.counts,
            row.lasts,
            row.sums,
            row.minimums,
            row.maximums,
        )
        for row in rows
    ]
    if records:
        await (await _driver(work)).executemany(_PUT_ROLLUP, records)


async def remove_rollups(work: UnitOfWork, tenant_no: int, seconds: int, keys: Sequence[tuple[int, int]]) -> None:
    if keys:
        await (await _driver(work)).execute(_REMOVE_ROLLUPS, tenant_no, seconds, *_columns(keys))


async def _unmerged(work: UnitOfWork, window: dict[str, int]) -> list[Unmerged]:
    return [Unmerged(**row) for row in (await work.execute(_UNMERGED, window)).mappings()]


async def _driver(work: UnitOfWork) -> Any:
    """The asyncpg connection of this transaction."""
    connection = await work.session.connection()
    return (await connection.get_raw_connection()).driver_connection


def _columns(keys: Sequence[tuple[int, int]]) -> tuple[list[int], list[Any]]:
    return [series for series, _ in keys], [from_milliseconds(start) for _, start in keys]
