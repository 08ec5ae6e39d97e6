"""The door for heartbeats: who may come in, what is taken, and what is answered."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from plantwright.agents.service import MAX_AGENTS
from plantwright.assets.series import UNKNOWN_SECONDS
from plantwright.core.clock import utc_now
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from plantwright.rest.heartbeat import MAX_BODY_BYTES

from tests.backend.agents.making import document, gap, source
from tests.backend.rest.caller import Caller, PeopledTenant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATH = "/api/v1/agent/heartbeat"


class Device:
    """A program with a key of the tenant."""

    def __init__(self, client: httpx.AsyncClient, key: str) -> None:
        self._client = client
        self._headers = {"X-API-Key": key}

    async def send(self, method: str = "POST", **request: Any) -> httpx.Response:
        return await self._client.request(method, PATH, headers=self._headers, **request)

    async def beat(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.send(json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def key_of(databases: Databases, journal: Journal, tenant: MadeTenant, *scopes: str) -> str:
    principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", utc_now())
    async with databases.app.transaction(tenant.id) as work:
        _, secret = await create_key(work, journal, principal, name="agent", scopes=list(scopes), expires_at=None)
    return secret


@pytest_asyncio.fixture(loop_scope="session")
async def device(client: httpx.AsyncClient, databases: Databases, journal: Journal, tenant: MadeTenant) -> Device:
    return Device(client, await key_of(databases, journal, tenant, "ingest", "agent"))


async def test_the_answer_tells_the_time_and_nothing_to_do(device: Device) -> None:
    before = datetime.now(UTC)
    answer = await device.beat(document(interval_seconds=30))
    assert before <= datetime.fromisoformat(answer.pop("server_time")) <= datetime.now(UTC)
    assert answer == {"interval_seconds": 30.0}


async def test_get_answers_the_time_and_registers_nothing(device: Device, admin: Caller) -> None:
    answer = await device.send("GET")
    assert (answer.status_code, list(answer.json())) == (200, ["server_time"])
    assert (await device.send("HEAD")).status_code == 200
    assert (await admin.get("/agents"))["total"] == 0
    refused = await device.send("PUT")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST")


async def test_what_was_said_is_shown(device: Device, viewer: Caller) -> None:
    agent_id = uuid4()
    trouble = source(state="permanent", last_error="wrong password", last_error_at="2026-03-01T11:30:00Z")
    await device.beat(
        document(agent_id, sources=[trouble], gaps=[gap(1), gap(2, tag="p1", end="2026-03-01T11:00:00Z")])
    )
    [shown] = (await viewer.get("/agents"))["items"]
    assert (shown["id"], shown["name"], shown["state"]) == (str(agent_id), "hall-3", "degraded")
    assert shown["sources"][0]["last_error"] == "wrong password"
    assert shown["sources"][0]["state"] == "permanent"
    assert shown["buffer"]["depth"] == 3
    assert shown["uplink"]["last_push"] == "2026-03-01T11:59:58Z"
    one = await viewer.get(f"/agents/{agent_id}")
    assert [found["tag"] for found in one["gaps"]["items"]] == ["p1", ""]
    assert one["gaps"]["total_count"] == 2
    assert one | {"gaps": None} == shown | {"gaps": None, "machines": []}


async def test_the_machines_whose_readings_it_sent_are_named(
    device: Device,
    viewer: Caller,
    client: httpx.AsyncClient,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> None:
    agent_id, key = uuid4(), await key_of(databases, journal, tenant, "ingest")
    machine, _ = await make_machine(tenant, "PRESS-7", {"pressure": "bar"})
    reading = {"timestamp": utc_now().isoformat(), "metric_name": "pressure", "value": 7.0, "unit": "bar"}
    batch = {
        "agent": str(agent_id),
        "stream": "press",
        "sequence": 1,
        "readings": [reading | {"machine_identifier": "PRESS-7"}, reading | {"machine_identifier": "PRESS-8"}],
    }
    answer = await client.post("/api/v1/ingest", headers={"X-API-Key": key}, json=batch)
    assert answer.json()["accepted_count"] == 1
    await device.beat(document(agent_id))
    # Registered a moment later: what was refused before does not keep it from being noted.
    later, _ = await make_machine(tenant, "PRESS-8", {"pressure": "bar"})
    await asyncio.sleep(UNKNOWN_SECONDS)
    answer = await client.post("/api/v1/ingest", headers={"X-API-Key": key}, json=batch | {"sequence": 2})
    assert answer.json()["accepted_count"] == 2
    shown = await viewer.get(f"/agents/{agent_id}")
    assert [one["id"] for one in shown["machines"]] == [str(machine.id), str(later.id)]
    assert shown["machine_count"] == 2
    assert (await viewer.get(f"/machines/{machine.id}"))["agents"] == [{"id": str(agent_id), "name": "hall-3"}]


async def test_lists_are_narrowed(device: Device, viewer: Caller) -> None:
    await device.beat(document(name="a"))
    await device.beat(document(name="b", sources=[source(state="recoverable")]))
    assert [one["name"] for one in (await viewer.get("/agents", state="degraded"))["items"]] == ["b"]
    assert [one["name"] for one in (await viewer.get("/agents", search="A"))["items"]] == ["a"]
    assert [one["name"] for one in (await viewer.get("/agents", page=2, page_size=1))["items"]] == ["b"]
    status, _ = await viewer.refused("GET", "/agents", params={"state": "asleep"})
    assert status == 422


async def test_only_admins_rename_and_remove(device: Device, admin: Caller, operator: Caller, viewer: Caller) -> None:
    agent_id = uuid4()
    await device.beat(document(agent_id))
    path = f"/agents/{agent_id}"
    for caller in (operator, viewer):
        assert (await caller.refused("PATCH", path, json={"name": "x"}))[0] == 403
        assert (await caller.refused("DELETE", path))[0] == 403
    renamed = await admin.write("PATCH", path, {"name": "Press hall"})
    assert (renamed["name"], renamed["own_name"]) == ("Press hall", "hall-3")
    assert (await admin.write("PATCH", path, {}))["name"] == "hall-3"
    assert (await admin.send("DELETE", path)).status_code == 204
    assert (await admin.refused("GET", path)) == (404, "Agent not found.")


@pytest.mark.parametrize("key", ["", "hk_wrong", "\x00", "ä"])
async def test_a_key_is_needed(client: httpx.AsyncClient, key: str) -> None:
    headers = [(b"X-API-Key", key.encode())]
    assert (await client.post(PATH, headers=headers, json=document())).status_code == 401
    assert (await client.post(PATH, json=document())).status_code == 401


async def test_the_scope_is_needed(
    client: httpx.AsyncClient, databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    answer = await Device(client, await key_of(databases, journal, tenant, "ingest")).send(json=document())
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "API key does not have the required scope: agent",
    )


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"", 422, "Malformed JSON"),
        (b"\xff\xfe", 422, "Malformed JSON"),
        (b"[]", 422, "Expected `object`, got `array`"),
        (b'{"agent": 7}', 422, "agent: Expected `uuid`, got `int`"),
        (b" " * (MAX_BODY_BYTES + 1), 413, "at most 4,194,304 bytes"),
    ],
)
async def test_what_is_no_heartbeat_is_refused_in_words(device: Device, body: bytes, status: int, detail: str) -> None:
    answer = await device.send(content=body)
    assert answer.status_code == status
    assert detail in answer.json()["detail"]


async def test_a_body_without_a_length_is_cut_off_too(device: Device) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 100_000

    assert (await device.send(content=endless())).status_code == 413


async def test_times_at_the_ends_of_the_calendar_are_taken(device: Device, viewer: Caller) -> None:
    agent_id = uuid4()
    ends = {"started_at": "0001-01-01T00:00:00Z", "certificate_expires_at": "9999-12-31T23:59:59Z"}
    await device.beat(document(agent_id, **ends, gaps=[gap(1, start="0001-01-01T00:00:00Z")]))
    shown = await viewer.get(f"/agents/{agent_id}")
    assert shown["certificate_expires_at"] == "9999-12-31T23:59:59Z"
    assert shown["started_at"] == "0002-01-01T00:00:00Z"


async def test_too_many_agents_are_refused_with_what_to_do(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plantwright.agents.service.MAX_AGENTS", 1)
    await device.beat(document())
    answer = await device.send(json=document())
    assert (answer.status_code, MAX_AGENTS) == (409, 1_000)
    assert "Remove those that are gone" in answer.json()["detail"]


async def test_an_agent_of_another_tenant_is_not_met(
    *,
    client: httpx.AsyncClient,
    databases: Databases,
    journal: Journal,
    make_people: PeopledTenant,
    device: Device,
    admin: Caller,
) -> None:
    other = Device(client, await key_of(databases, journal, await make_people(), "agent"))
    agent_id = uuid4()
    await other.beat(document(agent_id, name="theirs"))
    await device.beat(document(agent_id, name="mine"))
    await other.beat(document(agent_id, name="theirs"))
    assert [one["name"] for one in (await admin.get("/agents"))["items"]] == ["mine"]
