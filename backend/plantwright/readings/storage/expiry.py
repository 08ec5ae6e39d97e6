"""Deletes what a tenant's retention no longer keeps, in small transactions.

Invariants:
1. Only whole days (UTC) go, and only once all of the day is too old: nothing goes before its time.
2. A transaction deletes few rows: while it runs, it holds back every consumer of the log. Between two of them there
   is a pause as long as the last one took.
3. Oldest first. What is interrupted goes on the next time, since a day is known as stored until all of it is gone.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from plantwright.core.database import Database, UnitOfWork
from plantwright.readings.storage import expiry_repository as repository
from plantwright.readings.storage.repository import read_tier
from plantwright.readings.storage.retention import RETENTION, raw_cutoff, rollup_cutoff

SERIES_AT_ONCE = 200
FIRST_ROWS = 200
MOST_ROWS = 5_000
# A transaction that took longer than this makes the next one smaller, one that took less than a third larger.
AIM_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Deleted:
    """How much is gone."""

    segments: int = 0
    readings: int = 0
    rollups: int = 0

    def __add__(self, other: "Deleted") -> "Deleted":
        return Deleted(self.segments + other.segments, self.readings + other.readings, self.rollups + other.rollups)


Report = Callable[[UnitOfWork, Deleted], Awaitable[None]]
_DeleteRows = Callable[[UnitOfWork, Sequence[int], int], Awaitable[Deleted]]


async def tell_nobody(_work: UnitOfWork, _deleted: Deleted) -> None:
    """A report that goes nowhere."""


def start_of_day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


async def delete_expired(
    database: Database,
    tenant_id: UUID,
    now: datetime,
    *,
    report: Report = tell_nobody,
    seconds: float = float("inf"),
    most_rows: int = MOST_ROWS,
) -> Deleted:
    """Delete readings and rollups that the tenant's tier no longer keeps, of days that have been measured.

    Args:
        database: of the `worker` role.
        tenant_id: whose.
        now: what is too old is counted from here.
        report: called in each transaction with what it deleted.
        seconds: after these it stops; the next call goes on.
        most_rows: of one transaction.
    """
    async with database.reading(tenant_id) as work:
        tier = await read_tier(work)
        series = await repository.list_series(work)
    expiry = _Expiry(database, tenant_id, series, report, time.monotonic() + seconds, most_rows)
    deleted = await expiry.delete_segments(start_of_day(raw_cutoff(tier, now)))
    for bucket_seconds in RETENTION[tier].days_of_buckets():
        deleted += await expiry.delete_rollups(bucket_seconds, start_of_day(rollup_cutoff(tier, bucket_seconds, now)))
    return deleted


class _Expiry:
    def __init__(  # noqa: PLR0917 - private, called once
        self,
        database: Database,
        tenant_id: UUID,
        series: Sequence[int],
        report: Report,
        ends_at: float,
        most_rows: int,
    ) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._series = series
        self._report = report
        self._ends_at = ends_at
        self._most_rows = most_rows
        self._rows = min(FIRST_ROWS, most_rows)

    async def delete_segments(self, before: datetime) -> Deleted:
        async with self._database.reading(self._tenant_id) as work:
            days = await repository.days_of_segments(work, before)
        if days:
            async with self._database.transaction(self._tenant_id) as work:
                await repository.note_deletion(work, before)
        total = Deleted()
        for day in days:

            async def delete(work: UnitOfWork, series: Sequence[int], rows: int, day: datetime = day) -> Deleted:
                segments, readings = await repository.delete_segments(work, series, day, rows)
                return Deleted(segments=segments, readings=readings)

            total += await self._empty_day(delete)
            if self._is_over():
                break
            async with self._database.transaction(self._tenant_id) as work:
                await repository.forget_segments(work, day)
        return total

    async def delete_rollups(self, bucket_seconds: int, before: datetime) -> Deleted:
        async with self._database.reading(self._tenant_id) as work:
            days = await repository.days_of_rollups(work, bucket_seconds, before)
        total = Deleted()
        for day in days:

            async def delete(work: UnitOfWork, series: Sequence[int], rows: int, day: datetime = day) -> Deleted:
                return Deleted(rollups=await repository.delete_rollups(work, bucket_seconds, series, day, rows))

            total += await self._empty_day(delete)
            if self._is_over():
                break
            async with self._database.transaction(self._tenant_id) as work:
                await repository.forget_rollups(work, bucket_seconds, day)
        return total

    async def _empty_day(self, delete: _DeleteRows) -> Deleted:
        """All of a day, unless time is over before."""
        total = Deleted()
        for start in range(0, len(self._series), SERIES_AT_ONCE):
            some = self._series[start : start + SERIES_AT_ONCE]
            is_full = True
            while is_full and not self._is_over():
                rows = self._rows
                async with self._paced(), self._database.transaction(self._tenant_id) as work:
                    deleted = await delete(work, some, rows)
                    await self._report(work, deleted)
                total += deleted
                is_full = deleted.segments + deleted.rollups >= rows
        return total

    @asynccontextmanager
    async def _paced(self) -> AsyncIterator[None]:
        started = time.monotonic()
        yield
        took = time.monotonic() - started
        if took > AIM_SECONDS:
            self._rows = max(1, self._rows // 2)
        elif took < AIM_SECONDS / 3:
            self._rows = min(self._most_rows, self._rows * 2)
        await asyncio.sleep(took)

    def _is_over(self) -> bool:
        return time.monotonic() >= self._ends_at
