"""Whatever comes to the ingest door of the real server is answered or dropped, and the next good batch is stored."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from plantwright.core.clock import utc_now
from plantwright.identity.keys import revoke_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.identity.repository import list_keys
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory
from tests.integration.audit import stored
from tests.integration.plant import METRIC, Sender, make_ingest_key
from tests.stack import Stack

LIMIT = 10 * 1024 * 1024


@pytest.fixture
async def sender(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> Sender:
    return await Sender.make(stack.url, databases, journal, tenant, make_machine)


@pytest.fixture
async def good(sender: Sender, databases: Databases, tenant: MadeTenant) -> AsyncIterator[list[dict[str, Any]]]:
    """A batch that is stored before the test and another one after it; nothing else is in the log then."""
    now = time.time_ns() // 1_000_000
    await sender.deliver(sender.readings([now - 2000], [1.0]))
    yield sender.readings([now - 1000], [2.0])
    await sender.deliver(sender.readings([now], [3.0]))
    values = [value for _, value in await stored(databases, tenant, sender.metrics[METRIC])]
    assert [value for value in values if value != 2.0] == [1.0, 3.0]


async def post(sender: Sender, content: Any, key: str | None = None) -> httpx.Response:
    headers = {"X-API-Key": key or sender.key, "Content-Type": "application/json"}
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.post(f"{sender.url}/api/v1/ingest", content=content, headers=headers)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b'{"readings": [', 400),
        (b"\xff\xfe\x00", 400),
        (b"\x1f\x8b\x08\x00 not json", 400),
        (b'{"readings": ' + b"[" * 100_000, 400),
        (b'{"readings": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"readings": [' + b"9" * 10_000 + b"]}", 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b'{"readings": {}}', 422),
        (b'{"readings": [], "sequence": 1}', 422),
    ],
    ids=lambda value: repr(value[:16]) if isinstance(value, bytes) else str(value),
)
async def test_a_body_that_is_no_batch_is_refused(sender: Sender, good: object, body: bytes, status: int) -> None:
    answer = await post(sender, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_one_bad_reading_refuses_only_itself(sender: Sender, good: list[dict[str, Any]]) -> None:
    bad = [
        good[0] | {"value": float("nan")},
        good[0] | {"value": float("-inf")},
        good[0] | {"value": "2.0"},
        good[0] | {"timestamp": "2999-01-01T00:00:00Z"},
        good[0] | {"machine_identifier": "NOBODY-1"},
        7,
    ]
    answer = await post(sender, json.dumps({"readings": [*bad, *good]}))
    body = answer.json()
    assert (answer.status_code, body["accepted_count"], body["rejected_count"]) == (207, 1, len(bad))
    assert [item["index"] for item in body["errors"]] == list(range(len(bad)))


async def test_a_body_over_the_limit_is_refused_whether_it_says_so_or_not(sender: Sender, good: object) -> None:
    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 65_536 + 1):
            yield b" " * 65_536

    for content in (b" " * (LIMIT + 1), unannounced()):
        answer = await post(sender, content)
        assert answer.status_code == 413, answer.text
        assert answer.json()["detail"]


async def test_a_body_of_exactly_the_limit_is_read(sender: Sender, good: list[dict[str, Any]]) -> None:
    body = json.dumps({"readings": good}).encode()
    answer = await post(sender, body + b" " * (LIMIT - len(body)))
    assert (answer.status_code, answer.json()["accepted_count"]) == (207, 1)


@asynccontextmanager
async def stalled(sender: Sender) -> AsyncIterator[None]:
    """A client that announces a body, sends half of it and says nothing more; in the end it goes away."""
    address = urlsplit(sender.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"POST /api/v1/ingest HTTP/1.1\r\nHost: x\r\nX-API-Key: {sender.key}\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b'{"readings": [' + b" " * 486)
    await writer.drain()
    try:
        yield
    finally:
        writer.close()
        await writer.wait_closed()


async def test_clients_that_stall_in_the_middle_of_a_body_hold_up_nobody(
    sender: Sender, good: list[dict[str, Any]]
) -> None:
    async with asyncio.timeout(60), AsyncExitStack() as clients:
        for _ in range(50):
            await clients.enter_async_context(stalled(sender))
        assert await sender.deliver(good) == 1


async def test_an_unknown_key_and_no_key_are_refused(sender: Sender, good: list[dict[str, Any]]) -> None:
    body = json.dumps({"readings": good})
    assert (await post(sender, body, "hk_nobody")).status_code == 401
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"{sender.url}/api/v1/ingest", content=body)).status_code == 401


async def test_a_revoked_key_is_refused_by_the_running_server_and_the_others_are_not(
    sender: Sender, good: list[dict[str, Any]], databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", utc_now())
    async with databases.app.transaction(tenant.id) as work:
        [key] = await list_keys(work)
    body, revoked = json.dumps({"readings": good}), sender.key
    sender.key = await make_ingest_key(databases, journal, tenant)
    assert (await post(sender, body, revoked)).status_code == 207
    async with databases.app.transaction(tenant.id) as work:
        await revoke_key(work, journal, principal, key.id)
    async with asyncio.timeout(10):
        while (refused := await post(sender, body, revoked)).status_code == 207:
            pass
    assert refused.status_code == 401
    assert (await post(sender, body)).status_code == 207


async def test_a_key_of_another_tenant_finds_no_machine(
    sender: Sender, good: list[dict[str, Any]], databases: Databases, journal: Journal, make_tenant: TenantFactory
) -> None:
    stranger = await make_ingest_key(databases, journal, await make_tenant())
    answer = await post(sender, json.dumps({"readings": good}), stranger)
    assert (answer.status_code, answer.json()["accepted_count"]) == (207, 0)
    assert [item["error"] for item in answer.json()["errors"]] == ["Machine not found"]
