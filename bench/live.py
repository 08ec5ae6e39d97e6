"""Deliveries per second and latency of live frames to many subscribers of the same selection, from one API process.

A frame shows eight metrics with a few readings each. Throughput: frames as fast as the process makes them, with the
cap of `maxRate` lifted; next to a bare WebSocket broadcast of the same bytes, and to one execution per subscriber (of
fewer subscribers: `unshared_subscribers`). Latency: the product as it is, at 4 frames a second; it counts from the
moment at which the ingest POST is sent, so the commit is in it. Subscribers, sender and API share the machine's cores.
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
from plantwright.identity.models import Role
from plantwright.identity.registration import create_user
from plantwright.journal.service import Journal
from websocket_load import Received, subscribe_many

METRICS = 8
FRAMES_PER_SECOND = 4
UNSHARED_SUBSCRIBERS = 200
SENDERS = 2
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
class Throughput:
    deliveries_per_second: float
    frames_per_second: float
    cut_off: int
    frame: str


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

    async def post_all_the_time(self) -> None:
        while True:
            await self.post()
            await asyncio.sleep(0.005)


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def make_tenant(plant: Plant) -> Tenant:
    key = await make_tenant_with_key(plant, 1)
    owner = await asyncpg.connect(plant.settings.owner_url())
    database = Database(plant.settings.role_url("app"))
    try:
        tenant_id, machine = await owner.fetchval("SELECT (tenant_id, id) FROM machine")
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


async def rate_of(received: Received, seconds: float) -> tuple[float, float]:
    """Deliveries and distinct frames per second from now on."""
    received.start()
    before, begin = received.frames, time.perf_counter()
    await asyncio.sleep(seconds)
    passed = time.perf_counter() - begin
    return (received.frames - before) / passed, len(received.arrivals) / passed


async def saturate(port: int, tenant: Tenant, count: int, seconds: float) -> Throughput:
    received = Received()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        subscribers = await subscribe_many(
            port, count, received, token=await log_in(client), operation=operation_of(tenant, UNCAPPED)
        )
        senders = [asyncio.create_task(Sender(client, tenant.key).post_all_the_time()) for _ in range(SENDERS)]
        await until_all_listen(received, count)
        deliveries, frames = await rate_of(received, seconds)
        for task in senders:
            task.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        frame = max(received.wholes.values(), key=len, default=b"").decode()
        cut_off = received.closed
        for subscriber in subscribers:
            subscriber.close()
    say(f"  {deliveries:,.0f} deliveries/s, {frames:,.0f} frames/s of {len(frame):,} bytes, {cut_off} cut off")
    return Throughput(deliveries, frames, cut_off, frame)


async def until_all_listen(received: Received, count: int) -> None:
    while received.frames < 3 * count:
        assert not received.closed, "a subscriber was closed"
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)


async def broadcast(port: int, count: int, seconds: float, frame: str) -> float:
    received = Received()
    subscribers = await subscribe_many(port, count, received)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        while (await client.post("/start?pause=0", content=frame)).json()["listeners"] < count:
            await client.post("/stop")
        await until_all_listen(received, count)
        deliveries, _ = await rate_of(received, seconds)
        await client.post("/stop")
    for subscriber in subscribers:
        subscriber.close()
    say(f"  {deliveries:,.0f} deliveries/s")
    return deliveries


async def latency(port: int, tenant: Tenant, count: int, seconds: float) -> tuple[float, float]:
    """p50 and p99 in milliseconds from the sending of a POST to each subscriber's receipt of its readings."""
    received = Received()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        subscribers = await subscribe_many(
            port, count, received, token=await log_in(client), operation=operation_of(tenant, FRAMES_PER_SECOND)
        )
        sender = Sender(client, tenant.key)
        for measured in (2.0, seconds):
            await sender.post()
            received.start()
            end = time.perf_counter() + measured
            while time.perf_counter() < end:
                await asyncio.gather(sender.post(), asyncio.sleep(1 / FRAMES_PER_SECOND))
        await asyncio.sleep(1)
        for subscriber in subscribers:
            subscriber.close()
    delays: list[float] = []
    for front, message in received.wholes.items():
        series = json.loads(message)["payload"]["data"]["readings"]["series"]
        posted = [sender.posted[at] for at in series[0]["times"]]
        delays += [arrival - at for arrival in received.arrivals[front] for at in posted]
    delays.sort()
    p50, p99 = percentile(delays, 0.5) * 1000, percentile(delays, 0.99) * 1000
    say(f"  {len(delays):,} receipts, p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {delays[-1] * 1000:.0f} ms")
    return p50, p99


def run(work: Coroutine[Any, Any, T]) -> T:
    return uvloop.run(work)


def measure(plant: Plant, tenant: Tenant, count: int, seconds: float) -> dict[str, float]:
    say(f"{count:,} subscribers, as fast as it goes")
    with running_api(plant, "live_doors:create_uncapped") as port:
        shared = run(saturate(port, tenant, count, seconds))
    say("  bare broadcast of the same bytes")
    with running_api(plant, "live_doors:create_broadcast") as port:
        bare = run(broadcast(port, count, seconds, shared.frame))
    say(f"{count:,} subscribers, {FRAMES_PER_SECOND} frames a second")
    with running_api(plant, PRODUCT) as port:
        p50, p99 = run(latency(port, tenant, count, seconds))
    return {
        f"deliveries_per_second_{count}": round(shared.deliveries_per_second),
        f"frames_per_second_{count}": round(shared.frames_per_second, 1),
        f"frame_bytes_{count}": len(shared.frame),
        f"cut_off_{count}": shared.cut_off,
        f"broadcast_per_second_{count}": round(bare),
        f"ratio_broadcast_{count}": round(shared.deliveries_per_second / bare, 3),
        f"p50_ms_{count}": round(p50, 1),
        f"p99_ms_{count}": round(p99, 1),
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
        with running_api(plant, "live_doors:create_unshared") as port:
            unshared = run(saturate(port, tenant, UNSHARED_SUBSCRIBERS, options.seconds))
    rate = unshared.deliveries_per_second
    figures |= {"unshared_subscribers": UNSHARED_SUBSCRIBERS, "unshared_per_second": round(rate)}
    for count in options.subscribers:
        figures[f"ratio_unshared_{count}"] = round(figures[f"deliveries_per_second_{count}"] / rate, 1)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
