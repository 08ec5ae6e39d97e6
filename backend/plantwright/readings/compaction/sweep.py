"""Merging of the readings log, a sweep at a time, and the rollups of what it merges.

Invariants:
1. Rows are merged only when they are settled and every consumer has passed them; a merged row carries the highest
   flush of its sources, so no consumer sees a reading twice and none misses one.
2. Of an hour, all rows up to the horizon are merged, or none of them, and a series' hours in order: so of several
   readings of one time the one of the latest flush stays the last.
3. Rows are replaced, and their rollups written, in one small transaction. A reader sees all of it or nothing, and a
   sweep that is killed goes on with the next one.
4. The frontier lies before every hour that holds readings which its rollups do not.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from plantwright.core.clock import to_milliseconds
from plantwright.core.database import Database, UnitOfWork
from plantwright.journal.repository import lock_cursor
from plantwright.readings.compaction import repository
from plantwright.readings.compaction.merging import HOUR_MS, MergedRows, merge_hours, split_hours
from plantwright.readings.compaction.repository import FRONTIER, LOW_WATER, Owner, Taken, Task, Unmerged
from plantwright.readings.compaction.rollups import DAY, HOUR, Kept, Renewal, from_rows, renew, row_keys, to_rows
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.models import Level
from plantwright.readings.storage.retention import raw_cutoff, rollup_cutoff

GRACE = timedelta(minutes=5)
PIECE_FLUSHES = 60
# A transaction that writes holds back the consumers of every tenant until it ends.
MAX_READINGS = 200_000
MAX_ROWS = 5_000
_TRANSACTIONS_PER_PLAN = 50


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a sweep did; `is_complete` when it left nothing that could be merged yet.

    `is_anything_left`: rows that wait for their hour to be over, for a consumer, or for the next sweep.
    """

    transactions: int = 0
    readings: int = 0
    is_complete: bool = False
    is_anything_left: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """`hours` are closed ones to be merged whole, `pieces` open ones; flushes up to `through` are looked at.

    `is_all_merged` when the log holds no row but merged hours.
    """

    owner: Owner
    through: int
    hours: Sequence[Task]
    pieces: Sequence[Task]
    is_all_merged: bool


async def compact_tenant(
    database: Database,
    tenant_id: UUID,
    now: datetime,
    consumer_names: Sequence[str],
    *,
    max_transactions: int | None = None,
) -> Compacted:
    """Merge what can be merged of one tenant's log, and roll it up.

    Args:
        database: of the role `worker`.
        tenant_id: whose log.
        now: an hour is closed `GRACE` after its end.
        consumer_names: consumers of the readings log; what one of them has not passed stays as it is.
        max_transactions: stop after so many; the next sweep goes on.

    Nothing is done while another process merges the same log.
    """
    transactions = readings = 0
    while True:
        async with database.reading(tenant_id) as hold:
            if not await repository.try_hold(hold):
                return Compacted(transactions, readings)
            plan = await _plan(database, hold, now, consumer_names)
            if not plan.hours and not plan.pieces:
                return Compacted(transactions, readings, is_complete=True, is_anything_left=not plan.is_all_merged)
            left = _TRANSACTIONS_PER_PLAN if max_transactions is None else max_transactions - transactions
            done = await _carry_out(database, tenant_id, now, plan, min(left, _TRANSACTIONS_PER_PLAN))
            transactions += done.transactions
            readings += done.readings
        if transactions == max_transactions:
            return Compacted(transactions, readings)


def tasks_of(unmerged: Iterable[Unmerged], first_open: int) -> tuple[list[Task], list[Task]]:
    """Closed hours and pieces of open hours that are to be merged now.

    Args:
        unmerged: sorted by series and hour.
        first_open: the first hour that is not closed, counted from 1970.
    """
    hours: list[Task] = []
    pieces: list[Task] = []
    for _, of_series in groupby(unmerged, attrgetter("series_id")):
        entries = list(of_series)
        closed = [entry for entry in entries if entry.hour < first_open]
        if closed:
            hours += _hour_tasks(closed, first_open)
        elif entries[0].flushes >= PIECE_FLUSHES:
            # Later hours wait: rows of this one may reach into them.
            pieces.append(_task(entries[0], entries[0].hour + 1))
    # Rows of one day lie together, and the earliest day is what holds the frontier back.
    hours.sort(key=lambda task: (task.since_ms // DAY_MS, task.series_id, task.since_ms))
    return hours, pieces


def _hour_tasks(closed: Sequence[Unmerged], first_open: int) -> Iterable[Task]:
    """An hour each, or several hours at once where a row of the one reaches into the other."""
    current: Task | None = None
    for entry in closed:
        task = _task(entry, min(entry.last_hour + 1, first_open))
        if current is not None and task.since_ms < current.until_ms:
            until_ms = max(current.until_ms, task.until_ms)
            rows, readings = current.rows + task.rows, current.readings + task.readings
            current = Task(current.series_id, current.since_ms, until_ms, rows, readings)
            continue
        if current is not None:
            yield current
        current = task
    if current is not None:
        yield current


def _task(entry: Unmerged, until_hour: int) -> Task:
    return Task(entry.series_id, entry.hour * HOUR_MS, until_hour * HOUR_MS, entry.rows, entry.readings)


async def _plan(database: Database, work: UnitOfWork, now: datetime, consumer_names: Sequence[str]) -> Plan:
    """What is to be merged; moves both cursors to what holds at this moment.

    The frontier is the time before which every reading there is now lies in merged, rolled-up hours.
    """
    owner = await repository.read_owner(work)
    low_water = await repository.position_of(work, LOW_WATER)
    horizon = max(low_water, await repository.horizon(work, consumer_names))
    through, unmerged = await repository.list_unmerged(work, owner.number, low_water, horizon)
    first_open = to_milliseconds(now - GRACE) // HOUR_MS
    is_known, newer = await repository.oldest_hour_after(work, owner.number, through)
    frontier = min([first_open, *(entry.hour for entry in unmerged), *([] if newer is None else [newer])]) * HOUR_MS
    if not is_known:
        frontier = min(frontier, await repository.position_of(work, FRONTIER))
    low_water = min((entry.first_flush - 1 for entry in unmerged), default=through)
    async with database.transaction(work.tenant_id) as writing:
        await repository.move_cursors(writing, low_water, frontier)
    hours, pieces = tasks_of(unmerged, first_open)
    return Plan(owner, through, hours, pieces, is_all_merged=not unmerged and newer is None)


async def _carry_out(
    database: Database, tenant_id: UUID, now: datetime, plan: Plan, max_transactions: int
) -> Compacted:
    transactions = readings = 0
    for tasks, level in ((deque(plan.hours), Level.HOUR), (deque(plan.pieces), Level.PIECE)):
        per_hour = 3_600
        while tasks and transactions < max_transactions:
            batch = _next_batch(tasks, per_hour)
            async with database.transaction(tenant_id) as work:
                merged = await _merge(work, plan, batch, level, now)
            transactions += 1
            readings += merged
            per_hour = merged // sum(task.hours for task in batch)
    return Compacted(transactions, readings)


def _next_batch(tasks: deque[Task], per_hour: int) -> list[Task]:
    """As many as a transaction takes, at least one. An hour may have been merged before and hold more than is listed:
    it is taken to hold `per_hour` readings, as the ones before it did.
    """
    batch: list[Task] = []
    rows = readings = 0
    while tasks:
        rows += tasks[0].rows
        readings += max(tasks[0].readings, tasks[0].hours * per_hour)
        if batch and (rows > MAX_ROWS or readings > MAX_READINGS):
            break
        batch.append(tasks.popleft())
    return batch


async def _merge(work: UnitOfWork, plan: Plan, tasks: Sequence[Task], level: Level, now: datetime) -> int:
    """Replace the rows of these tasks by merged ones; returns how many readings were merged."""
    # Whoever holds the log may lose its connection unnoticed; two that write would merge halves of an hour.
    await lock_cursor(work, LOW_WATER, start=0)
    highest = Level.FLUSH if level is Level.PIECE else Level.HOUR
    taken = await repository.take_rows(work, plan.owner.number, tasks, plan.through, highest)
    merged, parts = await asyncio.to_thread(_merged, taken, level)
    await repository.put_rows(work, plan.owner.number, merged)
    await repository.put_rows(work, plan.owner.number, parts)
    if level is Level.HOUR and len(merged):
        await _roll_up(work, plan.owner, merged, now)
    return len(merged.time_ms)


def _merged(taken: Taken, level: Level) -> tuple[MergedRows, MergedRows]:
    """The merged rows, and what of their sources belongs to later hours."""
    return merge_hours(taken.stored.only(taken.is_due), level), split_hours(taken.stored.only(~taken.is_due))


async def _roll_up(work: UnitOfWork, owner: Owner, merged: MergedRows, now: datetime) -> None:
    readings = merged.readings()
    hour_keys, day_keys = (row_keys(readings.series, readings.time_ms, seconds) for seconds in (HOUR, DAY))
    hours = from_rows(HOUR, await repository.read_rollups(work, owner.number, HOUR, hour_keys))
    days = from_rows(DAY, await repository.read_rollups(work, owner.number, DAY, day_keys))
    # A tenant that has moved to a larger tier keeps more from now on, not what was deleted before.
    raw_since = max(raw_cutoff(owner.tier, now), owner.deleted_before or datetime.min.replace(tzinfo=UTC))
    kept = Kept(to_milliseconds(raw_since), to_milliseconds(rollup_cutoff(owner.tier, HOUR, now)))
    renewal: Renewal = await asyncio.to_thread(renew, readings, hours, days, kept)
    for buckets, keys in zip(renewal.buckets, renewal.keys, strict=True):
        changed = set(keys)
        rows = [row for row in to_rows(buckets) if (row.series_id, row.start_ms) in changed]
        empty = changed.difference((row.series_id, row.start_ms) for row in rows)
        await repository.put_rollups(work, owner.number, rows)
        await repository.remove_rollups(work, owner.number, buckets.seconds, sorted(empty))
