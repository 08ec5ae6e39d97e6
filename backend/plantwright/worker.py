"""The worker process: consumers of both logs, woken by jobs and swept every two seconds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import structlog
import uvloop
from arq import Worker, cron, func
from arq.connections import create_pool
from arq.cron import CronJob
from arq.typing import StartupShutdown, WorkerCoroutine
from sqlalchemy.exc import SQLAlchemyError

from plantwright.agents.sweep import mark_silent
from plantwright.alerts.consumer import AlertConsumer
from plantwright.alerts.timers import keep_time
from plantwright.core.bus import Bus
from plantwright.core.clock import utc_now
from plantwright.core.coalescing import Coalescing
from plantwright.core.database import Database
from plantwright.core.jobs import QUEUE_NAME, JobQueue, deserialize, redis_settings, serialize
from plantwright.core.logs import configure_logs
from plantwright.core.roles import check_role
from plantwright.core.settings import Settings
from plantwright.detection.consumer import DetectionConsumer
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.replay.late_rounds import DERIVE_LATE_JOB, derive_late
from plantwright.detection.replay.snapshots_keeping import keep_snapshots
from plantwright.escalation.consumer import EscalationConsumer
from plantwright.escalation.digests import release_held
from plantwright.escalation.sweep import tell_due
from plantwright.health.consumer import HealthConsumer
from plantwright.health.sweep import is_due, refresh
from plantwright.identity.repository import list_tenants
from plantwright.journal.checkpoints import FILE_NAME as CHECKPOINT_FILE
from plantwright.journal.checkpoints import write_checkpoints
from plantwright.journal.consumers import JournalConsumer, run_consumer
from plantwright.journal.service import CONSUME_JOURNAL, Journal
from plantwright.notifications.consumer import DELIVER_JOB
from plantwright.notifications.dispatcher import Dispatcher
from plantwright.notifications.opening import open_consumer, open_post, open_tools
from plantwright.notifications.retention import forget_deliveries
from plantwright.readings.compaction.sweep import compact_tenant
from plantwright.readings.compaction.turns import MergeTurns
from plantwright.readings.consumers import ReadingsConsumer, run_readings_consumer
from plantwright.readings.ingest.streams import forget_batches
from plantwright.readings.latest import LatestConsumer
from plantwright.readings.storage.expiry import delete_expired
from plantwright.readings.storage.partitions import drop_partitions, ensure_partitions
from plantwright.readings.storage.service import CLEANUP_JOB, measure, run_cleanup
from plantwright.readings.wakeups import CONSUME_JOB
from plantwright.rules.consumer import MachineStateConsumer, RuleConsumer
from plantwright.rules.runner import RuleRunner
from plantwright.sources.watch import watch_sources
from plantwright.sweep_repository import read_overdue

log = structlog.get_logger()

SWEEP_SECONDS = 2
POLL_SECONDS = 0.05
MERGE_SECONDS = frozenset({9, 24, 39, 54})
WATCH_MACHINES = "watch_machines"
# States of machines are large: more readings at once are fewer times to write them.
MACHINE_BATCH_READINGS = 200_000
# What one tenant may take of a round of merging: about two seconds.
MERGE_TRANSACTIONS = 20
HOUSEKEEPING_MINUTES = frozenset({0, 15, 30, 45})
# What one tenant may take of a round of deleting; the next round goes on.
DELETING_SECONDS = 60
LONG_JOB_SECONDS = 3_600
# What one tenant may take of deriving late readings anew; the next sweep goes on.
LATE_SECONDS = 60
# Housekeeping gives way after each tenant for as long as that one took, but no longer than this.
LONGEST_PAUSE_SECONDS = 0.2


@dataclass
class Consumers:
    """What the worker runs for each tenant."""

    database: Database
    journal: Journal
    of_readings: Sequence[ReadingsConsumer]
    of_journal: Sequence[JournalConsumer]
    rules: RuleRunner | None = None
    of_machines: Sequence[ReadingsConsumer] = ()
    coalescing: Coalescing = field(default_factory=Coalescing)
    turns: MergeTurns = field(default_factory=MergeTurns)
    started_at: datetime = field(default_factory=utc_now)

    async def consume_readings(self, tenant_id: UUID) -> None:
        async def catch_up() -> None:
            for consumer in self.of_readings:
                if await run_readings_consumer(self.database, tenant_id, consumer):
                    self.turns.passed(tenant_id)

        await self.coalescing.run((CONSUME_JOB, tenant_id), catch_up)

    async def watch_machines(self, tenant_id: UUID) -> None:
        async def catch_up() -> None:
            for consumer in self.of_machines:
                if await run_readings_consumer(self.database, tenant_id, consumer, batch=MACHINE_BATCH_READINGS):
                    self.turns.passed(tenant_id)

        await self.coalescing.run((WATCH_MACHINES, tenant_id), catch_up)

    async def consume_journal(self, tenant_id: UUID) -> None:
        async def catch_up() -> None:
            for consumer in self.of_journal:
                await run_consumer(self.database, tenant_id, consumer)

        await self.coalescing.run((CONSUME_JOURNAL, tenant_id), catch_up)

    async def merge_readings(self, tenant_id: UUID, max_transactions: int | None = None) -> None:
        """What every consumer has passed of the readings log becomes a row per series and hour."""
        names = [consumer.name for consumer in (*self.of_readings, *self.of_machines)]
        self.turns.begin(tenant_id)
        done = None
        try:
            done = await compact_tenant(self.database, tenant_id, utc_now(), names, max_transactions=max_transactions)
        finally:
            self.turns.end(tenant_id, done)

    async def derive_late(self, tenant_id: UUID) -> None:
        async def rounds() -> None:
            end = time.monotonic() + LATE_SECONDS
            while await derive_late(self.database, self.journal, tenant_id) and time.monotonic() < end:
                pass

        await self.coalescing.run((DERIVE_LATE_JOB, tenant_id), rounds)

    async def sweep_tenant(self, tenant_id: UUID) -> list[str]:
        """What a lost wake-up call would have started, and what only time changes; returns the long jobs to begin."""
        of_readings = [consumer.name for consumer in self.of_readings]
        of_journal = [consumer.name for consumer in self.of_journal]
        of_machines = [consumer.name for consumer in self.of_machines]
        async with self.database.reading(tenant_id) as work:
            overdue = await read_overdue(work, of_readings, of_journal, self.started_at, of_machines)
            is_refresh_due = await is_due(work, utc_now())
        if overdue.readings:
            await self.consume_readings(tenant_id)
        if overdue.journal:
            await self.consume_journal(tenant_id)
        if overdue.machines:
            await self.watch_machines(tenant_id)
        if overdue.silent_agents:
            async with self.database.transaction(tenant_id) as work:
                await mark_silent(work, self.journal, utc_now(), self.started_at)
        if overdue.rules and self.rules is not None:
            async with self.database.transaction(tenant_id) as work:
                await self.rules.pass_time(work, utc_now())
        if overdue.escalations:
            async with self.database.transaction(tenant_id) as work:
                await tell_due(work, self.journal, utc_now())
            async with self.database.transaction(tenant_id) as work:
                await release_held(work, self.journal, utc_now())
        if overdue.lost_sources:
            async with self.database.transaction(tenant_id) as work:
                await watch_sources(work, self.journal, utc_now())
        if overdue.alert_times:
            async with self.database.transaction(tenant_id) as work:
                await keep_time(work, self.journal, utc_now())
        if is_refresh_due:
            async with self.database.transaction(tenant_id) as work:
                await refresh(work, self.journal, utc_now())
        long_jobs = {
            CLEANUP_JOB: overdue.cleanup,
            DERIVE_LATE_JOB: overdue.late_readings,
            DELIVER_JOB: overdue.deliveries,
        }
        return [job for job, is_waiting in long_jobs.items() if is_waiting]


async def consume_readings(context: dict[str, Any], tenant_id: str) -> None:
    await context["consumers"].consume_readings(UUID(tenant_id))


async def consume_journal(context: dict[str, Any], tenant_id: str) -> None:
    await context["consumers"].consume_journal(UUID(tenant_id))


async def derive_late_readings(context: dict[str, Any], tenant_id: str) -> None:
    await context["consumers"].derive_late(UUID(tenant_id))


async def deliver_notifications(context: dict[str, Any], tenant_id: str) -> None:
    """Returns at once: an endpoint that hangs takes no place of other jobs."""
    dispatcher: Dispatcher = context["dispatcher"]
    dispatcher.wake(UUID(tenant_id))


async def run_storage_cleanup(context: dict[str, Any], tenant_id: str) -> None:
    consumers: Consumers = context["consumers"]
    await run_cleanup(consumers.database, consumers.journal, UUID(tenant_id), consumers.merge_readings)


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
        for tenant_id in await _tenants(consumers):
            try:
                for job in await consumers.sweep_tenant(tenant_id):
                    await context["queue"].enqueue(job, tenant_id)
            except Exception:
                log.exception("sweep_failed", tenant_id=str(tenant_id))


async def keep_journal(context: dict[str, Any]) -> None:
    """What the chains held is remembered outside of the database."""
    consumers: Consumers = context["consumers"]
    path = context["settings"].data_dir / CHECKPOINT_FILE
    tenant_ids = await _tenants(consumers)
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
    await _keep_partitions(database)
    tenant_ids = await _tenants(consumers)
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


async def _keep_partitions(database: Database) -> None:
    try:
        await ensure_partitions(database)
        await drop_partitions(database, utc_now())
    except (SQLAlchemyError, OSError):
        log.exception("partitions_failed")


async def _tenants(consumers: Consumers) -> list[UUID]:
    async with consumers.database.transaction() as work:
        return [tenant_id for tenant_id, _ in await list_tenants(work)]


@contextlib.asynccontextmanager
async def _giving_way() -> AsyncGenerator[None]:
    begin = time.monotonic()
    yield
    await asyncio.sleep(min(time.monotonic() - begin, LONGEST_PAUSE_SECONDS))


async def _start(context: dict[str, Any]) -> None:
    settings: Settings = context["settings"]
    redis_url = settings.redis_url.get_secret_value()
    database = Database(settings.role_url("worker"), statement_timeout_ms=60_000)
    await check_role(database, "worker")
    bus = Bus(redis_url)
    await bus.connect()
    queue = await JobQueue.connect(redis_url)
    journal = Journal(settings.audit_key_material(), bus, queue)
    tools = open_tools(settings, journal)
    dispatcher = Dispatcher(open_post(database, tools))
    context.update(bus=bus, queue=queue, dispatcher=dispatcher, is_sweeping=asyncio.Lock(), is_merging=asyncio.Lock())

    async def wake(tenant_id: UUID) -> None:
        dispatcher.wake(tenant_id)

    rules = RuleRunner(journal)
    consumers = context["consumers"] = Consumers(
        database,
        journal,
        of_readings=(LatestConsumer(), DetectionConsumer(journal), RuleConsumer(rules)),
        rules=rules,
        of_machines=(MachineConsumer(journal),),
        of_journal=(
            MachineStateConsumer(rules),
            AlertConsumer(journal),
            HealthConsumer(journal),
            EscalationConsumer(),
            open_consumer(settings, tools, wake),
        ),
    )
    consumers.turns.suspect(await _tenants(consumers))
    await _keep_partitions(database)
    log.info("worker_started")


async def _stop(context: dict[str, Any]) -> None:
    if "consumers" in context:
        await context["dispatcher"].close()
        await context["queue"].close()
        await context["bus"].disconnect()
        await context["consumers"].database.close()


def _cron_jobs() -> list[CronJob]:
    def at(coroutine: Any, **options: Any) -> CronJob:
        return cron(cast("WorkerCoroutine", coroutine), keep_result=0, max_tries=1, unique=True, **options)

    return [
        at(sweep, second=set(range(0, 60, SWEEP_SECONDS))),
        at(merge, second=set(MERGE_SECONDS), timeout=LONG_JOB_SECONDS),
        at(keep_storage, minute=set(HOUSEKEEPING_MINUTES), second=1, timeout=LONG_JOB_SECONDS),
        at(keep_journal, minute=set(HOUSEKEEPING_MINUTES), second=31, timeout=LONG_JOB_SECONDS, run_at_startup=True),
    ]


async def run_worker(settings: Settings) -> None:
    """Until a signal ends it; running jobs are finished first."""
    configure_logs(settings.log_level)
    options = redis_settings(settings.redis_url.get_secret_value())
    pool = await create_pool(
        options, job_serializer=serialize, job_deserializer=deserialize, default_queue_name=QUEUE_NAME
    )
    worker = Worker(
        functions=[
            func(cast("WorkerCoroutine", consume_readings), name=CONSUME_JOB, keep_result=0, max_tries=1),
            func(cast("WorkerCoroutine", consume_journal), name=CONSUME_JOURNAL, keep_result=0, max_tries=1),
            func(cast("WorkerCoroutine", deliver_notifications), name=DELIVER_JOB, keep_result=0, max_tries=1),
            func(
                cast("WorkerCoroutine", derive_late_readings),
                name=DERIVE_LATE_JOB,
                keep_result=0,
                max_tries=1,
                timeout=LONG_JOB_SECONDS,
            ),
            func(
                cast("WorkerCoroutine", run_storage_cleanup),
                name=CLEANUP_JOB,
                keep_result=0,
                max_tries=1,
                timeout=LONG_JOB_SECONDS,
            ),
        ],
        cron_jobs=_cron_jobs(),
        redis_pool=pool,
        queue_name=QUEUE_NAME,
        job_serializer=serialize,
        job_deserializer=deserialize,
        poll_delay=POLL_SECONDS,
        max_jobs=8,
        job_timeout=600,
        on_startup=cast("StartupShutdown", _start),
        on_shutdown=cast("StartupShutdown", _stop),
        handle_signals=True,
        ctx={"settings": settings},
    )
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await worker.async_run()
    finally:
        await worker.close()


def main(settings: Settings) -> None:
    uvloop.run(run_worker(settings))
