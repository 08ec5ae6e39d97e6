"""From accepted to alert: the real API, the real worker, and one who subscribes to the alerts.

A plant of 1,000 series sends ten readings a second each, a POST per machine and second. Now and then the last reading
of a POST is far off. What is measured is the time from the answer to that POST, which comes after the commit, to the
alert at the subscriber; the POST itself is not in it.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
import numpy as np
from live import http, log_in, make_tenant, run
from plant import Plant, running_api, running_servers
from plantwright.readings.ingest.decode_columns import CONTENT_TYPE
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

MACHINES = 100
METRICS = 10
SAMPLES = 10
WARM_UP_SECONDS = 20
SPIKE_SECONDS = 0.2
SPIKE = 60.0
PATIENCE_SECONDS = 10.0
SUBSCRIBE = "subscription { alerts { action alert { machine { identifier } metric } } }"


@dataclass(frozen=True)
class Alarmed:
    """Seconds from the answer to each spike's POST to its alert; `missed` had none in time."""

    delays: list[float]
    missed: int
    readings_per_second: float


@dataclass
class Sender:
    """Posts each machine's last second, evenly over the second."""

    client: httpx.AsyncClient
    key: str
    random: np.random.Generator
    accepted: int = 0
    spiked: dict[tuple[str, str], float] = field(default_factory=dict)
    sequence: int = 0
    agent: str = field(default_factory=lambda: str(uuid4()))

    async def run(self, seconds: float, *, with_spikes: bool) -> None:
        posts: list[asyncio.Task[None]] = []
        begin, number = time.monotonic(), 0
        next_spike = begin
        while (due := begin + number / MACHINES) < begin + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            machine = number % MACHINES
            spike = None
            if with_spikes and time.monotonic() >= next_spike:
                spike, next_spike = self._next_spike(machine), next_spike + SPIKE_SECONDS
            posts.append(asyncio.create_task(self._post(machine, spike)))
            number += 1
        await asyncio.gather(*posts)

    def _next_spike(self, machine: int) -> int | None:
        """A metric of the machine that has not had one."""
        free = [metric for metric in range(METRICS) if (f"BENCH-{machine:03}", name_of(metric)) not in self.spiked]
        return free[0] if free else None

    async def _post(self, machine: int, spike: int | None) -> None:
        values = self.random.normal(50.0, 1.0, (SAMPLES, METRICS))
        if spike is not None:
            values[-1, spike] += SPIKE
        now_ms = time.time_ns() // 1_000_000
        times = np.repeat(now_ms - 900 + 100 * np.arange(SAMPLES, dtype="<i8"), METRICS)
        self.sequence += 1
        identifier = f"BENCH-{machine:03}"
        body = msgspec.msgpack.encode(
            {
                "agent": self.agent,
                "stream": "bench",
                "sequence": self.sequence,
                "series": [(identifier, name_of(metric), "mm/s") for metric in range(METRICS)],
                "series_of": np.tile(np.arange(METRICS, dtype="<u2"), SAMPLES).tobytes(),
                "times": times.tobytes(),
                "values": values.astype("<f8").tobytes(),
            }
        )
        headers = {"X-API-Key": self.key, "content-type": CONTENT_TYPE.decode()}
        answer = await self.client.post("/api/v1/ingest", content=body, headers=headers)
        assert answer.json()["accepted_count"] == SAMPLES * METRICS, answer.text
        self.accepted += SAMPLES * METRICS
        if spike is not None:
            self.spiked[identifier, name_of(spike)] = time.perf_counter()


def name_of(metric: int) -> str:
    return f"metric_{metric:02}"


@contextmanager
def running_worker(plant: Plant) -> Generator[None]:
    command = [str(Path(sys.executable).parent / "plantwright"), "worker"]
    process = subprocess.Popen(command, env=os.environ | plant.environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


async def subscribe(port: int, token: str) -> ClientConnection:
    socket = await connect(
        f"ws://127.0.0.1:{port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        max_size=None,
    )
    await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": SUBSCRIBE}}))
    return socket


async def listen(socket: ClientConnection, arrived: dict[tuple[str, str], float]) -> None:
    async for message in socket:
        now = time.perf_counter()
        content = json.loads(message)
        if content["type"] == "ping":
            await socket.send('{"type":"pong"}')
        elif content["type"] == "next":
            event = content["payload"]["data"]["alerts"]
            if event["action"] == "alert.raised" and event["alert"]["metric"]:
                alert = event["alert"]
                arrived.setdefault((alert["machine"]["identifier"], alert["metric"]), now)
        else:
            raise RuntimeError(str(message))


async def _measure(plant: Plant, port: int, seconds: float) -> Alarmed:
    tenant = await make_tenant(plant, MACHINES)
    arrived: dict[tuple[str, str], float] = {}
    async with http(port) as client:
        socket = await subscribe(port, await log_in(client))
        listening = asyncio.create_task(listen(socket, arrived))
        sender = Sender(client, tenant.key, np.random.default_rng(5))
        await sender.run(WARM_UP_SECONDS, with_spikes=False)
        before, begin = sender.accepted, time.perf_counter()
        await sender.run(seconds, with_spikes=True)
        rate = (sender.accepted - before) / (time.perf_counter() - begin)
        deadline = time.perf_counter() + PATIENCE_SECONDS
        while sender.spiked.keys() - arrived.keys() and time.perf_counter() < deadline and not listening.done():  # noqa: ASYNC110 - another process raises them
            await asyncio.sleep(0.1)
        if listening.done():
            await listening
        listening.cancel()
        await socket.close()
    found = sender.spiked.keys() & arrived.keys()
    delays = sorted(arrived[spike] - sender.spiked[spike] for spike in found)
    return Alarmed(delays, len(sender.spiked) - len(found), rate)


def measure(seconds: float) -> Alarmed:
    with running_servers() as plant, running_api(plant) as port, running_worker(plant):
        return run(_measure(plant, port, seconds))
