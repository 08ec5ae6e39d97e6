"""Five times what the server can take, for ten seconds: what is absorbed, what is refused, and what memory that takes.

First 50 clients post as fast as they are answered, which gives the sustained rate. Then requests leave at five times
that rate whether or not earlier ones were answered, over as many connections as that needs, and at most 1,000, from
several processes, since one would be slower than the server. Nobody repeats what was refused. In the end the readings
in the database are compared with those that were acknowledged.

The last line is one JSON object: `offered` is what left in time, in multiples of the sustained rate; `refused` counts
by status; `without_retry_after` those of 429 and 503 that do not say when to come back; `broken` counts connections
that ended without an answer; `lost` acknowledged readings that are not stored. Memory is the API's highest resident
set, in megabytes, after the sustained load and after the burst.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from bodies import Bodies, ColumnBodies, RowBodies
from http_load import HEAD, Load, Target, run_load
from plant import Plant, make_tenant_with_key, running_api, running_servers

CLIENTS = 50
TIMES = 5
GENERATORS = 4
CONNECTIONS = 250
FORMS = {"json": RowBodies, "columns": ColumnBodies}
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Plan:
    """What one generator process sends."""

    target: Target
    form: str
    readings: int
    start: datetime
    per_second: float
    seconds: float


@dataclass
class Burst:
    """`sent` requests; seconds from when each was due to its answer."""

    sent: int = 0
    accepted: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    broken: int = 0
    latencies: list[float] = field(default_factory=list)
    refusal_latencies: list[float] = field(default_factory=list)

    def __add__(self, other: "Burst") -> "Burst":
        return Burst(*(getattr(self, own.name) + getattr(other, own.name) for own in fields(self)))


class OpenLoop:
    """Requests that are due at equal distances, taken up by whichever connection is free."""

    def __init__(self, plan: Plan) -> None:
        self._target = plan.target
        self._bodies: Bodies = FORMS[plan.form](CLIENTS, plan.readings, plan.start)
        self._distance = 1 / plan.per_second
        self._planned = int(plan.per_second * plan.seconds)
        self._seconds = plan.seconds
        self._next = 0
        self.result = Burst()

    async def run(self) -> Burst:
        self._begin = time.perf_counter()
        async with asyncio.timeout(self._seconds + PATIENCE_SECONDS):
            await asyncio.gather(*(self._connection(number) for number in range(CONNECTIONS)))
        return self.result

    async def _connection(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target.port)
        try:
            while self._next < self._planned:
                due = self._begin + self._next * self._distance
                self._next += 1
                await asyncio.sleep(due - time.perf_counter())
                if time.perf_counter() > self._begin + self._seconds:
                    return
                await self._request(number, due, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            self.result.broken += 1
        finally:
            writer.close()

    async def _request(
        self, number: int, due: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        body, readings = self._bodies.next(number % CLIENTS)
        target = self._target
        head = HEAD.format(path=target.path, key=target.key, content_type=target.content_type, length=len(body))
        self.result.sent += 1
        writer.writelines((head.encode(), body))
        await writer.drain()
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = answer.index(b"content-length: ") + len(b"content-length: ")
        content = await reader.readexactly(int(answer[at : answer.index(b"\r\n", at)]))
        self._note(int(answer[9:12]), answer, content, readings, time.perf_counter() - due)

    def _note(self, status: int, head: bytes, content: bytes, readings: int, seconds: float) -> None:
        result = self.result
        if status == 207:
            if b'"rejected_count":0' not in content:
                raise RuntimeError(f"readings were rejected: {content[:200]!r}")
            result.accepted += readings
            result.latencies.append(seconds)
            return
        result.refused[status] += 1
        result.refusal_latencies.append(seconds)
        result.without_retry_after += status in {429, 503} and b"\r\nretry-after: " not in head


def generate(plan: Plan) -> Burst:
    return asyncio.run(OpenLoop(plan).run())


def peak_megabytes(port: int) -> float:
    """The highest resident set so far of our child that serves this port."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text(encoding="ascii").split():
            process = Path("/proc") / pid
            if f"--port\0{port}\0".encode() in (process / "cmdline").read_bytes():
                lines = (process / "status").read_text(encoding="ascii").splitlines()
                [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
                return int(peak) / 1024
    raise LookupError(f"no child of ours serves port {port}")


async def stored_readings(plant: Plant) -> int:
    owner = await asyncpg.connect(plant.settings.owner_url())
    try:
        return int(await owner.fetchval('SELECT coalesce(sum(cardinality("values")), 0) FROM segment'))
    finally:
        await owner.close()


def measure(plant: Plant, key: str, arguments: argparse.Namespace) -> dict[str, object]:
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=300)
    bodies: Bodies = FORMS[arguments.form](CLIENTS, arguments.readings, start)
    with running_api(plant) as port:
        target = Target(port, "/api/v1/ingest", key, bodies.content_type)
        warm_up = asyncio.run(run_load(target, bodies.next, clients=CLIENTS, seconds=1.5))
        sustained = asyncio.run(run_load(target, bodies.next, clients=CLIENTS, seconds=arguments.sustained_seconds))
        before = peak_megabytes(port)
        requests = len(sustained.latencies) / sustained.seconds
        share = TIMES * requests / GENERATORS
        plan = Plan(target, arguments.form, arguments.readings, start, share, arguments.seconds)
        with ProcessPoolExecutor(GENERATORS) as generators:
            burst = sum(generators.map(generate, [plan] * GENERATORS), Burst())
        after = peak_megabytes(port)
    acknowledged = warm_up.accepted + sustained.accepted + burst.accepted
    stored = asyncio.run(stored_readings(plant))
    return {
        "sustained_readings_per_second": round(sustained.accepted / sustained.seconds),
        "offered": round(burst.sent / arguments.seconds / requests, 1),
        "requests": burst.sent,
        "accepted": len(burst.latencies),
        "accepted_readings_per_second": round(burst.accepted / arguments.seconds),
        "refused": {str(status): count for status, count in sorted(burst.refused.items())},
        "without_retry_after": burst.without_retry_after,
        "broken": burst.broken,
        "p99_ms": percentile_ms(burst.latencies),
        "refusal_p99_ms": percentile_ms(burst.refusal_latencies),
        "megabytes_sustained": round(before),
        "megabytes_burst": round(after),
        "acknowledged": acknowledged,
        "stored": stored,
        "lost": max(0, acknowledged - stored),
    }


def percentile_ms(latencies: list[float]) -> int | None:
    return round(Load(latencies=latencies).percentile_ms(0.99)) if latencies else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=sorted(FORMS), default="json", help="of body")
    parser.add_argument("--readings", type=int, default=1_000, help="per request")
    parser.add_argument("--sustained-seconds", type=float, default=6.0)
    parser.add_argument("--seconds", type=float, default=10.0, help="of the burst")
    arguments = parser.parse_args()
    with running_servers() as plant:
        key = asyncio.run(make_tenant_with_key(plant, CLIENTS))
        figures = measure(plant, key, arguments)
    print(json.dumps(figures))
    return int(bool(figures["lost"] or figures["without_retry_after"]))


if __name__ == "__main__":
    sys.exit(main())
