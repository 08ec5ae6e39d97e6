"""What the worker does for one tenant at a time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from plantwright.agents.sweep import mark_silent
from plantwright.alerts.timers import keep_time
from plantwright.core.clock import utc_now
from plantwright.core.coalescing import Coalescing
from plantwright.core.database import Database
from plantwright.detection.replay.late_rounds import DERIVE_LATE_JOB, derive_late
from plantwright.detection.replay.machine_rounds import derive_late_machines
from plantwright.escalation.digests import release_held
from plantwright.escalation.sweep import tell_due
from plantwright.health.sweep import is_due, refresh
from plantwright.journal.consumers import JournalConsumer, run_consumer
from plantwright.journal.service import CONSUME_JOURNAL, Journal
from plantwright.notifications.consumer import DELIVER_JOB
from plantwright.readings.compaction.sweep import compact_tenant
from plantwright.readings.compaction.turns import MergeTurns
from plantwright.readings.consumers import ReadingsConsumer, run_readings_consumer
from plantwright.readings.storage.service import CLEANUP_JOB
from plantwright.readings.wakeups import CONSUME_JOB
from plantwright.rules.runner import RuleRunner
from plantwright.sources.watch import watch_sources
from plantwright.worker.sweep_repository import read_overdue

WATCH_MACHINES = "watch_machines"
# States of machines are large: more readings at once are fewer times to write them.
MACHINE_BATCH_READINGS = 200_000
# What one tenant may take of deriving late readings anew; the next sweep goes on.
LATE_SECONDS = 60


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
            for derive in (derive_late, derive_late_machines):
                while await derive(self.database, self.journal, tenant_id) and time.monotonic() < end:
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
