"""Bytes per reading before and after merging, next to a table with a row per reading in the same run.

Each kind of sensor, at 1 Hz and once a minute, gets months of its own, which are partitions of their own. In the
first month everything is loaded and then merged in one go, which gives the size before and the rate of merging. In
the second one it goes as in service: an hour is loaded, merged, and vacuumed as autovacuum would do it. Sizes are
`pg_total_relation_size` (table, TOAST and indexes) with what is free in it; nothing is rewritten. `_before` is the part
of recent rows with all of the month in it, `_after` the month's partition of merged rows. The part of recent rows
keeps the space of what lay in it at most; `_buffer` is that, per reading of one hour.
"""

import argparse
import asyncio
import io
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray
from plant import Plant, running_servers
from plantwright.core.database import Database
from plantwright.identity.models import Tier
from plantwright.identity.registration import create_tenant
from plantwright.journal.service import Journal
from plantwright.readings.compaction.sweep import compact_tenant
from plantwright.readings.ingest.segments import COPY_COLUMNS, Segments, copy_payload

HOUR_MS = 3_600_000
# An agent pushes every ten seconds, or what it has of a slow series.
PUSH_MS = 10_000
RECENT = "segment_recent"
Signal = Callable[[np.random.Generator, int], NDArray[np.float64]]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def temperature(noise: np.random.Generator, count: int) -> NDArray[np.float64]:
    """A random walk of an instrument that shows tenths of a degree."""
    steps = noise.choice([-0.1, 0.0, 0.1], count, p=[0.1, 0.8, 0.1])
    return np.round(60 + np.cumsum(steps), 1)


def vibration(noise: np.random.Generator, count: int) -> NDArray[np.float64]:
    return noise.normal(2.3, 0.2, count)


def counter(noise: np.random.Generator, count: int) -> NDArray[np.float64]:
    return np.cumsum(noise.integers(0, 4, count)).astype(np.float64)


def constant(_noise: np.random.Generator, count: int) -> NDArray[np.float64]:
    return np.full(count, 24.0)


SIGNALS: dict[str, Signal] = {
    "temperature": temperature,
    "vibration": vibration,
    "counter": counter,
    "constant": constant,
}


@dataclass(frozen=True)
class Rate:
    name: str
    period_ms: int
    series: int


RATES = (Rate("1hz", 1_000, 4), Rate("1min", 60_000, 60))


@dataclass
class Figures:
    """Bytes per reading, but `buffer`: bytes that the part of recent rows keeps, per reading of one hour."""

    before: float
    after: float
    buffer: float
    rollup: float
    merged_per_second: float


@dataclass
class Bench:
    owner: asyncpg.Connection
    ingest: asyncpg.Connection
    worker: Database
    tenant_id: UUID
    tenant_no: int
    hours: int
    months: list[datetime] = field(default_factory=list)

    async def make_months(self, count: int) -> None:
        await self.owner.execute("SELECT ensure_segment_partitions($1)", count)
        now = datetime.now(UTC)
        for ahead in range(1, count + 1):
            year, month = divmod(now.year * 12 + now.month - 1 + ahead, 12)
            self.months.append(datetime(year, month + 1, 1, tzinfo=UTC))

    async def load(self, values: NDArray[np.float64], start_ms: int, rate: Rate) -> int:
        """Series in rows, readings in columns; a row of the log per push. Returns how many readings were stored."""
        series, count = values.shape
        per_push = max(1, PUSH_MS // rate.period_ms)
        size = int(values.size)
        segments = Segments(
            first=np.append(np.arange(0, size, per_push), size),
            tenant_no=np.full(size, self.tenant_no, np.int32),
            series_id=np.repeat(np.arange(1, series + 1, dtype=np.int32), count),
            time_ms=np.tile(start_ms + np.arange(count, dtype=np.int64) * rate.period_ms, series),
            value=values.ravel(),
            quality=np.zeros(size, np.int8),
        )
        source = io.BytesIO(copy_payload(segments))
        await self.ingest.copy_to_table("segment", source=source, columns=COPY_COLUMNS, format="binary")
        return size

    async def merge(self) -> tuple[int, float]:
        """Everything there is, at a time when all of it is long over: readings, and seconds."""
        begin = time.perf_counter()
        done = await compact_tenant(self.worker, self.tenant_id, self.months[-1] + timedelta(days=60), ())
        assert done.is_complete
        return done.readings, time.perf_counter() - begin

    async def size(self, table: str) -> int:
        await self.owner.execute(f"VACUUM {table}")
        return int(await self.owner.fetchval("SELECT pg_total_relation_size($1::regclass)", table))


def partition_of(month: datetime) -> str:
    return f"segment_merged_{month:%Y_%m}"


async def measure(bench: Bench, signal: Signal, rate: Rate, seed: int) -> Figures:
    noise = np.random.default_rng(seed)
    at_once, hourly = bench.months.pop(0), bench.months.pop(0)
    per_hour = HOUR_MS // rate.period_ms
    values = np.array([signal(noise, bench.hours * per_hour) for _ in range(rate.series)])
    readings = values.size
    for hour in range(bench.hours):
        part = values[:, hour * per_hour : (hour + 1) * per_hour]
        await bench.load(part, int(at_once.timestamp() * 1000) + hour * HOUR_MS, rate)
    before = await bench.size(RECENT)
    merged, seconds = await bench.merge()
    assert merged == readings
    await bench.owner.execute(f"TRUNCATE rollup, {RECENT}")
    for hour in range(bench.hours):
        part = values[:, hour * per_hour : (hour + 1) * per_hour]
        await bench.load(part, int(hourly.timestamp() * 1000) + hour * HOUR_MS, rate)
        await bench.merge()
        recent = await bench.size(RECENT)
    after, rollup = await bench.size(partition_of(hourly)), await bench.size("rollup")
    hour_readings = per_hour * rate.series
    return Figures(before / readings, after / readings, recent / hour_readings, rollup / readings, merged / seconds)


async def row_per_reading(bench: Bench, month: datetime) -> float:
    """Bytes per reading of the same month's readings in a plain table."""
    await bench.owner.execute(
        "CREATE TABLE bench_row (tenant_no int, series_id int, time timestamptz, value float8, "
        "PRIMARY KEY (tenant_no, series_id, time))"
    )
    await bench.owner.execute(f"SET app.tenant_id = '{bench.tenant_id}'")
    stored = await bench.owner.execute(
        "INSERT INTO bench_row SELECT tenant_no, series_id, time, value FROM reading "
        "WHERE segment_start >= $1 AND segment_start < $1 + interval '28 days' ORDER BY time, series_id",
        month,
    )
    size = await bench.size("bench_row")
    await bench.owner.execute("DROP TABLE bench_row")
    return size / int(stored.split()[-1])


async def run(plant: Plant, hours: int) -> dict[str, float]:
    app = Database(plant.settings.role_url("app"))
    tenant = await create_tenant(app, Journal(plant.settings.audit_key_material()), name="Bench", tier=Tier.ENTERPRISE)
    await app.close()
    owner = await asyncpg.connect(plant.settings.owner_url())
    ingest = await asyncpg.connect(plant.settings.role_url("ingest"))
    worker = Database(plant.settings.role_url("worker"))
    bench = Bench(owner, ingest, worker, tenant.id, int(tenant.number or 0), hours)
    figures: dict[str, float] = {}
    try:
        await bench.make_months(2 * len(SIGNALS) * len(RATES) + 1)
        first = bench.months[0]
        for rate in RATES:
            for seed, (name, signal) in enumerate(SIGNALS.items()):
                one = await measure(bench, signal, rate, seed)
                say(
                    f"{name} {rate.name}: {one.before:.1f} bytes per reading, merged {one.after:.2f}, "
                    f"rollups {one.rollup:.2f}, buffer {one.buffer:.1f}; {one.merged_per_second:,.0f} readings/s merged"
                )
                figures |= {
                    f"{name}_{rate.name}_before": round(one.before, 1),
                    f"{name}_{rate.name}_after": round(one.after, 2),
                    f"{name}_{rate.name}_buffer": round(one.buffer, 1),
                    f"{name}_{rate.name}_rollup": round(one.rollup, 2),
                    f"{name}_{rate.name}_merged_per_second": round(one.merged_per_second),
                }
        figures["row_per_reading"] = round(await row_per_reading(bench, first), 1)
    finally:
        await owner.close()
        await ingest.close()
        await worker.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=48, help="of readings per series")
    hours = parser.parse_args().hours
    with running_servers() as plant:
        figures = asyncio.run(run(plant, hours))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
