"""What a sweep finds due of a tenant."""

from dataclasses import asdict
from datetime import timedelta

import asyncpg
from plantwright.alerts.load.models import Flood
from plantwright.alerts.timers import keep_time
from plantwright.core.clock import utc_now
from plantwright.core.settings import Settings
from plantwright.health.consumer import HealthConsumer
from plantwright.journal.consumers import run_consumer
from plantwright.journal.service import Journal
from plantwright.worker.sweep_repository import Overdue, read_overdue

from tests.backend.readings.log_writer import LogWriter
from tests.conftest import Databases
from tests.factories import MadeTenant, TenantFactory

NAMES = ["latest"], ["health"]


def due(found: Overdue) -> list[str]:
    return [name for name, is_due in asdict(found).items() if is_due]


async def overdue(databases: Databases, tenant: MadeTenant) -> Overdue:
    async with databases.worker.reading(tenant.id) as work:
        return await read_overdue(work, *NAMES, utc_now())


async def test_a_log_is_overdue_until_its_last_consumer_has_come_to_its_end(
    databases: Databases, journal: Journal, ingest: asyncpg.Connection, make_tenant: TenantFactory
) -> None:
    mine, other = await make_tenant(), await make_tenant()
    log = LogWriter(ingest, databases, mine)
    await run_consumer(databases.worker, mine.id, HealthConsumer(journal))
    assert due(await overdue(databases, mine)) == []

    await log.flush([(1, 1_700_000_000_000, 1.5, 0)])
    assert due(await overdue(databases, mine)) == ["readings"]
    await log.consume()
    assert not (await overdue(databases, mine)).readings

    assert (await overdue(databases, other)).journal, "a tenant's making is in its journal"
    assert not (await overdue(databases, other)).readings


async def test_a_clean_up_is_overdue_while_no_worker_is_at_it(
    databases: Databases, settings: Settings, make_tenant: TenantFactory
) -> None:
    tenant = await make_tenant()
    owner = await asyncpg.connect(settings.owner_url())
    try:
        await owner.execute(
            "INSERT INTO storage_cleanup (tenant_no, requested_by) VALUES ($1, $2)", tenant.number, tenant.admin_id
        )
        assert (await overdue(databases, tenant)).cleanup
        await owner.execute("UPDATE storage_cleanup SET claimed_until = now() + interval '1 minute'")
        assert not (await overdue(databases, tenant)).cleanup
        await owner.execute("UPDATE storage_cleanup SET claimed_until = now() - interval '1 minute'")
        assert (await overdue(databases, tenant)).cleanup
        await owner.execute("UPDATE storage_cleanup SET finished_at = now()")
        assert not (await overdue(databases, tenant)).cleanup
    finally:
        await owner.close()


async def test_the_time_of_an_alert_is_overdue_until_it_was_kept(
    databases: Databases, journal: Journal, make_tenant: TenantFactory
) -> None:
    mine, other = await make_tenant(), await make_tenant()
    past = utc_now() - timedelta(minutes=1)
    flood = Flood(tenant_id=mine.id, site="Hall 1", began_at=past, quiet_at=past, alerts=11, peak=11)
    async with databases.worker.transaction(mine.id) as work:
        work.session.add(flood)
    assert (await overdue(databases, mine)).alert_times
    assert not (await overdue(databases, other)).alert_times
    async with databases.worker.transaction(mine.id) as work:
        await keep_time(work, journal, utc_now())
    assert not (await overdue(databases, mine)).alert_times
