"""What the worker does by itself: housekeeping every quarter of an hour, and merging what is due."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from plantwright.alerts.consumer import AlertConsumer
from plantwright.alerts.repository import AlertFilter
from plantwright.alerts.service import page
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.core.database import Database
from plantwright.identity.models import Tier
from plantwright.journal.service import Journal
from plantwright.readings.compaction.merging import HOUR_MS
from plantwright.readings.latest import LatestConsumer
from plantwright.readings.models import Level
from plantwright.readings.storage.service import measure
from plantwright.worker import rounds
from plantwright.worker.consumers import Consumers
from plantwright.worker.rounds import keep_storage, merge, sweep
from sqlalchemy.exc import OperationalError

from tests.backend.agents.making import document, make_plant
from tests.backend.readings.log_writer import LogWriter
from tests.backend.readings.stored import Shelf
from tests.conftest import Databases
from tests.factories import MachineFactory, TenantFactory

TODAY = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
LONG_AGO = datetime(2003, 1, 1, tzinfo=UTC)


async def make_shelf(
    owner: asyncpg.Connection, make_tenant: TenantFactory, make_machine: MachineFactory, tier: Tier
) -> Shelf:
    tenant = await make_tenant(tier)
    _, metrics = await make_machine(tenant)
    return Shelf(owner, tenant, metrics["vibration_rms"])


async def test_storage_is_kept_for_every_tenant_whatever_happens_to_one(
    *,
    databases: Databases,
    journal: Journal,
    owner: asyncpg.Connection,
    make_tenant: TenantFactory,
    make_machine: MachineFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, free, pro = [
        await make_shelf(owner, make_tenant, make_machine, tier) for tier in (Tier.FREE, Tier.FREE, Tier.PRO)
    ]
    await owner.execute(
        "CREATE TABLE segment_merged_2003_01 PARTITION OF segment_merged "
        "FOR VALUES FROM ('2003-01-01Z') TO ('2003-02-01Z')"
    )
    for shelf in (broken, free, pro):
        await shelf.put_hours(TODAY - 30 * DAY, 1)
        await shelf.put_hours(LONG_AGO, 1)

    async def measure_or_break(database: Database, tenant_id: UUID) -> int:
        if tenant_id == broken.tenant.id:
            raise OperationalError("SELECT", {}, ConnectionError("gone"))
        return await measure(database, tenant_id)

    monkeypatch.setattr(rounds, "measure", measure_or_break)
    await keep_storage({"consumers": Consumers(databases.worker, journal, (), ())})

    assert await broken.starts() == [TODAY - 30 * DAY]
    assert await free.starts() == []
    assert await pro.starts() == [TODAY - 30 * DAY]
    assert await owner.fetchval("SELECT to_regclass('segment_merged_2003_01')") is None


async def test_only_logs_with_something_to_merge_are_looked_at_again(
    databases: Databases, journal: Journal, ingest: asyncpg.Connection, make_tenant: TenantFactory
) -> None:
    long_over, open_hour, idle = [LogWriter(ingest, databases, await make_tenant()) for _ in range(3)]
    now_ms = to_milliseconds(utc_now())
    await long_over.flush([(1, now_ms - 10 * HOUR_MS, 1.5, 0)])
    await open_hour.flush([(1, now_ms, 1.5, 0)])
    consumers = Consumers(databases.worker, journal, (LatestConsumer(),), ())
    for log in (long_over, open_hour, idle):
        await consumers.consume_readings(log.tenant.id)
    assert consumers.turns.due == {long_over.tenant.id, open_hour.tenant.id}

    await merge({"consumers": consumers, "is_merging": asyncio.Lock()})

    assert consumers.turns.due == set()
    assert [row.level for row in await long_over.rows()] == [Level.HOUR]
    assert [row.level for row in await open_hour.rows()] == [Level.FLUSH]


async def test_housekeeping_has_every_log_looked_at_for_merging(
    databases: Databases, journal: Journal, make_tenant: TenantFactory
) -> None:
    tenants = {(await make_tenant()).id for _ in range(2)}
    consumers = Consumers(databases.worker, journal, (), ())

    await keep_storage({"consumers": consumers})

    looked_at: set[UUID] = set()
    while looked_at < (looked_at := looked_at | set(consumers.turns.next_round(utc_now()))):
        pass
    assert tenants <= looked_at


async def test_an_unreadable_log_does_not_hold_up_the_others(
    databases: Databases,
    journal: Journal,
    owner: asyncpg.Connection,
    ingest: asyncpg.Connection,
    make_tenant: TenantFactory,
) -> None:
    logs = [LogWriter(ingest, databases, await make_tenant()) for _ in range(3)]
    first, damaged, last = sorted(logs, key=lambda log: log.tenant.id)
    long_over_ms = to_milliseconds(utc_now()) - 10 * HOUR_MS
    for log in (first, last):
        await log.flush([(1, long_over_ms, 1.5, 0)])
    # More qualities than values: nothing can read it.
    await owner.execute(
        'INSERT INTO segment (tenant_no, series_id, start, offsets, "values", quality) '
        "VALUES ($1, 1, now() - interval '10 hours', '{0,1}', '{1,2}', '{0,1,2}')",
        damaged.tenant.number,
    )
    consumers = Consumers(databases.worker, journal, (LatestConsumer(),), ())
    context = {"consumers": consumers, "is_sweeping": asyncio.Lock(), "is_merging": asyncio.Lock()}

    await sweep(context)
    assert [await log.cursor("latest") > 0 for log in (first, damaged, last)] == [True, False, True]

    consumers.turns.due = {log.tenant.id for log in logs}
    await merge(context)
    assert [[row.level for row in await log.rows()] for log in (first, last)] == [[Level.HOUR], [Level.HOUR]]


async def test_a_sweep_finds_a_silent_agent_and_raises_the_alert(
    databases: Databases, journal: Journal, make_tenant: TenantFactory
) -> None:
    tenant = await make_tenant()
    agents = await make_plant(databases, journal, tenant)
    gone = await agents.hear(document(name="gone"), utc_now() - timedelta(minutes=10))
    await agents.hear(document(name="there"), utc_now())
    consumers = Consumers(
        databases.worker, journal, (), (AlertConsumer(journal),), started_at=utc_now() - timedelta(hours=1)
    )

    await consumers.sweep_tenant(tenant.id)
    await consumers.sweep_tenant(tenant.id)

    assert [agent.state for agent in await agents.agents()] == ["silent", "online"]
    async with databases.worker.reading(tenant.id) as work:
        [alert] = await page(work, AlertFilter(agent_id=gone.id), None, 10)
    assert alert.message.startswith("Agent gone has not been heard of since ")


async def test_a_sweep_is_not_overtaken_by_the_next_one(
    databases: Databases, journal: Journal, ingest: asyncpg.Connection, make_tenant: TenantFactory
) -> None:
    written = LogWriter(ingest, databases, await make_tenant())
    await written.flush([(1, to_milliseconds(utc_now()), 1.5, 0)])
    consumers = Consumers(databases.worker, journal, (LatestConsumer(),), ())
    is_sweeping = asyncio.Lock()
    context = {"consumers": consumers, "is_sweeping": is_sweeping}

    async with is_sweeping:
        await sweep(context)
    assert await written.cursor("latest") == 0

    await sweep(context)
    assert await written.cursor("latest") > 0
