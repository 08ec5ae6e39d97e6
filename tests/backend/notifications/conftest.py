"""A tenant with channels that lead to receivers in this process, and a worker's hands to send with."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from plantwright.assets.models import Machine
from plantwright.core.database import Database
from plantwright.core.ids import uuid7
from plantwright.core.outbound import Outbound
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.escalation.holding import hold_routed
from plantwright.journal.consumers import run_consumer
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Fact, Journal
from plantwright.notifications import service
from plantwright.notifications.addresses import Addresses
from plantwright.notifications.channels.registry import open_channels
from plantwright.notifications.consumer import NotificationConsumer
from plantwright.notifications.lane import Post
from plantwright.notifications.models import (
    ChannelRuntime,
    NotificationAttempt,
    NotificationChannel,
    NotificationDelivery,
)
from plantwright.notifications.sending import Sender
from plantwright.notifications.service import ChannelChange, Tools
from sqlmodel import col, select

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import HttpReceiver, http_receiver
from tests.backend.notifications.channels.receiving import House, make_house
from tests.conftest import SECRET_KEY, Databases
from tests.factories import MachineFactory, MadeTenant

PUBLIC_URL = "https://plantwright.example"


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder: Path = tmp_path_factory.mktemp("receivers")
    return make_house(folder)


@pytest.fixture
async def receiver(house: House) -> AsyncIterator[HttpReceiver]:
    async with http_receiver(house.tls) as made:
        yield made


@pytest.fixture
async def other_receiver(house: House) -> AsyncIterator[HttpReceiver]:
    async with http_receiver(house.tls) as made:
        yield made


@dataclass
class EventClock:
    """Says what it was set to."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(seconds=1))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def tools_of(settings: Settings, journal: Journal, outbound: Outbound) -> Tools:
    vault = Vault(Purpose.NOTIFICATIONS, SECRET_KEY.encode())
    return Tools(journal, open_channels(settings), vault, outbound)


@dataclass
class Desk:
    """What one tenant's people and the worker do about notifications."""

    databases: Databases
    tools: Tools
    tenant: MadeTenant
    machine: Machine
    clock: EventClock = field(default_factory=EventClock)
    woken: list[UUID] = field(default_factory=list)

    async def channel(
        self, channel_type: str = "webhook", config: Mapping[str, Any] | None = None, **change: Any
    ) -> NotificationChannel:
        change.setdefault("name", f"{channel_type} {uuid7().hex[-8:]}")
        async with self.databases.app.transaction(self.tenant.id) as work:
            kind = (channel_type, config or {})
            made, _ = await service.create(work, self.tools, self.tenant.operator_id, kind, ChannelChange(**change))
        return made

    async def webhook(self, receiver: HttpReceiver, **change: Any) -> NotificationChannel:
        return await self.channel("webhook", {"url": f"https://{HOST}:{receiver.port}/hook"}, **change)

    async def journal(self, action: str, **payload: Any) -> AuditRecord:
        async with self.databases.worker.transaction(self.tenant.id) as work:
            [record] = await self.tools.journal.append(work, self.fact(action, **payload))
        return record

    async def journal_plain(self, action: str, **payload: Any) -> None:
        """What is about no alert, journaled and consumed."""
        fact = Fact(action=action, resource_type="notification", resource_id=str(uuid7()), payload=payload)
        async with self.databases.worker.transaction(self.tenant.id) as work:
            await self.tools.journal.append(work, fact)
        await self.consume()

    def fact(self, action: str, **changes: Any) -> Fact:
        return Fact(action=action, resource_type="alert", resource_id=str(uuid7()), payload=self.alert(**changes))

    def alert(self, **changes: Any) -> dict[str, Any]:
        """An alert as its facts show it."""
        return {
            "alert_id": uuid7(),
            "machine_id": self.machine.id,
            "metric_id": None,
            "agent_id": None,
            "rule_id": None,
            "site": self.machine.location or "",
            "metric": "vibration_rms",
            "unit": "mm/s",
            "severity": "critical",
            "suppression": [],
            "is_flood": False,
            "message": "Vibration RMS 9.21 mm/s is 6.4 standard deviations above its 7-day mean 2.10 mm/s",
            "value": 9.21,
            "score": 6.4,
            "threshold": 5.0,
            "raised_at": datetime(2026, 3, 2, 14, 2, 3, tzinfo=UTC),
            "cleared_at": None,
            **changes,
        }

    async def consume(self) -> None:
        async def wake(tenant_id: UUID) -> None:
            self.woken.append(tenant_id)

        addresses = Addresses(self.tools.channels, self.tools.vault)
        consumer = NotificationConsumer(PUBLIC_URL, addresses, hold_routed, wake, self.clock)
        await run_consumer(self.databases.worker, self.tenant.id, consumer)

    def post(self, database: Database | None = None) -> Post:
        sender = Sender(self.tools.channels, self.tools.vault, self.tools.outbound)
        return Post(database or self.databases.worker, self.tools.journal, sender, uuid7(), self.clock)

    async def send(self) -> int:
        """Everything that is due by the clock of the test."""
        post = self.post()
        return sum([await post.drain(lane) for lane in await post.claim(self.tenant.id, 100)])

    async def tell(self, action: str = "alert.raised", **payload: Any) -> AuditRecord:
        """Journal it and write the deliveries, due by the clock of the test."""
        record = await self.journal(action, **payload)
        await self.consume()
        return record

    async def deliveries(self) -> list[NotificationDelivery]:
        keys = (col(NotificationDelivery.created_at), col(NotificationDelivery.channel_id))
        statement = select(NotificationDelivery).order_by(*keys, col(NotificationDelivery.sequence))
        async with self.databases.app.reading(self.tenant.id) as work:
            return list((await work.session.exec(statement)).all())

    async def attempts(self, delivery_id: UUID) -> list[NotificationAttempt]:
        statement = select(NotificationAttempt).where(NotificationAttempt.delivery_id == delivery_id)
        async with self.databases.app.reading(self.tenant.id) as work:
            return list((await work.session.exec(statement.order_by(col(NotificationAttempt.number)))).all())

    async def runtime(self, channel: NotificationChannel) -> ChannelRuntime:
        async with self.databases.app.reading(self.tenant.id) as work:
            row = await work.session.get(ChannelRuntime, (self.tenant.id, channel.id))
        assert row is not None
        return row

    async def stored(self, channel: NotificationChannel) -> NotificationChannel:
        async with self.databases.app.reading(self.tenant.id) as work:
            row = await work.session.get(NotificationChannel, (self.tenant.id, channel.id))
        assert row is not None
        return row

    async def facts(self, action: str) -> list[AuditRecord]:
        statement = select(AuditRecord).where(AuditRecord.action == action).order_by(col(AuditRecord.sequence))
        async with self.databases.app.reading(self.tenant.id) as work:
            return list((await work.session.exec(statement)).all())


@pytest.fixture
async def desk(
    databases: Databases,
    settings: Settings,
    journal: Journal,
    house: House,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> Desk:
    machine, _ = await make_machine(tenant, metrics={"vibration_rms": "mm/s"})
    return Desk(databases, tools_of(settings, journal, house.outbound()), tenant, machine)
