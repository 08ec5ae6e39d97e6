"""Who gets in, and what is turned away before it reaches an operation."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from plantwright.alerts.models import Alert
from plantwright.core.settings import Settings
from plantwright.rest.route import RestRoute
from plantwright.rest.routes import ROUTES

from tests.backend.rest.caller import Caller, PeopledTenant
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")

BODIES: dict[str, Any] = {
    "/settings/api-keys": {"name": "Key"},
    "/machines": {"name": "Press", "machine_identifier": "PRESS-1", "protocol": "csv"},
    "/work-orders": {"title": "Oil"},
    "/work-orders/{work_order_id}": {"expected_version": 1, "title": "Oil"},
    "/ingest/sources/{source_id}": {"expected_version": 1, "name": "Press"},
    "/ingest/sources/{source_id}/tag-mappings": {"mappings": []},
}
WINDOW = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
PARAMETERS = {parameter for route in ROUTES for parameter in route.path_parameters}
FOR_ADMINS = {
    ("POST", "/settings/api-keys"),
    ("DELETE", "/settings/api-keys/{key_id}"),
    ("PATCH", "/settings"),
    ("PATCH", "/agents/{agent_id}"),
    ("DELETE", "/agents/{agent_id}"),
}
NOT_FOR_VIEWERS = FOR_ADMINS | {
    ("POST", "/machines"),
    ("PATCH", "/machines/{machine_id}"),
    ("POST", "/work-orders"),
    ("PATCH", "/work-orders/{work_order_id}"),
    ("PATCH", "/metrics/{metric_id}/detection"),
    ("DELETE", "/metrics/{metric_id}/detection"),
    ("PATCH", "/ingest/sources/{source_id}"),
    ("DELETE", "/ingest/sources/{source_id}"),
    ("PUT", "/ingest/sources/{source_id}/tag-mappings"),
    *(("POST", f"/ingest/sources/{{source_id}}/{verb}") for verb in ("pause", "resume", "test", "browse", "probe")),
}


def request_of(route: RestRoute, ids: dict[str, str]) -> dict[str, Any]:
    request: dict[str, Any] = {"method": route.method, "url": f"/api/v1{route.path.format(**ids)}"}
    if route.body is not None:
        request["json"] = BODIES.get(route.path, {})
    if route.path.endswith(("/readings", "/readings/export", "/health/history", "/calendar")):
        request["params"] = WINDOW
    return request


@pytest_asyncio.fixture(loop_scope="session")
async def ids_elsewhere(
    client: httpx.AsyncClient,
    settings: Settings,
    make_people: PeopledTenant,
    make_machine: MachineFactory,
) -> dict[str, str]:
    """Of another tenant: what REST makes and that has an id in a path."""
    other = await make_people()
    caller = Caller.of(client, settings, other)
    machine, metrics = await make_machine(other)
    order = await caller.write("POST", "/work-orders", {"machine_id": str(machine.id), "title": "Oil"}, 201)
    key = await caller.write("POST", "/settings/api-keys", {"name": "Theirs"}, 201)
    return {
        "machine_id": str(machine.id),
        "metric_id": str(metrics["vibration_rms"].id),
        "work_order_id": order["id"],
        "key_id": key["id"],
    }


async def test_nobody_gets_in_without_a_token(client: httpx.AsyncClient) -> None:
    ids = dict.fromkeys(PARAMETERS, str(uuid4()))
    for route in ROUTES:
        answer = await client.request(**request_of(route, ids))
        if not route.is_public:
            assert answer.status_code == 401, route
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json() == {"detail": "Sign in first: this needs a valid access token."}


async def test_a_forged_token_is_refused_before_the_input_is_looked_at(client: httpx.AsyncClient) -> None:
    caller = Caller(client, "not.a.token")
    assert await caller.refused("POST", "/machines", content=b"{") == (401, "Invalid authentication token.")


@pytest.mark.parametrize("kind", ["elsewhere", "unknown", "no id"])
async def test_ids_that_are_not_in_the_tenant_are_not_found(
    admin: Caller, ids_elsewhere: dict[str, str], kind: str
) -> None:
    ids = dict.fromkeys(PARAMETERS, str(uuid4())) | ids_elsewhere
    if kind == "unknown":
        ids = dict.fromkeys(PARAMETERS, str(uuid4()))
    elif kind == "no id":
        ids = dict.fromkeys(PARAMETERS, "PUMP-1")
    for route in ROUTES:
        # Those that need a body are asked with one in the tests of isolation.
        if route.path_parameters and (route.body is None or route.path in BODIES):
            headers = {"authorization": f"Bearer {admin.token}"}
            answer = await admin.client.request(**request_of(route, ids), headers=headers)
            assert answer.status_code == 404, (route, answer.text)
            detail = answer.json()["detail"]
            assert detail == route.not_found or detail.endswith("not found."), route


async def test_alerts_of_another_tenant_are_not_found(
    client: httpx.AsyncClient, settings: Settings, make_people: PeopledTenant, admin: Caller, alerts: list[Alert]
) -> None:
    foreign = Caller.of(client, settings, await make_people())
    for method, path in (("GET", ""), ("POST", "/acknowledge")):
        assert await foreign.refused(method, f"/alerts/{alerts[0].id}{path}") == (404, "Alert not found.")
    assert (await admin.get("/alerts", is_acknowledged="false"))["total"] == len(alerts)


async def test_ids_of_another_tenant_in_a_body_are_not_found(admin: Caller, ids_elsewhere: dict[str, str]) -> None:
    body = {"title": "Oil", "machine_id": ids_elsewhere["machine_id"]}
    assert await admin.refused("POST", "/work-orders", json=body) == (404, "Machine not found.")
    listed = await admin.get("/audit-records", machine_id=ids_elsewhere["machine_id"])
    assert listed["total"] == 0


async def test_roles(
    operator: Caller, viewer: Caller, admin: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, metrics = await make_machine(tenant)
    order = await admin.write("POST", "/work-orders", {"machine_id": str(machine.id), "title": "Oil"}, 201)
    key = await admin.write("POST", "/settings/api-keys", {"name": "Key"}, 201)
    ids = {
        "machine_id": str(machine.id),
        "metric_id": str(metrics["vibration_rms"].id),
        "work_order_id": order["id"],
        "key_id": key["id"],
        "agent_id": str(uuid4()),
        "source_id": str(uuid4()),
    }
    journaled = (await admin.get("/audit-records"))["total"]
    for caller, denied in ((viewer, NOT_FOR_VIEWERS), (operator, FOR_ADMINS)):
        for route in ROUTES:
            if (route.method, route.path) in denied:
                headers = {"authorization": f"Bearer {caller.token}"}
                answer = await caller.client.request(**request_of(route, ids), headers=headers)
                assert answer.status_code == 403, route
                assert answer.json()["detail"].startswith("This needs the role admin")
    assert (await admin.get("/audit-records"))["total"] == journaled


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"name=Press", "application/x-www-form-urlencoded", 415),
        (b'{"name": "' + b"x" * 100_000 + b'"}', "application/json", 413),
    ],
)
async def test_bodies_that_are_turned_away(admin: Caller, content: bytes, media_type: str, status: int) -> None:
    answer = await admin.send("POST", "/machines", content=content, headers={"content-type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_a_body_that_does_not_tell_its_length_is_bounded_too(admin: Caller) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        for _ in range(30):
            yield b" " * 10_000

    headers = {"content-type": "application/json"}
    answer = await admin.send("POST", "/machines", content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()) == (413, {"detail": "A body has at most 100,000 bytes."})


@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
async def test_characters_that_cannot_be_stored_are_bad_input(admin: Caller, text: str) -> None:
    body = {"name": text, "machine_identifier": "M-1", "protocol": "csv"}
    for answer in (
        await admin.send("POST", "/machines", json=body),
        await admin.send("GET", "/machines", params={"search": text}),
        await admin.send("GET", "/audit-records", params={"resource_id": text}),
        await admin.send("POST", "/settings/api-keys", json={"name": text}),
        await admin.send("POST", "/auth/login", json={"email": text, "password": text}),
    ):
        assert answer.status_code in (401, 422), (answer.request.url, answer.text)


@pytest.mark.parametrize("path", ["/machine", "/nothing%0Aat%0Aall", "/machines/%0A/nothing"])
async def test_paths_that_are_not_there(admin: Caller, path: str) -> None:
    answer = await admin.send("GET", path)
    assert answer.status_code == 404
    assert "/api/v1/openapi.json" in answer.json()["detail"]


async def test_a_line_break_in_a_path_is_part_of_an_id(admin: Caller) -> None:
    answer = await admin.send("GET", "/machines/a%0Ab")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Machine not found."})


async def test_methods_that_are_not_there(admin: Caller) -> None:
    answer = await admin.send("DELETE", "/machines")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, HEAD")
    assert answer.json() == {"detail": "This path takes GET, POST, HEAD."}
    answer = await admin.send("POST", "/openapi.json")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (await admin.send("HEAD", "/machines")).status_code == 200


async def test_the_description_is_for_everyone(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"
