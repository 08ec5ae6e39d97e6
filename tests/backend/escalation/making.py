"""A plant with alerts that nobody takes care of, and a clock that the tests move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from plantwright.alerts.consumer import AlertConsumer
from plantwright.alerts.models import Alert, Severity
from plantwright.alerts.service import acknowledge
from plantwright.assets.models import Machine, Metric
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.escalation import policies
from plantwright.escalation.consumer import EscalationConsumer
from plantwright.escalation.digests import release_held
from plantwright.escalation.models import Escalation, EscalationPolicy
from plantwright.escalation.policy import PolicyDraft, Step
from plantwright.escalation.sweep import tell_due
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.consumers import run_consumer
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Fact, Journal
from plantwright.notifications.models import NotificationChannel
from sqlmodel import col, select

from tests.backend.alerts.making import finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


@dataclass
class Plant:
    databases: Databases
    journal: Journal
    tenant: MadeTenant
    machine: Machine
    metric: Metric
    channel_id: UUID

    def principal(self, role: Role = Role.ADMIN) -> Principal:
        ids = {
            Role.ADMIN: self.tenant.admin_id,
            Role.OPERATOR: self.tenant.operator_id,
            Role.VIEWER: self.tenant.viewer_id,
        }
        return Principal(self.tenant.id, ids[role], role, "test", utc_now())

    async def add_channel(self, name: str, *, is_active: bool = True) -> UUID:
        async with self.databases.app.transaction(self.tenant.id) as work:
            row = NotificationChannel(
                tenant_id=self.tenant.id,
                name=name,
                type="webhook",
                config={"url": "https://hooks.example/x"},
                is_active=is_active,
            )
            work.session.add(row)
        return row.id

    def step(self, minutes: int, *, users: Sequence[UUID] = (), rotations: Sequence[UUID] = ()) -> Step:
        """To the plant's channel, unless it names users or rotations."""
        channels = () if users or rotations else (self.channel_id,)
        return Step(minutes, channels, tuple(users), tuple(rotations))

    async def add_policy(self, *steps: Step, name: str = "Policy", **options: Any) -> EscalationPolicy:
        async with self.databases.app.transaction(self.tenant.id) as work:
            draft = PolicyDraft(name=name, steps=steps, **options)
            return await policies.create(work, self.journal, self.tenant.admin_id, draft)

    async def change_policy(self, policy: EscalationPolicy, **changes: Any) -> EscalationPolicy:
        async with self.databases.app.transaction(self.tenant.id) as work:
            return await policies.update(work, self.journal, self.tenant.admin_id, policy.id, changes)

    async def find(
        self, kind: str = "started", severity: str = "warning", *, metric: Metric | None = None, minutes: float = 0
    ) -> Alert:
        """Something is found of the metric; returns its newest alert."""
        fact = finding(kind, metric or self.metric, utc_now() + timedelta(minutes=minutes), severity=severity)
        await self.tell(fact)
        await run_consumer(self.databases.worker, self.tenant.id, AlertConsumer(self.journal))
        await self.catch_up()
        return (await self.alerts())[-1]

    async def tell(self, *facts: Fact) -> None:
        async with self.databases.worker.transaction(self.tenant.id) as work:
            await self.journal.append(work, *facts)

    async def acknowledge(self, alert: Alert, *, catches_up: bool = True) -> None:
        async with self.databases.app.transaction(self.tenant.id) as work:
            await acknowledge(work, self.journal, self.tenant.operator_id, alert.id)
        if catches_up:
            await self.catch_up()

    async def catch_up(self) -> None:
        await run_consumer(self.databases.worker, self.tenant.id, EscalationConsumer())

    async def sweep(self, now: datetime) -> int:
        """How many steps were told at this moment."""
        async with self.databases.worker.transaction(self.tenant.id) as work:
            return await tell_due(work, self.journal, now)

    async def release(self, now: datetime) -> int:
        async with self.databases.worker.transaction(self.tenant.id) as work:
            return await release_held(work, self.journal, now)

    async def alerts(self) -> list[Alert]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            return list((await work.session.exec(select(Alert).order_by(col(Alert.created_at)))).all())

    async def escalations(self) -> list[Escalation]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            return list((await work.session.exec(select(Escalation).order_by(col(Escalation.started_at)))).all())

    async def only(self) -> Escalation:
        [escalation] = await self.escalations()
        return escalation

    async def records(self, action: str) -> list[AuditRecord]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            statement = select(AuditRecord).where(AuditRecord.action == action).order_by(col(AuditRecord.sequence))
            return list((await work.session.exec(statement)).all())

    async def told(self) -> list[tuple[str, int, int]]:
        """Policy, round and step of everything that was told, in order."""
        records = await self.records("alert.escalated")
        return [(row.payload["policy"], row.payload["round"], row.payload["step"]) for row in records]

    async def last(self, action: str = "alert.escalated") -> dict[str, Any]:
        return (await self.records(action))[-1].payload


async def make_plant(databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory) -> Plant:
    machine, metrics = await make_machine(tenant, metrics={"vibration_rms": "mm/s"})
    plant = Plant(databases, journal, tenant, machine, metrics["vibration_rms"], UUID(int=0))
    plant.channel_id = await plant.add_channel("Maintenance")
    return plant


def severities(*names: str) -> tuple[Severity, ...]:
    return tuple(Severity(name) for name in names)


def after(alert_or_escalation: Escalation, minutes: float) -> datetime:
    """So long after the escalation started."""
    return alert_or_escalation.started_at + timedelta(minutes=minutes)


__all__ = ["Plant", "UnitOfWork", "after", "make_plant", "severities"]
