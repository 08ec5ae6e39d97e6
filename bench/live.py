"""Deliveries per second and latency of live frames to many subscribers of the same selection, from one API process.

A frame shows eight metrics. Throughput: frames as fast as the process makes them, with the cap of `maxRate` lifted;
the reading of the log and the execution are in it. A second API process takes in what the frames show, so that live
delivery alone is measured; `one_process` is with ingest in the same process. Next to it a bare WebSocket broadcast of
the same bytes, and one execution per subscriber (of fewer subscribers: `unshared_subscribers`). `cpu_us` is the
processor time of the delivering process per delivery, which says the same when other programs compete for the machine.

Latency: the product as it is, four POSTs a second; from the sending of a POST to the receipt, so the commit is in it.
`paced` has `maxRate: 4`: where POSTs come as often as frames may, a reading can wait for its frame for a quarter of a
second. Otherwise `maxRate: 10`, so that nothing waits. Subscribers, sender, API and PostgreSQL share the machine.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
import httpx
import uvloop
from live_doors import UNCAPPED
from plant import PRODUCT, Plant, make_tenant_with_key, running_api, running_servers
from plantwright.core.clock import iso_utc
from plantwright.core.database import Database
from plantwright.graphql.readings.subscriptions import MAX_RATE
from plantwright.identity.models import Role
from plantwright.identity.registration import create_user
from plantwright.journal.service import Journal
from websocket_load import Received, subscribe_many

METRICS = 8
POSTS_PER_SECOND = 4
UNSHARED_SUBSCRIBERS = 50
POST_PAUSE_SECONDS = 0.005
EMAIL, PASSWORD = "viewer@bench.example", "Bench-Viewer-1"
DOCUMENT = """
subscription Live($machine: ID!, $rate: Float!) {
  readings(machineId: $machine, maxRate: $rate) { cursor series { metric unit times values } }
}"""
LOGIN = "mutation Login($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { accessToken } } }"
T = TypeVar("T")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Tenant:
    key: str
    machine: str


@dataclass(frozen=True)
class Rate:
    """Deliveries and distinct frames per second; processor time of the process per delivery, all its work in it."""

    deliveries: float
    frames: float
    cpu_microseconds: float


@dataclass(frozen=True)
class Throughput:
    rate: Rate
    cut_off: int
    frame: str


@dataclass(frozen=True)
class Latency:
    """From the sending of a POST to each subscriber's receipt of its readings."""

    p50_ms: float
    p99_ms: float


class Sender:
    """Posts one reading of each metric; remembers when the readings of a time were posted."""

    def __init__(self, client: httpx.AsyncClient, key: str) -> None:
        self._client = client
        self._key = key
        self._last_ms = 0
        self.posted: dict[int, float] = {}

    async def post(self) -> None:
        now_ms = self._last_ms = max(time.time_ns() // 1_000_000, self._last_ms + 1)
        at = iso_utc(datetime.fromtimestamp(now_ms / 1000, UTC))
        readings = [
            {
                "machine_identifier": "BENCH-000",
                "timestamp": at,
                "metric_name": f"metric_{metric}",
                "value": round(20 + (now_ms * (metric + 7919)) % 5000 / 1000, 3),
                "unit": "mm/s",
            }
            for metric in range(METRICS)
        ]
        self.posted[now_ms] = time.perf_counter()
        answer = await self._client.post(
            "/api/v1/ingest", json={"readings": readings}, headers={"X-API-Key": self._key}
        )
        assert answer.json().get("accepted_count") == METRICS, answer.text

    async def keep_posting(self) -> None:
        """Often enough that there is always something to show."""
        while True:
            await self.post()
            await asyncio.sleep(POST_PAUSE_SECONDS)


async def make_tenant(plant: Plant, machines: int = 1) -> Tenant:
    key = await make_tenant_with_key(plant, machines)
    owner = await asyncpg.connect(plant.settings.owner_url())
    database = Database(plant.settings.role_url("app"))
    try:
        tenant_id, machine = await owner.fetchval("SELECT (tenant_id, id) FROM machine ORDER BY identifier")
        async with database.transaction(tenant_id) as work:
            journal = Journal(plant.settings.audit_key_material())
            await create_user(work, journal, email=EMAIL, full_name="Viewer", password=PASSWORD, role=Role.VIEWER)
    finally:
        await database.close()
        await owner.close()
    return Tenant(key, str(machine))


async def log_in(client: httpx.AsyncClient) -> str:
    answer = await client.post(
        "/graphql",
        json={"query": LOGIN, "variables": {"input": {"email": EMAIL, "password": PASSWORD}}},
        headers={"x-plantwright-client": "bench"},
    )
    return str(answer.json()["data"]["login"]["accessToken"])


def operation_of(tenant: Tenant, rate: float) -> dict[str, object]:
    return {"query": DOCUMENT, "variables": {"machine": tenant.machine, "rate": rate}}


async def rate_of(client: httpx.AsyncClient, received: Received, seconds: float) -> Rate:
    received.start()
    cpu, before, begin = await cpu_seconds(client), received.frames, time.perf_counter()
    await asyncio.sleep(seconds)
    passed, deliveries = time.perf_counter() - begin, received.frames - before
    cpu = await cpu_seconds(client) - cpu
    rate = Rate(deliveries / passed, len(received.arrivals) / passed, cpu / deliveries * 1e6)
    say(
        f"  {rate.deliveries:,.0f} deliveries/s, {rate.frames:,.0f} distinct frames/s, "
        f"{rate.cpu_microseconds:.1f} us of the process each, {received.closed} cut off"
    )
    return rate


async def cpu_seconds(client: httpx.AsyncClient) -> float:
    # A connection of its own: the server may just be closing one that was idle while frames were counted.
    return float((await client.get("/cpu", headers={"connection": "close"})).text)


def http(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)


async def saturate(port: int, ingest_port: int, tenant: Tenant, count: int, seconds: float) -> Throughput:
    received = Received()
    async with http(port) as client, http(ingest_port) as ingest:
        subscribers = await subscribe_many(
            port, count, received, token=await log_in(client), operation=operation_of(tenant, UNCAPPED)
        )
        sending = asyncio.create_task(Sender(ingest, tenant.key).keep_posting())
        await until_all_listen(received, count)
        rate = await rate_of(client, received, seconds)
        sending.cancel()
        [end] = await asyncio.gather(sending, return_exceptions=True)
        assert isinstance(end, asyncio.CancelledError), end
        frame = sorted(received.wholes.values(), key=len)[len(received.wholes) // 2].decode()
        cut_off = received.closed
        for subscriber in subscribers:
            subscriber.close()
    return Throughput(rate, cut_off, frame)


async def until_all_listen(received: Received, count: int) -> None:
    received.start()
    while received.frames < 3 * count:
        assert not received.closed, "a subscriber was closed"
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)


async def broadcast(port: int, count: int, seconds: float, frame: str) -> Rate:
    received = Received()
    subscribers = await subscribe_many(port, count, received)
    async with http(port) as client:
        while (await client.post("/start?pause=0", content=frame)).json()["listeners"] < count:
            await client.post("/stop")
        await until_all_listen(received, count)
        rate = await rate_of(client, received, seconds)
        await client.post("/stop")
    for subscriber in subscribers:
        subscriber.close()
    return rate


async def latency(port: int, tenant: Tenant, count: int, seconds: float, max_rate: float) -> Latency:
    received = Received()
    async with http(port) as client:
        operation = operation_of(tenant, max_rate)
        subscribers = await subscribe_many(port, count, received, token=await log_in(client), operation=operation)
        sender = Sender(client, tenant.key)
        for measured in (2.0, seconds):
            received.start()
            end = time.perf_counter() + measured
            while time.perf_counter() < end:
                await asyncio.gather(sender.post(), asyncio.sleep(1 / POSTS_PER_SECOND))
        await asyncio.sleep(1)
        for subscriber in subscribers:
            subscriber.close()
    delays = sorted(delays_of(received, sender.posted))
    found = Latency(*(delays[int(share * (len(delays) - 1))] * 1000 for share in (0.5, 0.99)))
    say(f"  maxRate {max_rate:g}: {len(delays):,} receipts, p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms")
    return found


def delays_of(received: Received, posted: dict[int, float]) -> list[float]:
    delays: list[float] = []
    for front, message in received.wholes.items():
        series = json.loads(message)["payload"]["data"]["readings"]["series"]
        delays += [arrival - posted[at] for arrival in received.arrivals[front] for at in series[0]["times"]]
    return delays


def run(work: Coroutine[Any, Any, T]) -> T:
    return uvloop.run(work)


def measure(plant: Plant, tenant: Tenant, count: int, seconds: float) -> dict[str, float]:
    say(f"{count:,} subscribers, as fast as it goes")
    with running_api(plant) as ingest_port, running_api(plant, "live_doors:create_uncapped") as port:
        shared = run(saturate(port, ingest_port, tenant, count, seconds))
    say("  bare broadcast of the same bytes")
    with running_api(plant, "live_doors:create_broadcast") as port:
        bare = run(broadcast(port, count, seconds, shared.frame))
    say("  with ingest in the same process")
    with running_api(plant, "live_doors:create_uncapped") as port:
        one_process = run(saturate(port, port, tenant, count, seconds))
    say(f"{count:,} subscribers, {POSTS_PER_SECOND} POSTs a second")
    with running_api(plant, PRODUCT) as port:
        free = run(latency(port, tenant, count, seconds, MAX_RATE))
        paced = run(latency(port, tenant, count, seconds, POSTS_PER_SECOND))
    return {
        f"deliveries_per_second_{count}": round(shared.rate.deliveries),
        f"frames_per_second_{count}": round(shared.rate.frames, 1),
        f"frame_bytes_{count}": len(shared.frame),
        f"cut_off_{count}": shared.cut_off,
        f"broadcast_per_second_{count}": round(bare.deliveries),
        f"ratio_broadcast_{count}": round(shared.rate.deliveries / bare.deliveries, 3),
        f"cpu_us_{count}": round(shared.rate.cpu_microseconds, 1),
        f"broadcast_cpu_us_{count}": round(bare.cpu_microseconds, 1),
        f"ratio_cpu_{count}": round(bare.cpu_microseconds / shared.rate.cpu_microseconds, 3),
        f"one_process_per_second_{count}": round(one_process.rate.deliveries),
        f"one_process_cpu_us_{count}": round(one_process.rate.cpu_microseconds, 1),
        f"p50_ms_{count}": round(free.p50_ms, 1),
        f"p99_ms_{count}": round(free.p99_ms, 1),
        f"paced_p50_ms_{count}": round(paced.p50_ms, 1),
        f"paced_p99_ms_{count}": round(paced.p99_ms, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--subscribers", type=int, nargs="+", default=[1_000, 2_000])
    options = parser.parse_args()
    with running_servers() as plant:
        tenant = run(make_tenant(plant))
        figures: dict[str, float] = {}
        for count in options.subscribers:
            figures |= measure(plant, tenant, count, options.seconds)
        say(f"{UNSHARED_SUBSCRIBERS} subscribers, an execution each")
        with running_api(plant) as ingest_port, running_api(plant, "live_doors:create_unshared") as port:
            unshared = run(saturate(port, ingest_port, tenant, UNSHARED_SUBSCRIBERS, options.seconds))
    rate = unshared.rate.deliveries
    figures |= {"unshared_subscribers": UNSHARED_SUBSCRIBERS, "unshared_per_second": round(rate)}
    for count in options.subscribers:
        figures[f"ratio_unshared_{count}"] = round(figures[f"deliveries_per_second_{count}"] / rate, 1)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
