"""Readings per second through `POST /api/v1/ingest`, next to what the machine can do at most, all in one run.

50 clients post batches of 1,000 and of 100 readings (ten metrics per machine), as JSON and as columns, over loopback
to one API process and wait for each answer, which comes after the commit. The same load goes to two other doors of
the same server: one that only parses and validates, and one that stores a row per reading with its primary key.
Then the segments of the run are copied once more, flush by flush, without any door, and so are the rows.

The last line is one JSON object. Keys without a suffix: JSON, 1,000 per batch; `_100`: 100 per batch; `_columns`,
`_columns_100`: the columnar form.
"""

import argparse
import asyncio
import io
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import asyncpg
from bodies import Bodies, ColumnBodies, RowBodies
from http_load import Load, Target, run_load
from plant import PRODUCT, Plant, make_tenant_with_key, running_api, running_servers
from plantwright.readings.ingest.segments import COPY_COLUMNS
from reference_doors import ROW_COLUMNS, ROW_TABLE

CLIENTS = 50
COPIED_READINGS = 1_500_000
PARSE_ONLY = "reference_doors:create_parse_only"
ROW_COPY = "reference_doors:create_row_copy"
WARM_UP_SECONDS = 1.5

Figures: TypeAlias = dict[str, float]


@dataclass(frozen=True)
class Case:
    """A form of body and a size of batch."""

    suffix: str
    bodies: type[RowBodies] | type[ColumnBodies]
    readings: int


CASES = (
    Case("", RowBodies, 1_000),
    Case("_100", RowBodies, 100),
    Case("_columns", ColumnBodies, 1_000),
    Case("_columns_100", ColumnBodies, 100),
)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Run:
    """Servers, a tenant, and days that were not used yet, so that no load meets the rows of another."""

    def __init__(self, plant: Plant, key: str, seconds: float) -> None:
        self._plant = plant
        self._key = key
        self._seconds = seconds
        self._day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=400)

    def drive(self, port: int, case: Case) -> Load:
        # A client moves on by a minute per batch: 20 days hold 28,800 batches.
        self._day += timedelta(days=20)
        bodies: Bodies = case.bodies(CLIENTS, case.readings, self._day)
        target = Target(port, "/api/v1/ingest", self._key, bodies.content_type)
        asyncio.run(run_load(target, bodies.next, clients=CLIENTS, seconds=WARM_UP_SECONDS))
        return asyncio.run(run_load(target, bodies.next, clients=CLIENTS, seconds=self._seconds))

    def rate(self, application: str, case: Case) -> float:
        with running_api(self._plant, application) as port:
            load = self.drive(port, case)
        say(f"{application}{case.suffix or '_1000'}: {load.accepted / load.seconds:,.0f} readings/s")
        return load.accepted / load.seconds

    def measure(self, case: Case) -> Figures:
        before = asyncio.run(newest_flush(self._plant))
        with running_api(self._plant, PRODUCT) as port:
            load = self.drive(port, case)
        rate = load.accepted / load.seconds
        say(f"{PRODUCT}{case.suffix or '_1000'}: {rate:,.0f} readings/s, p99 {load.percentile_ms(0.99):.0f} ms")
        copied = asyncio.run(copy_again(self._plant, before))
        parse_only, row_copy = self.rate(PARSE_ONLY, case), self.rate(ROW_COPY, case)
        figures = {
            "readings_per_second": round(rate),
            "p50_ms": round(load.percentile_ms(0.5), 1),
            "p99_ms": round(load.percentile_ms(0.99), 1),
            "accepted": load.accepted,
            "refused": load.refused,
            "ratio_parse_only": round(rate / parse_only, 2),
            "ratio_row_copy": round(rate / row_copy, 2),
            "ratio_segment_copy": round(rate / copied.segments_per_second, 3),
            "ratio_row_copy_without_door": round(rate / copied.rows_per_second, 2),
            "readings_per_flush": round(copied.readings_per_flush),
        }
        return {f"{name}{case.suffix}": figure for name, figure in figures.items()}


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
            'SELECT flush_id, sum(cardinality("values")) AS readings FROM segment WHERE flush_id > $1 '
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
        rows = [await dump(owner, f"{', '.join(ROW_COLUMNS)} FROM reading", flush) for flush in chosen]
        await owner.execute("TRUNCATE bench_row")
        segment_seconds = await copy_all(ingest, "segment", COPY_COLUMNS, segments)
        row_seconds = await copy_all(owner, "bench_row", ROW_COLUMNS, rows)
        await owner.execute("TRUNCATE bench_row")
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


async def make_row_table(plant: Plant) -> None:
    owner = await asyncpg.connect(plant.settings.owner_url())
    try:
        await owner.execute(ROW_TABLE)
    finally:
        await owner.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6.0, help="of load per case and door")
    parser.add_argument("--case", choices=[case.suffix or "json" for case in CASES], help="only this one")
    arguments = parser.parse_args()
    figures: Figures = {}
    with running_servers() as plant:
        key = asyncio.run(make_tenant_with_key(plant, CLIENTS))
        asyncio.run(make_row_table(plant))
        run = Run(plant, key, arguments.seconds)
        for case in CASES:
            if arguments.case in {None, case.suffix or "json"}:
                figures |= run.measure(case)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
