"""The WebSocket door of the real server: who is kept out, and that one subscriber's trouble stays its own."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from plantwright.core.settings import Settings
from plantwright.identity.models import Role
from plantwright.journal.service import Journal
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient
from tests.integration.plant import Sender
from tests.integration.subscriber import Subscriber, connected
from tests.stack import Stack

PROTOCOL = Subprotocol("graphql-transport-ws")
JOURNAL = "subscription Journal($since: BigInt) { auditRecords(since: $since) { sequence action payload } }"
READINGS = """
subscription Readings($machine: ID!, $since: String) {
  readings(machineId: $machine, since: $since) { cursor series { metric times values } }
}"""
LOGOUT = "mutation { logout { __typename } }"
LIMIT = 20
# As text, some times what lies between a server and a client that does not read.
MANY = 40_000


@asynccontextmanager
async def client_of(stack: Stack) -> AsyncIterator[GraphQLClient]:
    async with httpx.AsyncClient(base_url=stack.url) as client:
        yield GraphQLClient(client)


async def token_of(stack: Stack, tenant: MadeTenant, role: Role = Role.ADMIN) -> str:
    """A token of its own: each client logs in anew, which is also a row in the journal."""
    async with client_of(stack) as client:
        return await client.login(tenant, role)


async def closing_code(connection: ClientConnection) -> int:
    """What the server closes with."""
    with pytest.raises(ConnectionClosed) as closed:
        await read_to_the_end(connection)
    assert closed.value.rcvd is not None, "closed without a word"
    return closed.value.rcvd.code


async def read_to_the_end(connection: ClientConnection) -> None:
    async with asyncio.timeout(30):
        while True:
            await connection.recv()


async def test_who_never_introduces_himself_is_closed(stack: Stack) -> None:
    async with connect(stack.websocket_url, subprotocols=[PROTOCOL]) as connection:
        assert await closing_code(connection) == 4408


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic Zm9vOmJhcg=="},
        {"authorization": 7},
        {
            "authorization": "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0."
            "eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAifQ."
        },
    ],
    ids=["nothing", "nonsense", "other scheme", "no text", "unsigned"],
)
async def test_a_connection_without_a_valid_token_is_closed(stack: Stack, payload: dict[str, Any]) -> None:
    async with connect(stack.websocket_url, subprotocols=[PROTOCOL]) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert await closing_code(connection) == 4403


async def test_a_token_that_was_logged_out_opens_no_connection(stack: Stack, tenant: MadeTenant) -> None:
    token = await token_of(stack, tenant)
    await log_out(stack, token)
    async with connect(stack.websocket_url, subprotocols=[PROTOCOL]) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        assert await closing_code(connection) == 4403


async def test_subscribing_before_the_introduction_is_closed(stack: Stack) -> None:
    async with connect(stack.websocket_url, subprotocols=[PROTOCOL]) as connection:
        await Subscriber(connection).subscribe(JOURNAL)
        assert await closing_code(connection) == 4401


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[]",
        "7",
        "{}",
        '{"type": "unheard-of"}',
        '{"type": []}',
        '{"type": "subscribe", "id": [], "payload": {"query": "{ me }"}}',
        '{"type": "subscribe", "id": "1", "payload": "{ me }"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ me }", "variables": 7}}',
        b"\x00\x01",
    ],
)
async def test_a_message_that_is_none_closes_its_own_connection_only(
    stack: Stack, tenant: MadeTenant, message: str | bytes
) -> None:
    token = await token_of(stack, tenant)
    async with connected(stack.websocket_url, token) as other:
        await other.subscribe(JOURNAL)
        async with opened(stack, token) as connection:
            await connection.send(message)
            assert await closing_code(connection) == 4400
        await asyncio.sleep(0.2)
        await token_of(stack, tenant, Role.VIEWER)
        await other.data()


@asynccontextmanager
async def opened(stack: Stack, token: str, **options: Any) -> AsyncIterator[ClientConnection]:
    """A connection whose token was taken."""
    async with connect(stack.websocket_url, subprotocols=[PROTOCOL], **options) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        assert json.loads(await connection.recv())["type"] == "connection_ack"
        yield connection


async def test_a_page_of_another_origin_gets_no_connection(stack: Stack) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(stack.websocket_url, subprotocols=[PROTOCOL], origin=Origin("https://evil.example")):
            pass
    assert refused.value.response.status_code == 403


async def test_the_legacy_protocol_is_not_spoken(stack: Stack) -> None:
    async with connect(stack.websocket_url, subprotocols=[Subprotocol("graphql-ws")]) as connection:
        assert await closing_code(connection) == 4406


async def test_a_connection_carries_so_many_subscriptions_and_no_more(stack: Stack, tenant: MadeTenant) -> None:
    async with connected(stack.websocket_url, await token_of(stack, tenant)) as subscriber:
        for number in range(LIMIT):
            await subscriber.subscribe(JOURNAL, key=str(number))
        await subscriber.subscribe(JOURNAL, key="too many")
        message = await subscriber.next()
        assert (message["type"], message["id"]) == ("error", "too many")
        await asyncio.sleep(0.5)
        await token_of(stack, tenant, Role.VIEWER)
        assert {(await subscriber.next())["id"] for _ in range(LIMIT)} == {str(number) for number in range(LIMIT)}


async def test_a_subscriber_who_does_not_read_delays_nobody_else(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    token, machine = await token_of(stack, tenant), {"machine": str(sender.machine.id)}
    async with deaf(stack, token, machine), connected(stack.websocket_url, token) as listener:
        await listener.subscribe(READINGS, machine | {"since": "0"})
        counting = asyncio.create_task(count_readings(listener, MANY))
        start = time.time_ns() // 1_000_000 - 1_000_000_000
        for first in range(0, MANY, 1_000):
            times = [start + number for number in range(first, first + 1_000)]
            await sender.deliver(sender.readings(times, [at + 0.123456789 for at in times]))
        assert await counting == MANY


async def count_readings(listener: Subscriber, enough: int) -> int:
    received = 0
    while received < enough:
        frame = (await listener.data(30))["readings"]
        received += sum(len(series["times"]) for series in frame["series"])
    return received


@asynccontextmanager
async def deaf(stack: Stack, token: str, machine: dict[str, str]) -> AsyncIterator[None]:
    """A subscriber of all readings from the beginning, whose kernel takes little and who reads nothing of it."""
    async with opened(stack, token, max_queue=1, ping_interval=None, close_timeout=1) as connection:
        for number in range(LIMIT):
            await Subscriber(connection).subscribe(READINGS, machine | {"since": "0"}, key=str(number))
        yield


async def test_a_stream_ends_after_its_token_was_logged_out(stack: Stack, tenant: MadeTenant) -> None:
    token = await token_of(stack, tenant)
    async with connected(stack.websocket_url, token) as subscriber:
        await subscriber.subscribe(JOURNAL)
        await log_out(stack, token)
        await asyncio.sleep(0.5)
        while True:
            await token_of(stack, tenant, Role.VIEWER)
            message = await subscriber.next()
            if message["type"] != "next" or message["payload"].get("errors"):
                break
        [error] = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert (await subscriber.next())["type"] == "complete"


async def log_out(stack: Stack, token: str) -> None:
    async with client_of(stack) as client:
        answer = await client.send(LOGOUT, token=token)
        assert answer.json()["data"]["logout"]["__typename"] == "LogoutSuccess", answer.text


async def test_events_go_on_after_redis_dropped_the_connection_of_the_bus(
    stack: Stack, tenant: MadeTenant, settings: Settings
) -> None:
    async with connected(stack.websocket_url, await token_of(stack, tenant)) as subscriber:
        await subscriber.subscribe(JOURNAL)
        await asyncio.sleep(0.5)
        async with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
            assert await redis.client_kill_filter(_type="pubsub") > 0
        await token_of(stack, tenant, Role.OPERATOR)
        assert (await subscriber.data())["auditRecords"]["action"].startswith("user.")
