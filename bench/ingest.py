"""Readings per second through `POST /api/v1/ingest`, next to binary COPY into the same tables in the same run.

50 clients post batches of 1,000 and of 100 readings (ten metrics per machine) over loopback to one API process and
wait for each answer, which comes after the commit. Then the segments they made are copied again, flush by flush, and
as rows into a table with a row per reading and a primary key.
"""

import argparse
import asyncio
import io
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
from http_load import Load, Target, run_load
from plant import Plant, make_tenant_with_key, running_api, running_servers
from plantwright.readings.segments import COPY_COLUMNS

CLIENTS = 50
METRICS = 10
PLACE = b"@@@@-@@-@@T@@:@@"
ROW_COLUMNS = "tenant_no, series_id, time, value"
COPIED_READINGS = 1_500_000


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Bodies:
    """Batches with keys and rising times. One template per client; each batch moves on by a minute."""

    def __init__(self, readings: int, start: datetime) -> None:
        self._readings = readings
        self._start = start
        self._sent = [0] * CLIENTS
        self._agents = [uuid4() for _ in range(CLIENTS)]
        self._templates = [self._template(client) for client in range(CLIENTS)]

    def next(self, client: int) -> tuple[bytes, int]:
        self._sent[client] += 1
        sequence = self._sent[client]
        head = f'{{"agent":"{self._agents[client]}","stream":"bench","sequence":{sequence},"readings":'.encode()
        minute = (self._start + timedelta(minutes=sequence)).strftime("%Y-%m-%dT%H:%M").encode()
        return head + self._templates[client].replace(PLACE, minute) + b"}", self._readings

    def _template(self, client: int) -> bytes:
        samples = self._readings // METRICS
        rows = [
            _reading(client, metric, sample, sample * 60_000 // samples)
            for sample in range(samples)
            for metric in range(METRICS)
        ]
        return json.dumps(rows, separators=(",", ":")).encode()


def _reading(client: int, metric: int, sample: int, milliseconds: int) -> dict[str, object]:
    return {
        "machine_identifier": f"BENCH-{client:03}",
        "timestamp": f"{PLACE.decode()}:{milliseconds // 1000:02}.{milliseconds % 1000:03}Z",
        "metric_name": f"metric_{metric}",
        "value": round(20 + 5 * ((sample * 7919 + metric * 104_729) % 1000) / 1000, 3),
        "unit": "mm/s",
        "raw_tag": f"ns=2;s=Bench.{client}.{metric}",
    }


@dataclass(frozen=True)
class Copied:
    segments_per_second: float
    rows_per_second: float
    readings_per_flush: float


async def copy_again(plant: Plant, after_flush: int) -> Copied:
    """Rates of binary COPY, a transaction per flush, of what the load has stored since."""
    owner = await asyncpg.connect(plant.settings.owner_url())
    ingest = await asyncpg.connect(plant.settings.role_url("ingest"))
    try:
        flushes = await owner.fetch(
            "SELECT flush_id, sum(cardinality(offsets)) AS readings FROM segment WHERE flush_id > $1 "
            "GROUP BY flush_id ORDER BY flush_id",
            after_flush,
        )
        chosen, total = [], 0
        for flush in flushes:
            chosen.append(flush["flush_id"])
            total += flush["readings"]
            if total >= COPIED_READINGS:
                break
        columns = ", ".join(f'"{name}"' for name in COPY_COLUMNS)
        segments = [await dump(owner, f"{columns} FROM segment", flush) for flush in chosen]
        rows = [await dump(owner, f"{ROW_COLUMNS} FROM reading", flush) for flush in chosen]
        await owner.execute(
            "CREATE TABLE bench_row (tenant_no int, series_id int, time timestamptz, value float8, "
            "PRIMARY KEY (series_id, time))"
        )
        segment_seconds = await copy_all(ingest, "segment", COPY_COLUMNS, segments)
        row_seconds = await copy_all(owner, "bench_row", tuple(ROW_COLUMNS.split(", ")), rows)
        await owner.execute("DROP TABLE bench_row")
    finally:
        await ingest.close()
        await owner.close()
    return Copied(total / segment_seconds, total / row_seconds, total / len(chosen))


async def dump(connection: asyncpg.Connection, what: str, flush_id: int) -> bytes:
    output = io.BytesIO()
    await connection.copy_from_query(f"SELECT {what} WHERE flush_id = $1", flush_id, output=output, format="binary")
    return output.getvalue()


async def copy_all(
    connection: asyncpg.Connection, table: str, columns: tuple[str, ...], payloads: list[bytes]
) -> float:
    begin = time.perf_counter()
    for payload in payloads:
        await connection.copy_to_table(table, source=memoryview(payload), columns=columns, format="binary")
    return time.perf_counter() - begin


async def newest_flush(plant: Plant) -> int:
    owner = await asyncpg.connect(plant.settings.owner_url())
    try:
        return int(await owner.fetchval("SELECT coalesce(max(flush_id), 0) FROM segment"))
    finally:
        await owner.close()


async def measure(plant: Plant, target: Target, size: int, seconds: float, day: datetime) -> tuple[Load, Copied]:
    next_body = Bodies(size, day).next
    say(f"warming up: {CLIENTS} clients, {size} readings per batch")
    await run_load(target, next_body, clients=CLIENTS, seconds=1.5)
    before = await newest_flush(plant)
    load = await run_load(target, next_body, clients=CLIENTS, seconds=seconds)
    rate = load.accepted / load.seconds
    say(f"{rate:,.0f} readings/s, p50 {load.percentile_ms(0.5):.0f} ms, p99 {load.percentile_ms(0.99):.0f} ms")
    copied = await copy_again(plant, before)
    say(
        f"binary COPY alone: segments {copied.segments_per_second:,.0f}/s, rows {copied.rows_per_second:,.0f}/s; "
        f"{copied.readings_per_flush:,.0f} readings per flush"
    )
    return load, copied


def figures(load: Load, copied: Copied, suffix: str = "") -> dict[str, float]:
    rate = load.accepted / load.seconds
    return {
        f"readings_per_second{suffix}": round(rate),
        f"p50_ms{suffix}": round(load.percentile_ms(0.5), 1),
        f"p99_ms{suffix}": round(load.percentile_ms(0.99), 1),
        f"accepted{suffix}": load.accepted,
        f"refused{suffix}": load.refused,
        f"ratio_to_copy{suffix}": round(rate / copied.segments_per_second, 3),
        f"ratio_row_copy{suffix}": round(rate / copied.rows_per_second, 2),
        f"readings_per_flush{suffix}": round(copied.readings_per_flush),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of load per batch size")
    seconds = parser.parse_args().seconds
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with running_servers() as plant:
        key = asyncio.run(make_tenant_with_key(plant, CLIENTS))
        with running_api(plant) as port:
            target = Target(port, "/api/v1/ingest", key)
            large = asyncio.run(measure(plant, target, 1_000, seconds, today - timedelta(days=20)))
            small = asyncio.run(measure(plant, target, 100, seconds, today - timedelta(days=10)))
    print(json.dumps(figures(*large) | figures(*small, "_100")))


if __name__ == "__main__":
    main()
