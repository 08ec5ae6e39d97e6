"""Heartbeats as agents send them, and the room as door, worker and people use it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from plantwright.agents import repository, service
from plantwright.agents.heartbeat import read_heartbeat
from plantwright.agents.models import Agent, AgentGap
from plantwright.agents.sweep import mark_silent
from plantwright.core.clock import utc_now
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from sqlmodel import col, select

from tests.conftest import Databases
from tests.factories import MadeTenant

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def source(**changes: Any) -> dict[str, Any]:
    return {
        "name": "press",
        "protocol": "opcua",
        "state": "ok",
        "since": "2026-03-01T11:00:00Z",
        "last_error": None,
        "last_error_at": None,
        "last_reading": "2026-03-01T11:59:59Z",
        "depth": 3,
        "acknowledged": 100,
        "dropped": 0,
        "gaps": 0,
        "dead_letters": 0,
        "restarts": 0,
    } | changes


def gap(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "source": "press",
        "tag": "",
        "reason": "the source could not be read",
        "start": "2026-03-01T10:00:00Z",
        "end": "2026-03-01T10:05:00Z",
        "count": 1,
    } | changes


def document(agent: UUID | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "agent": str(agent or uuid4()),
        "name": "hall-3",
        "version": "0.1.0",
        "platform": "Linux 6.1 x86_64, Python 3.11",
        "started_at": "2026-03-01T10:00:00Z",
        "sent_at": "2026-03-01T12:00:00Z",
        "interval_seconds": 60,
        "clock_offset_ms": -12.5,
        "certificate_expires_at": None,
        "uplink": {
            "state": "ok",
            "since": "2026-03-01T10:00:01Z",
            "last_error": None,
            "last_error_at": None,
            "last_push": "2026-03-01T11:59:58Z",
        },
        "buffer": {"bytes": 4096, "max_bytes": 500_000_000, "depth": 3, "oldest_at": None, "set_aside": None},
        "sources": [source()],
        "gaps": [],
    } | changes


@dataclass
class Plant:
    """One tenant's agents; times are given, so nothing here waits."""

    databases: Databases
    journal: Journal
    tenant: MadeTenant
    key_id: UUID

    async def hear(self, body: dict[str, Any], now: datetime = NOON) -> Agent:
        async with self.databases.app.transaction(self.tenant.id) as work:
            return await service.take_heartbeat(
                work, self.journal, self.key_id, read_heartbeat(orjson.dumps(body)), now
            )

    async def sweep(self, now: datetime, listening_since: datetime = LONG_AGO) -> int:
        async with self.databases.worker.transaction(self.tenant.id) as work:
            return await mark_silent(work, self.journal, now, listening_since)

    async def remove(self, agent_id: UUID) -> None:
        async with self.databases.app.transaction(self.tenant.id) as work:
            await service.remove(work, self.journal, self.tenant.admin_id, agent_id)

    async def rename(self, agent_id: UUID, name: str | None) -> Agent:
        async with self.databases.app.transaction(self.tenant.id) as work:
            return await service.rename(work, self.journal, self.tenant.admin_id, agent_id, name)

    async def agents(self) -> list[Agent]:
        async with self.databases.app.reading(self.tenant.id) as work:
            return list(await repository.page_by_name(work, repository.AgentFilter(), None, 100))

    async def agent(self, agent_id: UUID) -> Agent:
        async with self.databases.app.reading(self.tenant.id) as work:
            found = await repository.get(work, agent_id)
        assert found is not None
        return found

    async def gaps(self, agent_id: UUID) -> list[AgentGap]:
        async with self.databases.app.reading(self.tenant.id) as work:
            return list(await repository.gaps_newest_first(work, agent_id, None, 10_000))

    async def records(self) -> list[AuditRecord]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            statement = select(AuditRecord).where(col(AuditRecord.action).startswith("agent."))
            return list((await work.session.exec(statement.order_by(col(AuditRecord.sequence)))).all())

    async def actions(self) -> list[str]:
        return [record.action for record in await self.records()]


async def make_plant(databases: Databases, journal: Journal, tenant: MadeTenant) -> Plant:
    principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", utc_now())
    async with databases.app.transaction(tenant.id) as work:
        key, _ = await create_key(work, journal, principal, name="agent", scopes=["agent"], expires_at=None)
    return Plant(databases, journal, tenant, key.id)
