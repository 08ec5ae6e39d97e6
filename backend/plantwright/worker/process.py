"""The process: what it opens, which jobs it takes, and when."""

import asyncio
import contextlib
from typing import Any, cast
from uuid import UUID

import structlog
import uvloop
from arq import Worker, cron, func
from arq.connections import create_pool
from arq.cron import CronJob
from arq.typing import StartupShutdown, WorkerCoroutine

from plantwright.alerts.consumer import AlertConsumer
from plantwright.core.bus import Bus
from plantwright.core.database import Database
from plantwright.core.jobs import QUEUE_NAME, JobQueue, deserialize, redis_settings, serialize
from plantwright.core.logs import configure_logs
from plantwright.core.roles import check_role
from plantwright.core.settings import Settings
from plantwright.detection.consumer import DetectionConsumer
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.replay.late_rounds import DERIVE_LATE_JOB
from plantwright.escalation.consumer import EscalationConsumer
from plantwright.escalation.holding import hold_routed
from plantwright.health.consumer import HealthConsumer
from plantwright.journal.service import CONSUME_JOURNAL, Journal
from plantwright.notifications.consumer import DELIVER_JOB
from plantwright.notifications.dispatcher import Dispatcher
from plantwright.notifications.opening import open_consumer, open_post, open_tools
from plantwright.readings.latest import LatestConsumer
from plantwright.readings.storage.service import CLEANUP_JOB
from plantwright.readings.wakeups import CONSUME_JOB
from plantwright.rules.consumer import MachineStateConsumer, RuleConsumer
from plantwright.rules.runner import RuleRunner
from plantwright.worker.consumers import Consumers
from plantwright.worker.jobs import (
    consume_journal,
    consume_readings,
    deliver_notifications,
    derive_late_readings,
    run_storage_cleanup,
)
from plantwright.worker.rounds import all_tenants, keep_journal, keep_partitions, keep_storage, merge, sweep

log = structlog.get_logger()

SWEEP_SECONDS = 2
POLL_SECONDS = 0.05
MERGE_SECONDS = frozenset({9, 24, 39, 54})
HOUSEKEEPING_MINUTES = frozenset({0, 15, 30, 45})
LONG_JOB_SECONDS = 3_600


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
            open_consumer(settings, tools, hold_routed, wake),
        ),
    )
    consumers.turns.suspect(await all_tenants(consumers))
    await keep_partitions(database)
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
