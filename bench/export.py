"""Readings per second of an export over HTTP, as CSV and as Parquet, next to PostgreSQL's own COPY in the same run.

The database holds merged readings as after a month of running. COPY writes the view `reading` as CSV without names of
machines and metrics, which is less than the export does. The API process's memory is looked at before and after.
"""

import argparse
import asyncio
import http.client
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
from fill import Filled, fill
from plant import Plant, make_tenant_with_key, running_api, running_servers
from plantwright.core.clock import iso_utc
from plantwright.core.database import Database
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal

MACHINES = 20
PART = 1 << 20
PATH = "/api/v1/readings/export"


@dataclass(frozen=True)
class Written:
    seconds: float
    bytes: int
    estimated: int = 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def reading_key(plant: Plant, filled: Filled) -> str:
    """A key with the scope to export."""
    owner = await asyncpg.connect(plant.settings.owner_url())
    user_id = await owner.fetchval("SELECT id FROM user_account LIMIT 1")
    await owner.close()
    database = Database(plant.settings.role_url("app"))
    try:
        async with database.transaction(filled.tenant_id) as work:
            person = Principal(filled.tenant_id, user_id, Role.ADMIN, "bench", datetime.now(UTC) + timedelta(days=1))
            journal = Journal(plant.settings.audit_key_material())
            made = await create_key(work, journal, person, name="b", scopes=["read:sensors"], expires_at=None)
    finally:
        await database.close()
    return made[1]


async def copy(plant: Plant) -> Written:
    """COPY of the view as the owner, whom row-level security does not slow down."""
    owner = await asyncpg.connect(plant.settings.owner_url())
    size = 0

    async def take(data: bytes) -> None:
        nonlocal size
        size += len(data)

    begin = time.perf_counter()
    await owner.copy_from_query("SELECT time, series_id, value, quality FROM reading", output=take, format="csv")
    seconds = time.perf_counter() - begin
    await owner.close()
    return Written(seconds, size)


def fetch(port: int, key: str, kind: str, filled: Filled) -> Written:
    window = {"from": iso_utc(filled.end - timedelta(days=400)), "to": iso_utc(filled.end), "format": kind}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    begin, size = time.perf_counter(), 0
    connection.request("GET", f"{PATH}?{urlencode(window)}", headers={"X-API-Key": key})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"refused: {answer.read()!r}")
    while part := answer.read(PART):
        size += len(part)
    seconds = time.perf_counter() - begin
    connection.close()
    return Written(seconds, size, int(answer.headers.get("x-estimated-readings", 0)))


def peak_mb(process: Path) -> float:
    """The most memory the process has had, in MB (VmHWM)."""
    status = (process / "status").read_text(encoding="ascii")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    return int(kilobytes) / 1000


def process_at(port: int) -> Path:
    """The folder under /proc of the process that was started with this port."""
    command = f"--port\0{port}\0".encode()
    return next(file.parent for file in Path("/proc").glob("[0-9]*/cmdline") if command in file.read_bytes())


def measure(plant: Plant, filled: Filled, key: str) -> dict[str, float]:
    copied = asyncio.run(copy(plant))
    rate = filled.readings / copied.seconds
    say(f"COPY of the view: {rate:,.0f} readings/s, {copied.bytes / 1e6:,.0f} MB")
    figures: dict[str, float] = {"readings": filled.readings, "copy_readings_per_second": round(rate)}
    with running_api(plant) as port:
        process = process_at(port)
        before = peak_mb(process)
        for kind in ("csv", "parquet"):
            written = fetch(port, key, kind, filled)
            exported = filled.readings / written.seconds
            grown = peak_mb(process) - before
            say(f"{kind}: {exported:,.0f} readings/s, {written.bytes / 1e6:,.0f} MB, memory grew by {grown:,.0f} MB")
            figures |= {
                f"{kind}_readings_per_second": round(exported),
                f"{kind}_ratio_to_copy": round(exported / rate, 2),
                f"{kind}_bytes_per_reading": round(written.bytes / filled.readings, 2),
                f"{kind}_estimate_ratio": round(written.estimated / filled.readings, 3),
                f"{kind}_memory_growth_mb": round(grown),
            }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=10_000_000)
    wanted = parser.parse_args().readings
    with running_servers() as plant:
        asyncio.run(make_tenant_with_key(plant, MACHINES))
        say(f"filling with {wanted:,} readings")
        filled = asyncio.run(fill(plant, wanted))
        key = asyncio.run(reading_key(plant, filled))
        print(json.dumps(measure(plant, filled, key)))


if __name__ == "__main__":
    main()
