"""Latency of looking at readings over GraphQL, next to the bare SQL of the same queries in the same run.

Fills a database (100 million readings unless told otherwise), starts one API process and asks it, one request after
the other and signed in as a viewer: the latest readings of 50 machines, an hour of 8 metrics reading by reading, a day
of 8 metrics, and 30 days of 50 metrics. Then the statements that the product sends for each are sent by the driver
alone and their rows fetched.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
from fill import ALWAYS_A_DAY, NARROW_METRICS, Filled, fill
from plant import Plant, make_tenant_with_key, running_api, running_servers
from plantwright.assets.repository import MachineFilter, page_by_health
from plantwright.core.clock import iso_utc
from plantwright.core.database import Database, UnitOfWork
from plantwright.identity.models import Role
from plantwright.identity.registration import create_user
from plantwright.journal.service import Journal
from plantwright.readings.query.service import query_readings
from plantwright.readings.repository import latest_of_machines
from sqlalchemy import event

MACHINES = 50
EMAIL, PASSWORD = "viewer@bench.example", "Viewer-0123456789"
LOGIN = "mutation Login($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { accessToken } } }"
LATEST = "{ machines(first: 50) { nodes { id name status latest { metrics units times values quality } } } }"
LATEST_OBJECTS = (
    "{ machines(first: 50) { nodes { id name status metrics { name unit latest { time value quality } } } } }"
)
READINGS = """query Readings($machine: ID!, $metrics: [String!], $from: DateTime!, $to: DateTime!, $points: Int!) {
  readings(machineId: $machine, metrics: $metrics, from: $from, to: $to, maxPoints: $points) {
    cursor series { metric unit resolution bucketSeconds times values minimums maximums } } }"""
HEAD = (
    "POST /graphql HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nx-plantwright-client: bench\r\n"
    "content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
)


@dataclass(frozen=True)
class Look:
    """One of the queries; `expected` is the least number of points it has to give."""

    name: str
    days: float
    metrics: int
    points: int
    expected: int


LOOKS = (
    Look("hour_raw_8", 1 / 24, ALWAYS_A_DAY, 10_000, 3_500 * 8),
    Look("day_8", 1, ALWAYS_A_DAY, 1_000, 700 * 8),
    Look("month_50", 30, 50, 1_000, 700 * 50),
)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Client:
    """One connection, kept alive."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.token = ""

    async def ask(self, query: str, variables: Mapping[str, object]) -> bytes:
        body = json.dumps({"query": query, "variables": variables}).encode()
        self._writer.write(HEAD.format(token=self.token, length=len(body)).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        at = head.index(b"content-length: ") + len(b"content-length: ")
        answer = await self._reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
        if not head.startswith(b"http/1.1 200") or b'"errors"' in answer:
            raise RuntimeError(f"the API answered {answer[:500]!r}")
        return answer


def variables_of(look: Look, filled: Filled) -> dict[str, object]:
    machine = filled.wide if look.metrics == 50 else filled.machines[0]
    return {
        "machine": str(machine),
        "metrics": [f"metric_{number:02}" for number in range(look.metrics)],
        "from": iso_utc(filled.end - timedelta(days=look.days, seconds=-1)),
        "to": iso_utc(filled.end + timedelta(seconds=1)),
        "points": look.points,
    }


class Statements(UnitOfWork):
    """Notes what is streamed."""

    def __init__(self, work: UnitOfWork) -> None:
        super().__init__(work.session, work.tenant_id)
        self.noted: list[tuple[str, Sequence[object]]] = []

    async def stream(self, sql: str, *arguments: object, rows: int) -> AsyncGenerator[list[Mapping[str, Any]]]:
        self.noted.append((sql, arguments))
        async for batch in super().stream(sql, *arguments, rows=rows):
            yield batch


async def statements_of(database: Database, look: Look, filled: Filled) -> list[tuple[str, Sequence[object]]]:
    variables = variables_of(look, filled)
    async with database.snapshot(filled.tenant_id) as work:
        noting = Statements(work)
        await query_readings(
            noting,
            filled.wide if look.metrics == 50 else filled.machines[0],
            [f"metric_{number:02}" for number in range(look.metrics)],
            start=filled.end - timedelta(days=look.days, seconds=-1),
            end=filled.end + timedelta(seconds=1),
            max_points=int(str(variables["points"])),
        )
    return noting.noted


async def statements_of_latest(database: Database, filled: Filled) -> list[tuple[str, Sequence[object]]]:
    noted: list[tuple[str, Sequence[object]]] = []

    def note(*arguments: Any) -> None:
        _, _, statement, parameters, _, _ = arguments
        if not statement.startswith("SET"):
            noted.append((statement, parameters))

    async with database.reading(filled.tenant_id) as work:
        noting = Statements(work)
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        machines = await page_by_health(work, MachineFilter(), None, 51)
        await latest_of_machines(noting, [machine.id for machine in machines[:50]])
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    return [*noted, *noting.noted]


async def time_http(client: Client, query: str, variables: Mapping[str, object], rounds: int) -> list[float]:
    for _ in range(8):
        await client.ask(query, variables)
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        await client.ask(query, variables)
        seconds.append(time.perf_counter() - begin)
    return sorted(seconds)


async def time_sql(
    plant: Plant, filled: Filled, statements: Sequence[tuple[str, Sequence[object]]], rounds: int
) -> list[float]:
    connection = await asyncpg.connect(plant.settings.role_url("app"), server_settings={"jit": "off"})
    seconds = []
    try:
        for number in range(8 + rounds):
            begin = time.perf_counter()
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await connection.execute(f"SET LOCAL app.tenant_id = '{filled.tenant_id}'")
                for sql, arguments in statements:
                    await connection.fetch(sql, *arguments)
            if number >= 8:
                seconds.append(time.perf_counter() - begin)
    finally:
        await connection.close()
    return sorted(seconds)


def percentile_ms(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)


def figures(name: str, http: Sequence[float], sql: Sequence[float]) -> dict[str, float]:
    p50, p95 = percentile_ms(http, 0.5), percentile_ms(http, 0.95)
    bare50, bare95 = percentile_ms(sql, 0.5), percentile_ms(sql, 0.95)
    say(f"{name}: p50 {p50} ms, p95 {p95} ms; bare SQL p50 {bare50} ms, p95 {bare95} ms")
    return {
        f"{name}_p50_ms": p50,
        f"{name}_p95_ms": p95,
        f"{name}_sql_p50_ms": bare50,
        f"{name}_sql_p95_ms": bare95,
        f"{name}_ratio": round(p50 / bare50, 2),
    }


async def sign_in(port: int) -> Client:
    client = Client(*await asyncio.open_connection("127.0.0.1", port, limit=2**26))
    credentials = {"input": {"email": EMAIL, "password": PASSWORD}}
    client.token = json.loads(await client.ask(LOGIN, credentials))["data"]["login"]["accessToken"]
    return client


async def measure(plant: Plant, port: int, filled: Filled, rounds: int) -> dict[str, float]:
    client = await sign_in(port)
    database = Database(plant.settings.role_url("app"), pool_size=1)
    found: dict[str, float] = {}
    try:
        answer = json.loads(await client.ask(LATEST, {}))["data"]["machines"]["nodes"]
        assert len(answer) == MACHINES
        assert all(len(machine["latest"]["values"]) >= NARROW_METRICS for machine in answer)
        http = await time_http(client, LATEST, {}, rounds)
        statements = await statements_of_latest(database, filled)
        found |= figures("latest_50", http, await time_sql(plant, filled, statements, rounds))
        objects = await time_http(client, LATEST_OBJECTS, {}, rounds // 4)
        found |= {"latest_50_as_objects_p50_ms": percentile_ms(objects, 0.5)}
        for look in LOOKS:
            variables = variables_of(look, filled)
            series = json.loads(await client.ask(READINGS, variables))["data"]["readings"]["series"]
            points = sum(len(one["times"]) for one in series)
            say(f"{look.name}: {points} points, {series[0]['resolution']} {series[0]['bucketSeconds']}")
            assert points >= look.expected
            http = await time_http(client, READINGS, variables, rounds)
            statements = await statements_of(database, look, filled)
            found |= figures(look.name, http, await time_sql(plant, filled, statements, rounds))
    finally:
        await database.close()
    return found


async def prepare(plant: Plant, readings: int) -> Filled:
    """Readings for the machines that are there, and a viewer who may look at them."""
    begin = time.perf_counter()
    filled = await fill(plant, readings)
    say(f"{filled.readings:,} readings stored in {time.perf_counter() - begin:.0f} s")
    database = Database(plant.settings.role_url("app"))
    try:
        async with database.transaction(filled.tenant_id) as work:
            journal = Journal(plant.settings.audit_key_material())
            await create_user(work, journal, email=EMAIL, full_name="Viewer", password=PASSWORD, role=Role.VIEWER)
    finally:
        await database.close()
    return filled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=100_000_000, help="stored before the queries")
    parser.add_argument("--rounds", type=int, default=100, help="of each query")
    options = parser.parse_args()
    with running_servers() as plant:
        asyncio.run(make_tenant_with_key(plant, MACHINES + 1))
        filled = asyncio.run(prepare(plant, options.readings))
        with running_api(plant) as port:
            found = asyncio.run(measure(plant, port, filled, options.rounds))
    print(json.dumps({"readings": filled.readings, "rounds": options.rounds} | found))


if __name__ == "__main__":
    main()
