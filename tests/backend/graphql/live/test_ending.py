"""How a shared subscription ends, and how the client goes on from there."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from plantwright.core.settings import Settings
from plantwright.graphql.live import member as members
from plantwright.graphql.live import registry
from plantwright.graphql.readings import subscriptions
from plantwright.identity.models import Role
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close
from websockets.typing import Subprotocol

from tests.backend.graphql.live.conftest import LiveServer
from tests.backend.graphql.live.test_sharing import READINGS, now_ms, send, values_of
from tests.factories import MadeTenant
from tests.graphql_client import GraphQLClient
from tests.integration.plant import Sender
from tests.integration.subscriber import Subscriber, connected
from tests.integration.test_websocket_door import LOGOUT

BATCH = 1_000
ENOUGH_BATCHES = 1_000
TOO_SLOW = re.compile(r"Too slow\. Resume with since: (\d+)\.")


@asynccontextmanager
async def hard_of_hearing(live: LiveServer, tenant: MadeTenant) -> AsyncIterator[ClientConnection]:
    """A client that takes little before it reads."""
    token = await live.token(tenant)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    raw.setblocking(False)
    host, port = live.url.removeprefix("http://").split(":")
    await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
    protocols = [Subprotocol("graphql-transport-ws")]
    async with connect(
        live.websocket_url, sock=raw, subprotocols=protocols, ping_interval=None, max_queue=1, compression=None
    ) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        assert json.loads(await connection.recv())["type"] == "connection_ack"
        yield connection


async def test_who_does_not_read_is_cut_off_and_goes_on_without_loss(
    live: LiveServer, tenant: MadeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MAX_WAITING_FRAMES", 3)
    monkeypatch.setattr(subscriptions, "MAX_RATE", 1_000.0)
    sender = await live.sender(tenant)
    variables = {"machine": str(sender.machine.id), "rate": 1_000.0}
    async with live.subscriber(tenant) as quick, hard_of_hearing(live, tenant) as slow:
        await quick.subscribe(READINGS, variables)
        await Subscriber(slow).subscribe(READINGS, variables)
        await live.wait_for_members(2)
        [group] = live.groups.groups
        sent: list[float] = []
        while len(group.members) == 2 and not any(one.failure for one in group.members):
            assert len(sent) < ENOUGH_BATCHES * BATCH, "never cut off"
            sent += await send_batch(sender, len(sent))
            assert await values_of(quick, BATCH) == sent[-BATCH:]
        for _ in range(3):
            sent += await send_batch(sender, len(sent))
            assert await values_of(quick, BATCH) == sent[-BATCH:]
        received, cursor, close = await read_until_closed(slow)
    assert close is not None, "closed without a word"
    assert close.code == 1013
    told = TOO_SLOW.fullmatch(close.reason)
    assert told is not None, close.reason
    assert told[1] == cursor
    assert 0 < len(received) < len(sent)
    async with live.subscriber(tenant) as again:
        await again.subscribe(READINGS, variables | {"since": told[1]})
        received += await values_of(again, len(sent) - len(received))
    assert received == sent


async def send_batch(sender: Sender, first: int) -> list[float]:
    values = [number + 0.123456789 for number in range(first, first + BATCH)]
    start = now_ms() - 10_000_000 + first
    answer = await sender.send([start + number for number in range(BATCH)], values)
    assert answer.status_code == 207, answer.text
    return values


async def read_until_closed(connection: ClientConnection) -> tuple[list[float], str, Close | None]:
    """Values, the last cursor, and what the server closed with."""
    values: list[float] = []
    cursor = ""
    try:
        async with asyncio.timeout(30):
            while True:
                frame = json.loads(await connection.recv())["payload"]["data"]["readings"]
                cursor = frame["cursor"]
                values += frame["series"][0]["values"]
    except ConnectionClosed as closed:
        return values, cursor, closed.rcvd


async def log_out(live: LiveServer, tenant: MadeTenant, token: str) -> None:
    _ = tenant
    async with httpx.AsyncClient(base_url=live.url) as client:
        answer = await GraphQLClient(client).send(LOGOUT, token=token)
    assert answer.json()["data"]["logout"]["__typename"] == "LogoutSuccess", answer.text


async def deactivate(live: LiveServer, tenant: MadeTenant, token: str) -> None:
    _ = token
    async with live.databases.app.transaction(tenant.id) as work:
        await work.execute(text("UPDATE user_account SET is_active = false WHERE id = :id"), {"id": tenant.viewer_id})


@pytest.mark.parametrize("lock_out", [log_out, deactivate])
async def test_who_may_no_longer_listen_is_told_and_the_others_go_on(
    live: LiveServer,
    tenant: MadeTenant,
    monkeypatch: pytest.MonkeyPatch,
    lock_out: Callable[[LiveServer, MadeTenant, str], Awaitable[None]],
) -> None:
    monkeypatch.setattr(registry, "RECHECK_TOKEN_SECONDS", 0.5)
    sender = await live.sender(tenant)
    machine = {"machine": str(sender.machine.id)}
    token = await live.token(tenant)
    async with live.subscriber(tenant, Role.ADMIN) as stays, connected(live.websocket_url, token) as goes:
        await stays.subscribe(READINGS, machine)
        await goes.subscribe(READINGS, machine)
        await live.wait_for_members(2)
        await lock_out(live, tenant, token)
        message = await goes.next()
        assert message["type"] == "next"
        [error] = message["payload"]["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert (await goes.next())["type"] == "complete"
        await live.wait_for_members(1)
        await send(sender, 1)
        assert await values_of(stays, 1) == [1]


async def test_a_changed_role_ends_the_subscription_so_that_it_is_opened_anew(
    live: LiveServer, tenant: MadeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "RECHECK_TOKEN_SECONDS", 0.5)
    sender = await live.sender(tenant)
    async with live.subscriber(tenant) as subscriber:
        await subscriber.subscribe(READINGS, {"machine": str(sender.machine.id)})
        await live.wait_for_members(1)
        async with live.databases.app.transaction(tenant.id) as work:
            await work.execute(
                text("UPDATE user_account SET role = 'operator' WHERE id = :id"), {"id": tenant.viewer_id}
            )
        assert (await subscriber.next())["type"] == "complete"
        await subscriber.subscribe(READINGS, {"machine": str(sender.machine.id)})
        await live.wait_for_members(1)
        [group] = live.groups.groups
        assert group.key.role is Role.OPERATOR


async def test_nothing_is_missing_after_the_database_dropped_its_connections(
    live: LiveServer, tenant: MadeTenant, settings: Settings
) -> None:
    """Once they are dropped while nobody uses them, once while the log is being read."""
    sender = await live.sender(tenant)
    variables = {"machine": str(sender.machine.id), "since": "0"}
    async with live.subscriber(tenant) as one, live.subscriber(tenant) as other:
        for subscriber in (one, other):
            await subscriber.subscribe(READINGS, variables)
        await live.wait_for_members(2)
        await send(sender, 0)
        values = [await values_of(subscriber, 1) for subscriber in (one, other)]
        owner = await asyncpg.connect(settings.owner_url())
        try:
            for number in range(1, 6):
                await owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND application_name = 'plantwright'"
                )
                await sender.deliver(sender.readings([now_ms()], [float(number)]))
        finally:
            await owner.close()
        for got, subscriber in zip(values, (one, other), strict=True):
            await follow_until(subscriber, variables, got, 6)
            assert got == [0, 1, 2, 3, 4, 5]


async def follow_until(subscriber: Subscriber, variables: dict[str, str], values: list[float], count: int) -> None:
    """As a client does: an error or a completion is answered by opening anew from the last cursor, here the first."""
    while len(values) < count:
        message = await subscriber.next()
        if message["type"] == "complete":
            values.clear()
            await subscriber.subscribe(READINGS, variables)
        elif not message["payload"].get("errors"):
            for series in message["payload"]["data"]["readings"]["series"]:
                values += series["values"]
