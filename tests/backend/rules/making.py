"""A tenant with a pump, its log, and rules over it, as the worker sees them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from plantwright.assets.models import Machine, Metric
from plantwright.detection.replay.record import SUPERSEDED
from plantwright.journal.consumers import run_consumer
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from plantwright.readings.consumers import run_readings_consumer
from plantwright.rules import repository, service
from plantwright.rules.consumer import MachineStateConsumer, RuleConsumer
from plantwright.rules.definition import AllOf, Comparison, Condition, Definition, Level, Operator, Severity
from plantwright.rules.models import AlertRule, RuleVersion
from plantwright.rules.runner import RuleRunner
from plantwright.rules.service import Draft
from plantwright.rules.tracking import Tracked, decode_tracked
from sqlalchemy import update
from sqlmodel import col, select

from tests.backend.readings.log_writer import LogWriter, Reading
from tests.conftest import Databases
from tests.factories import MadeTenant

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
VIBRATION, TEMPERATURE = "vibration_rms", "temperature"


def over(metric: str, threshold: float, **more: Any) -> Comparison:
    return Comparison(metric=metric, operator=Operator.GREATER_THAN, threshold=threshold, **more)


def documented() -> Condition:
    """vibration > 5 mm/s and temperature > 78 °C for 5 minutes"""
    return AllOf(conditions=(over(VIBRATION, 5.0), over(TEMPERATURE, 78.0)), for_seconds=300)


@dataclass
class Plant:
    log: LogWriter
    databases: Databases
    journal: Journal
    tenant: MadeTenant
    machine: Machine
    metrics: dict[str, Metric]
    runner: RuleRunner = field(init=False)

    def __post_init__(self) -> None:
        self.runner = RuleRunner(self.journal)

    def definition(self, condition: Condition, severity: Severity = Severity.CRITICAL, **more: Any) -> Definition:
        scope = {} if "machine_kind" in more else {"machine_id": self.machine.id}
        levels = (Level(severity=severity, condition=condition),)
        return Definition(**{"levels": levels, **scope, **more})

    async def create(self, definition: Definition, name: str = "Bearing", since: datetime | None = None) -> AlertRule:
        draft = Draft(name=name, description="", is_enabled=True, definition=definition)
        async with self.databases.app.transaction(self.tenant.id) as work:
            rule = await service.create(work, self.journal, self.tenant.admin_id, draft)
            # As if it had been made before the readings of the test.
            own = (col(AlertRule.tenant_id) == self.tenant.id, col(AlertRule.id) == rule.id)
            rule.effective_at = since or NOON - timedelta(hours=1)
            await work.session.flush()
            await work.execute(update(AlertRule).where(*own).values(effective_at=rule.effective_at))
            version = (col(RuleVersion.tenant_id) == self.tenant.id, col(RuleVersion.rule_id) == rule.id)
            await work.execute(update(RuleVersion).where(*version).values(holds_from=rule.effective_at))
        return rule

    def series(self, metric: str) -> int:
        return int(self.metrics[metric].series_id or 0)

    def reading(self, metric: str, seconds: float, value: float, quality: int = 0) -> Reading:
        return self.series(metric), NOON_MS + round(seconds * 1000), value, quality

    async def say(self, *readings: Reading) -> None:
        """One flush, and the worker's turn."""
        await self.log.flush(readings)
        await self.consume()

    async def consume(self) -> None:
        await run_readings_consumer(self.databases.worker, self.tenant.id, RuleConsumer(self.runner))

    async def hear_journal(self) -> None:
        await run_consumer(self.databases.worker, self.tenant.id, MachineStateConsumer(self.runner))

    async def pass_time(self, seconds: float) -> None:
        await self.pass_at(NOON + timedelta(seconds=seconds))

    async def pass_at(self, moment: datetime) -> None:
        async with self.databases.worker.transaction(self.tenant.id) as work:
            await self.runner.pass_time(work, moment + repository.GRACE)

    async def records(self, prefix: str = "finding.") -> list[AuditRecord]:
        statement = select(AuditRecord).where(
            AuditRecord.tenant_id == self.tenant.id, col(AuditRecord.action).startswith(prefix)
        )
        async with self.databases.worker.reading(self.tenant.id) as work:
            return list((await work.session.exec(statement.order_by(col(AuditRecord.sequence)))).all())

    async def findings(self) -> list[tuple[str, str, float]]:
        """Kind, severity and seconds since noon, in the order in which they were journaled."""
        return [
            (row.action.removeprefix("finding."), row.payload["severity"], (row.payload["time_ms"] - NOON_MS) / 1000)
            for row in await self.records()
            if row.action != SUPERSEDED
        ]

    async def tracked(self, rule_id: UUID) -> Tracked:
        async with self.databases.worker.reading(self.tenant.id) as work:
            [row] = await repository.states(work, [rule_id])
        return decode_tracked(row.state)
