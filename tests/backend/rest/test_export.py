"""The export door: who gets in, what is refused before the file begins, and what a broken one looks like."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from plantwright.assets.models import Metric
from plantwright.core.clock import iso_utc, utc_now
from plantwright.core.settings import Settings
from plantwright.embedded.ports import free_port
from plantwright.readings.exchange import exporting
from plantwright.readings.exchange.parquet_format import read_parquet
from plantwright.rest import export
from sqlalchemy import text
from starlette.applications import Starlette

from tests.backend.rest.caller import Caller, PeopledTenant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/readings/export"
NOW = utc_now().replace(microsecond=0)


def window(**more: Any) -> dict[str, Any]:
    return {"from": iso_utc(NOW - timedelta(hours=1)), "to": iso_utc(NOW + timedelta(seconds=1)), **more}


async def key_of(admin: Caller, *scopes: str) -> str:
    made = await admin.write("POST", "/settings/api-keys", {"name": "Key", "scopes": list(scopes)}, 201)
    return str(made["plaintext_key"])


async def ingest(admin: Caller, machine: str, count: int) -> None:
    readings = [
        {
            "machine_identifier": machine,
            "timestamp": iso_utc(NOW - timedelta(seconds=second)),
            "metric_name": "vibration_rms",
            "value": second / 10,
            "unit": "mm/s",
            "quality": "bad" if second == 1 else "good",
        }
        for second in range(count)
    ]
    headers = {"x-api-key": await key_of(admin, "ingest")}
    answer = await admin.client.post("/api/v1/ingest", json={"readings": readings}, headers=headers)
    assert answer.json()["accepted_count"] == count, answer.text


async def test_a_person_of_any_role_gets_the_file(
    admin: Caller, viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    await make_machine(tenant, "=PUMP/1")
    await ingest(admin, "=PUMP/1", 3)

    answer = await viewer.send("GET", PATH, params=window(machine="=PUMP/1"))

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    since, until = (f"{moment:%Y%m%dT%H%M%SZ}" for moment in (NOW - timedelta(hours=1), NOW + timedelta(seconds=1)))
    name = f"readings-_PUMP_1-{since}-{until}.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["x-estimated-readings"] == "3"
    rows = list(csv.reader(io.StringIO(answer.text)))
    moments = [f"{NOW - timedelta(seconds=second):%Y-%m-%dT%H:%M:%S}.000Z" for second in (2, 1, 0)]
    assert rows == [
        ["time", "machine", "metric", "unit", "value", "quality"],
        [moments[0], "'=PUMP/1", "vibration_rms", "mm/s", "0.2", "good"],
        [moments[1], "'=PUMP/1", "vibration_rms", "mm/s", "0.1", "bad"],
        [moments[2], "'=PUMP/1", "vibration_rms", "mm/s", "0", "good"],
    ]


async def test_a_program_with_the_scope_gets_the_file(
    admin: Caller, client: httpx.AsyncClient, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    await make_machine(tenant, "PUMP-1")
    await ingest(admin, "PUMP-1", 5)
    headers = {"x-api-key": await key_of(admin, "read:sensors")}

    answer = await client.get(f"/api/v1{PATH}", params=window(format="parquet"), headers=headers)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert answer.headers["content-disposition"].endswith('.parquet"')
    assert [place for place, _ in read_parquet(io.BytesIO(answer.content))] == [1, 2, 3, 4, 5]


async def test_the_address_of_a_file_is_told_and_leads_to_it(
    admin: Caller, viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, _ = await make_machine(tenant, "=PUMP & 1")
    await ingest(admin, "=PUMP & 1", 4)
    asked = window(format="parquet", metrics="vibration_rms")

    told = await viewer.get(f"/machines/{machine.id}/readings/export", **asked)
    file = await viewer.client.get(told["url"], headers={"authorization": f"Bearer {viewer.token}"})

    assert told["estimated_readings"] == 4
    assert file.status_code == 200, file.text
    rows = list(read_parquet(io.BytesIO(file.content)))
    assert [getattr(row, "machine_identifier", row) for _, row in rows] == ["=PUMP & 1"] * 4
    assert (await viewer.refused("GET", f"/machines/{machine.id}/readings/export", params=asked | {"metrics": "x"}))[
        0
    ] == 404


async def test_nobody_else_gets_in(admin: Caller, client: httpx.AsyncClient) -> None:
    assert await Caller(client, "not.a.token").refused("GET", PATH, params=window()) == (
        401,
        "Invalid authentication token.",
    )
    for scopes, status in ((["ingest", "agent", "read:machines"], 403), (None, 401)):
        key = "hk_unknown" if scopes is None else await key_of(admin, *scopes)
        answer = await client.get(f"/api/v1{PATH}", params=window(), headers={"x-api-key": key})
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    answer = await client.get(f"/api/v1{PATH}", params=window())
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_what_belongs_to_another_tenant_is_unknown(
    admin: Caller,
    client: httpx.AsyncClient,
    settings: Settings,
    tenant: MadeTenant,
    make_people: PeopledTenant,
    make_machine: MachineFactory,
) -> None:
    await make_machine(tenant, "PUMP-OURS")
    await ingest(admin, "PUMP-OURS", 3)
    stranger = Caller.of(client, settings, await make_people())

    for machine in ("PUMP-OURS", "PUMP-NOWHERE"):
        assert await stranger.refused("GET", PATH, params=window(machine=machine)) == (
            404,
            f"There is no machine '{machine}'.",
        )
    answer = await stranger.send("GET", PATH, params=window())
    assert (answer.status_code, answer.text) == (200, "time,machine,metric,unit,value,quality\n")
    assert answer.headers["x-estimated-readings"] == "0"


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        ({"format": "xml"}, 422),
        ({"from": "yesterday"}, 422),
        ({"from": "2026-01-01T00:00:00"}, 422),
        ({"from": iso_utc(NOW + timedelta(seconds=1))}, 422),
        ({"from": "1999-01-01T00:00:00Z"}, 422),
        ({"machine": ""}, 422),
        ({"machine": "a\x00b"}, 422),
        ({"machines": "PUMP-1"}, 422),
        ({"metric": "colour"}, 404),
    ],
)
async def test_what_is_wrong_is_said_before_the_file_begins(
    viewer: Caller, broken: dict[str, str], status: int
) -> None:
    answer = await viewer.send("GET", PATH, params=window() | broken)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert answer.json()["detail"]


async def test_the_window_has_to_be_given(viewer: Caller) -> None:
    status, detail = await viewer.refused("GET", PATH)
    assert status == 422
    assert [fault["loc"] for fault in detail] == [["query", "from"], ["query", "to"]]


async def test_methods(viewer: Caller) -> None:
    answer = await viewer.send("POST", PATH, params=window())
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    answer = await viewer.send("HEAD", PATH, params=window())
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-disposition" in answer.headers


@asynccontextmanager
async def served(api: Starlette) -> AsyncGenerator[str]:
    """The started application on a socket, where a broken connection can be seen."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(api, port=port, lifespan="off", log_level="critical", ws="none"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("kind", ["csv", "parquet"])
async def test_a_fault_on_the_way_breaks_the_transfer_off(
    api: Starlette,
    databases: Databases,
    admin: Caller,
    tenant: MadeTenant,
    make_machine: MachineFactory,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    _, metrics = await make_machine(tenant, "PUMP-1")
    await ingest(admin, "PUMP-1", 300)
    monkeypatch.setattr(exporting, "PIECE_READINGS", 100)
    path, headers = f"/api/v1{PATH}", {"authorization": f"Bearer {admin.token}"}
    params = window(format=kind, to=iso_utc(NOW + timedelta(days=1)))

    async with served(api) as url, httpx.AsyncClient(base_url=url) as client:
        whole = await client.get(path, params=params, headers=headers)
        assert (whole.status_code, whole.headers["transfer-encoding"]) == (200, "chunked")
        await damage(databases, tenant, metrics["vibration_rms"])
        async with client.stream("GET", path, params=params, headers=headers) as answer:
            assert answer.status_code == 200
            received = io.BytesIO()
            with pytest.raises(httpx.RemoteProtocolError):
                await receive_all(answer, received)

    assert 0 < len(received.getvalue()) <= len(whole.content)


async def receive_all(answer: httpx.Response, into: io.BytesIO) -> None:
    async for part in answer.aiter_bytes():
        into.write(part)


async def damage(databases: Databases, tenant: MadeTenant, metric: Metric) -> None:
    """A segment with more qualities than values, which nothing can read, behind all others."""
    async with databases.worker.transaction(tenant.id) as work:
        await work.execute(
            text(
                'INSERT INTO segment (tenant_no, series_id, start, flush_id, offsets, "values", quality) '
                "VALUES (:tenant_no, :series_id, :start, 1, '{0,1}', '{1,2}', '{0,1,2}')"
            ),
            {"tenant_no": tenant.number, "series_id": metric.series_id, "start": NOW + timedelta(seconds=10)},
        )


class Receiver:
    """The server's side of a connection: takes the answer's messages once it may."""

    def __init__(self, caller: Caller) -> None:
        self.messages: list[dict[str, Any]] = []
        self.may_take = asyncio.Event()
        self.is_gone = asyncio.Event()
        query = str(httpx.QueryParams(window()))
        headers = [(b"authorization", f"Bearer {caller.token}".encode())]
        self.scope = {"type": "http", "method": "GET", "path": PATH, "query_string": query.encode(), "headers": headers}

    async def receive(self) -> dict[str, Any]:
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.messages.append(message)
        if message["type"] == "http.response.body":
            await self.may_take.wait()

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def is_whole(self) -> bool:
        return not self.messages[-1].get("more_body", False)


async def test_only_so_many_run_at_once(api: Starlette, admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_EXPORTS", 1)
    endpoint = export.ExportEndpoint(api.state.services)
    first, second, third = Receiver(admin), Receiver(admin), Receiver(admin)
    running = asyncio.create_task(endpoint(first.scope, first.receive, first.send))
    while not first.messages:  # noqa: ASYNC110 - the answer begins by itself
        await asyncio.sleep(0.01)

    second.may_take.set()
    await endpoint(second.scope, second.receive, second.send)
    assert second.status == 503
    assert (b"retry-after", b"5") in second.messages[0]["headers"]

    first.may_take.set()
    await running
    assert (first.status, first.is_whole) == (200, True)
    third.may_take.set()
    await endpoint(third.scope, third.receive, third.send)
    assert (third.status, third.is_whole) == (200, True)


async def test_a_receiver_that_leaves_or_takes_nothing_ends_the_export(
    api: Starlette, admin: Caller, tenant: MadeTenant, make_machine: MachineFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_machine(tenant, "PUMP-1")
    await ingest(admin, "PUMP-1", 5)
    endpoint = export.ExportEndpoint(api.state.services)

    leaving = Receiver(admin)
    leaving.is_gone.set()
    leaving.may_take.set()
    await endpoint(leaving.scope, leaving.receive, leaving.send)
    assert not leaving.messages[1:] or not leaving.is_whole

    monkeypatch.setattr(export, "STALL_SECONDS", 0.05)
    stalled = Receiver(admin)
    await endpoint(stalled.scope, stalled.receive, stalled.send)
    assert (stalled.status, stalled.is_whole) == (200, False)
