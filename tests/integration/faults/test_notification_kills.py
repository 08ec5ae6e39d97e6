"""The worker is killed while it tells people: nothing is lost, a message comes at most once more for each kill, and
under the same id.
"""

import asyncio
import random
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import pytest
from plantwright.core.addresses import parse_networks
from plantwright.core.ids import uuid7
from plantwright.core.outbound import Outbound, OutboundGuard
from plantwright.journal.service import Fact, Journal
from plantwright.notifications import service
from plantwright.notifications.models import NotificationDelivery
from plantwright.notifications.service import ChannelChange
from sqlmodel import col, select

from tests.backend.notifications.channels.http_receiver import Received
from tests.backend.notifications.channels.receiving import serving
from tests.backend.notifications.conftest import tools_of
from tests.conftest import Databases
from tests.factories import MadeTenant
from tests.integration.faults.rig import Rig

NETWORKS = "127.0.0.0/8"
KILLS = 2
AT_ONCE = 15
MESSAGES = 1 + KILLS * AT_ONCE


@dataclass
class Hook:
    """Keeps what it gets; while it `holds`, it answers nobody."""

    url: str = ""
    holds: bool = False
    requests: list[Received] = field(default_factory=list)
    has_come: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = (line.split(": ", 1) for line in head.rstrip().split("\r\n")[1:])
        headers = {name.lower(): value for name, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append(Received("POST", "/", headers, body))
        self.has_come.set()
        if self.holds:
            await reader.read()
            return
        writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    @property
    def ids(self) -> list[str]:
        return [request.headers["webhook-id"] for request in self.requests]


@asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    made = Hook()
    async with serving(made.serve) as port:
        made.url = f"http://127.0.0.1:{port}/"
        yield made


@pytest.fixture
def open_rig(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Workers that are started from now on may send to this computer."""
    monkeypatch.setenv("PLANTWRIGHT_OUTBOUND_NETWORKS", NETWORKS)
    rig.kill_worker()
    return rig


@dataclass
class Teller:
    rig: Rig
    databases: Databases
    journal: Journal
    tenant: MadeTenant

    async def make_channel(self, url: str) -> None:
        guard = OutboundGuard(parse_networks(NETWORKS, "networks"))
        tools = tools_of(self.rig.settings, self.journal, Outbound(guard))
        change = ChannelChange(name="Hook", rate_per_minute=600)
        async with self.databases.app.transaction(self.tenant.id) as work:
            await service.create(work, tools, self.tenant.admin_id, ("webhook", {"url": url}), change)

    async def tell(self, count: int) -> None:
        async with self.databases.worker.transaction(self.tenant.id) as work:
            await self.journal.append(work, *(alert() for _ in range(count)))

    async def deliveries(self) -> list[NotificationDelivery]:
        statement = select(NotificationDelivery).order_by(col(NotificationDelivery.sequence))
        async with self.databases.app.reading(self.tenant.id) as work:
            return list((await work.session.exec(statement)).all())

    async def end_leases(self) -> None:
        """Half a minute later."""
        connection = await asyncpg.connect(self.rig.services.database_url)
        await connection.execute(
            "UPDATE notification_channel_runtime SET lease_until = now() WHERE lease_until > now()"
        )
        await connection.close()

    async def until_delivered(self, count: int) -> None:
        async with asyncio.timeout(90):
            while [one.status for one in await self.deliveries()] != ["delivered"] * count:
                assert self.rig.stack.worker.poll() is None
                await asyncio.sleep(0.1)


def alert() -> Fact:
    alert_id = uuid7()
    payload: dict[str, object] = {
        "alert_id": alert_id,
        "machine_id": None,
        "site": "",
        "state": "active_unacknowledged",
        "severity": "critical",
        "suppression": [],
        "message": "Too hot",
        "value": 9.0,
        "threshold": 5.0,
        "raised_at": datetime.now(UTC),
    }
    return Fact(action="alert.raised", resource_type="alert", resource_id=str(alert_id), payload=payload)


async def test_killed_while_the_receiver_thinks_the_message_comes_once_more_with_the_same_id(
    open_rig: Rig, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    teller = Teller(open_rig, databases, journal, tenant)
    async with hook() as receiver:
        await teller.make_channel(receiver.url)
        receiver.holds = True
        await teller.tell(1)
        open_rig.start_worker()
        async with asyncio.timeout(60):
            await receiver.has_come.wait()
        open_rig.kill_worker()
        receiver.holds = False
        await teller.end_leases()
        open_rig.start_worker()
        await teller.until_delivered(1)
        [delivery] = await teller.deliveries()
        assert receiver.ids == [str(delivery.id)] * 2
        assert delivery.attempts == 2


async def test_killed_at_random_moments_every_message_arrives_and_few_come_twice(
    open_rig: Rig, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    teller = Teller(open_rig, databases, journal, tenant)
    moments = random.Random(5)  # noqa: S311 - reproducible moments, no secret
    async with hook() as receiver:
        await teller.make_channel(receiver.url)
        await teller.tell(1)
        open_rig.start_worker()
        await teller.until_delivered(1)
        open_rig.kill_worker()
        await teller.tell(AT_ONCE)
        await open_rig.kill_worker_before_it_moves(tenant.id, "notifications")
        assert len(await teller.deliveries()) == 1
        for number in range(KILLS):
            if number > 0:
                await teller.tell(AT_ONCE)
            receiver.has_come.clear()
            open_rig.start_worker()
            async with asyncio.timeout(60):
                await receiver.has_come.wait()
            await asyncio.sleep(moments.uniform(0, 0.4))
            open_rig.kill_worker()
            await teller.end_leases()
        open_rig.start_worker()
        await teller.until_delivered(MESSAGES)
        deliveries = await teller.deliveries()
        counted = Counter(receiver.ids)
        assert counted.keys() == {str(one.id) for one in deliveries}
        assert len(receiver.requests) - MESSAGES <= KILLS
        assert max(counted.values()) <= 1 + KILLS
        assert [one.sequence for one in deliveries] == list(range(1, MESSAGES + 1))
