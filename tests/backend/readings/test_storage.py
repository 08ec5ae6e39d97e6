"""What is stored, as measured; and the clean-up that an admin asks for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from plantwright.core.clock import utc_now
from plantwright.core.jobs import JobQueue
from plantwright.core.settings import Settings
from plantwright.identity.models import Tier
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from plantwright.readings.models import Level
from plantwright.readings.storage.service import Storage, measure, read_storage, request_cleanup, run_cleanup
from plantwright.worker.sweep_repository import read_overdue
from sqlalchemy import event
from sqlmodel import col, select

from tests.backend.readings.stored import Shelf
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

TODAY = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
MONTH = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def queue(settings: Settings) -> AsyncIterator[JobQueue]:
    made = await JobQueue.connect(settings.redis_url.get_secret_value())
    yield made
    await made.close()


@pytest.fixture
async def shelf(owner: asyncpg.Connection, make_tenant: TenantFactory, make_machine: MachineFactory) -> Shelf:
    tenant = await make_tenant(Tier.FREE)
    _, metrics = await make_machine(tenant)
    return Shelf(owner, tenant, metrics["vibration_rms"])


async def nothing_to_merge(_tenant_id: UUID) -> None:
    """All of it lies in whole hours already."""


async def look(databases: Databases, tenant: MadeTenant) -> Storage:
    async with databases.app.reading(tenant.id) as work:
        return await read_storage(work)


async def ask(databases: Databases, journal: Journal, queue: JobQueue, tenant: MadeTenant) -> None:
    async with databases.app.transaction(tenant.id) as work:
        await request_cleanup(work, journal, queue, tenant.admin_id)


async def journaled(databases: Databases, tenant: MadeTenant) -> list[AuditRecord]:
    statement = select(AuditRecord).where(col(AuditRecord.action).startswith("storage."))
    async with databases.app.reading(tenant.id) as work:
        rows = (await work.session.exec(statement.order_by(col(AuditRecord.sequence)))).all()
    return list(rows)


async def test_counts_readings_segments_and_times_by_month(databases: Databases, shelf: Shelf) -> None:
    await shelf.put_hours(MONTH, 2)
    await shelf.put_hours(MONTH + 40 * DAY, 1, readings=30)
    await shelf.put_flush(MONTH + 41 * DAY, [0, 250, 990])
    await shelf.put_rollup(60, MONTH)
    await measure(databases.worker, shelf.tenant.id)

    january, february = (await look(databases, shelf.tenant)).months

    assert (january.month, january.segments, january.readings, january.unmerged) == (MONTH, 2, 120, 0)
    assert (january.oldest, january.newest) == (MONTH, MONTH + timedelta(minutes=119))
    assert (february.segments, february.readings, february.unmerged) == (2, 33, 1)
    assert february.newest == MONTH + 41 * DAY + timedelta(milliseconds=990)
    assert january.bytes > 0 < january.rollup_bytes
    assert february.rollup_bytes == 0


async def test_counted_bytes_are_near_what_postgresql_uses(
    databases: Databases, owner: asyncpg.Connection, shelf: Shelf
) -> None:
    """In a partition of its own: its heap and out-of-line values, without indexes."""
    start = datetime(2002, 1, 1, tzinfo=UTC)
    await owner.execute(
        "CREATE TABLE segment_merged_2002_01 PARTITION OF segment_merged "
        "FOR VALUES FROM ('2002-01-01Z') TO ('2002-02-01Z')"
    )
    try:
        await shelf.put_hours(start, 700, readings=60)
        for hour in range(20):
            offsets = range(0, 90_000 * (hour % 3 + 1), 7)
            await shelf.put_flush(start + timedelta(hours=hour, minutes=30), offsets, Level.HOUR)
        used = await owner.fetchval("SELECT pg_table_size('segment_merged_2002_01')")
        await measure(databases.worker, shelf.tenant.id)
        (month,) = (await look(databases, shelf.tenant)).months
    finally:
        await owner.execute("DROP TABLE segment_merged_2002_01")
    assert 0.6 < month.bytes / used < 1.0


async def test_measures_again_only_days_that_changed(
    databases: Databases, owner: asyncpg.Connection, shelf: Shelf
) -> None:
    await shelf.put_hours(MONTH, 24 * 3)
    assert await measure(databases.worker, shelf.tenant.id) == 3
    assert await measure(databases.worker, shelf.tenant.id) == 0

    await shelf.put_flush(MONTH + 2 * DAY, [1])
    assert await measure(databases.worker, shelf.tenant.id) == 2, "the day, and the first of its month"
    assert await measure(databases.worker, shelf.tenant.id) == 2, "merging is still to come"

    await owner.execute("UPDATE segment SET level = 2 WHERE tenant_no = $1", shelf.tenant.number)
    await measure(databases.worker, shelf.tenant.id)
    assert await measure(databases.worker, shelf.tenant.id) == 0
    (month,) = (await look(databases, shelf.tenant)).months
    assert (month.readings, month.unmerged) == (72 * 60 + 1, 0)


async def test_a_clean_up_deletes_measures_and_is_journaled(
    databases: Databases, journal: Journal, queue: JobQueue, shelf: Shelf
) -> None:
    await shelf.put_hours(TODAY - 20 * DAY, 24)
    await shelf.put_hours(TODAY - 2 * DAY, 24)
    await ask(databases, journal, queue, shelf.tenant)
    merged: list[UUID] = []

    async def merge(tenant_id: UUID) -> None:
        merged.append(tenant_id)

    assert await run_cleanup(databases.worker, journal, shelf.tenant.id, merge)

    after = await look(databases, shelf.tenant)
    assert merged == [shelf.tenant.id]
    assert sum(month.readings for month in after.months) == 24 * 60
    assert after.cleanup is not None
    assert after.cleanup.finished_at is not None
    assert (after.cleanup.segments, after.cleanup.readings) == (24, 24 * 60)
    asked, done = await journaled(databases, shelf.tenant)
    assert (asked.action, asked.actor_id) == ("storage.cleanup_requested", shelf.tenant.admin_id)
    assert (done.action, done.actor_id) == ("storage.cleaned", shelf.tenant.admin_id)
    assert done.payload == {"segments": 24, "readings": 24 * 60, "rollups": 0}


async def test_asking_twice_runs_once_and_asking_again_later_runs_again(
    databases: Databases, journal: Journal, queue: JobQueue, shelf: Shelf
) -> None:
    await shelf.put_hours(TODAY - 20 * DAY, 2)
    await asyncio.gather(*(ask(databases, journal, queue, shelf.tenant) for _ in range(3)))
    runs = [run_cleanup(databases.worker, journal, shelf.tenant.id, nothing_to_merge) for _ in range(3)]
    assert sorted(await asyncio.gather(*runs)) == [False, False, True]
    assert [row.action for row in await journaled(databases, shelf.tenant)] == [
        "storage.cleanup_requested",
        "storage.cleaned",
    ]

    await ask(databases, journal, queue, shelf.tenant)
    assert await run_cleanup(databases.worker, journal, shelf.tenant.id, nothing_to_merge)

    assert (await journaled(databases, shelf.tenant))[-1].payload == {"segments": 0, "readings": 0, "rollups": 0}


async def test_a_killed_clean_up_is_taken_over_and_counts_on(
    databases: Databases, owner: asyncpg.Connection, journal: Journal, queue: JobQueue, shelf: Shelf
) -> None:
    await shelf.put_hours(TODAY - 20 * DAY, 24 * 12)
    await ask(databases, journal, queue, shelf.tenant)

    class Killed(Exception):
        pass

    def kill(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SET segments = 0" in statement:
            raise Killed

    event.listen(databases.worker.engine.sync_engine, "before_cursor_execute", kill)
    with pytest.raises(Killed):
        await run_cleanup(databases.worker, journal, shelf.tenant.id, nothing_to_merge)
    event.remove(databases.worker.engine.sync_engine, "before_cursor_execute", kill)
    halfway = (await look(databases, shelf.tenant)).cleanup
    assert halfway is not None
    assert halfway.finished_at is None
    assert halfway.segments == 24

    assert not await run_cleanup(databases.worker, journal, shelf.tenant.id, nothing_to_merge), "still claimed"
    await owner.execute("UPDATE storage_cleanup SET claimed_until = now() WHERE tenant_no = $1", shelf.tenant.number)
    async with databases.worker.reading(shelf.tenant.id) as work:
        assert (await read_overdue(work, [], [], utc_now())).cleanup
    assert await run_cleanup(databases.worker, journal, shelf.tenant.id, nothing_to_merge)

    assert (await journaled(databases, shelf.tenant))[-1].payload["segments"] == 24 * 12
    assert await shelf.starts() == []


async def test_a_clean_up_leaves_other_tenants_alone(
    databases: Databases,
    journal: Journal,
    queue: JobQueue,
    shelf: Shelf,
    owner: asyncpg.Connection,
    make_tenant: TenantFactory,
    make_machine: MachineFactory,
) -> None:
    other = await make_tenant(Tier.FREE)
    _, metrics = await make_machine(other)
    theirs = Shelf(owner, other, metrics["vibration_rms"])
    for one in (shelf, theirs):
        await one.put_hours(TODAY - 20 * DAY, 3)
    await ask(databases, journal, queue, shelf.tenant)

    await run_cleanup(databases.worker, journal, shelf.tenant.id, nothing_to_merge)

    assert await shelf.starts() == []
    assert len(await theirs.starts()) == 3
    assert (await look(databases, other)).cleanup is None
    assert not await run_cleanup(databases.worker, journal, other.id, nothing_to_merge)
