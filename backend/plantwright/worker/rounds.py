"""What the worker does by the clock, for all tenants."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from plantwright.core.clock import utc_now
from plantwright.core.database import Database
from plantwright.detection.replay.snapshots_keeping import keep_snapshots
from plantwright.identity.repository import list_tenants
from plantwright.journal.checkpoints import FILE_NAME as CHECKPOINT_FILE
from plantwright.journal.checkpoints import write_checkpoints
from plantwright.notifications.retention import forget_deliveries
from plantwright.readings.ingest.streams import forget_batches
from plantwright.readings.storage.expiry import delete_expired
from plantwright.readings.storage.partitions import drop_partitions, ensure_partitions
from plantwright.readings.storage.service import measure
from plantwright.worker.consumers import Consumers

log = structlog.get_logger()

# What one tenant may take of a round of merging: about two seconds.
MERGE_TRANSACTIONS = 20
# What one tenant may take of a round of deleting; the next round goes on.
DELETING_SECONDS = 60
# Housekeeping gives way after each tenant for as long as that one took, but no longer than this.
LONGEST_PAUSE_SECONDS = 0.2


async def sweep(context: dict[str, Any]) -> None:
    """One tenant's trouble, whatever it is, must not hold up the others.

    A sweep that takes longer than the pause is not overtaken by the next one: those of a large house would take every
    place there is, and leave none to the jobs that readings wait for.
    """
    consumers: Consumers = context["consumers"]
    is_sweeping: asyncio.Lock = context["is_sweeping"]
    if is_sweeping.locked():
        return
    async with is_sweeping:
        for tenant_id in await all_tenants(consumers):
            try:
                for job in await consumers.sweep_tenant(tenant_id):
                    await context["queue"].enqueue(job, tenant_id)
            except Exception:
                log.exception("sweep_failed", tenant_id=str(tenant_id))


async def keep_journal(context: dict[str, Any]) -> None:
    """What the chains held is remembered outside of the database."""
    consumers: Consumers = context["consumers"]
    path = context["settings"].data_dir / CHECKPOINT_FILE
    tenant_ids = await all_tenants(consumers)
    contradicting = await write_checkpoints(consumers.database, consumers.journal, path, tenant_ids)
    for tenant_id in contradicting:
        log.critical("journal_contradicts_checkpoint", tenant_id=str(tenant_id))


async def merge(context: dict[str, Any]) -> None:
    """A slice of every log that is due; a round that takes longer than the pause is not overtaken by the next one."""
    consumers: Consumers = context["consumers"]
    is_merging: asyncio.Lock = context["is_merging"]
    if is_merging.locked():
        return
    async with is_merging:
        for tenant_id in consumers.turns.next_round(utc_now()):
            async with _giving_way():
                try:
                    await consumers.merge_readings(tenant_id, MERGE_TRANSACTIONS)
                except Exception:
                    log.exception("merge_failed", tenant_id=str(tenant_id))


async def keep_storage(context: dict[str, Any]) -> None:
    """Months that nobody keeps go at once; then tenant by tenant what its tier does not keep."""
    consumers: Consumers = context["consumers"]
    database = consumers.database
    await keep_partitions(database)
    tenant_ids = await all_tenants(consumers)
    consumers.turns.suspect(tenant_ids)
    for tenant_id in tenant_ids:
        async with _giving_way():
            try:
                await measure(database, tenant_id)
                await delete_expired(database, tenant_id, utc_now(), seconds=DELETING_SECONDS)
                await forget_batches(database, tenant_id, utc_now())
                await forget_deliveries(database, tenant_id, utc_now())
                await keep_snapshots(database, tenant_id, utc_now())
            except Exception:
                log.exception("housekeeping_failed", tenant_id=str(tenant_id))


async def keep_partitions(database: Database) -> None:
    try:
        await ensure_partitions(database)
        await drop_partitions(database, utc_now())
    except (SQLAlchemyError, OSError):
        log.exception("partitions_failed")


async def all_tenants(consumers: Consumers) -> list[UUID]:
    async with consumers.database.transaction() as work:
        return [tenant_id for tenant_id, _ in await list_tenants(work)]


@contextlib.asynccontextmanager
async def _giving_way() -> AsyncGenerator[None]:
    begin = time.monotonic()
    yield
    await asyncio.sleep(min(time.monotonic() - begin, LONGEST_PAUSE_SECONDS))
