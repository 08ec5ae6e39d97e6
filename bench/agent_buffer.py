"""Into the buffer and out of it: readings a second, bytes of disk for each, and the same bytes into plain SQLite."""

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from agent_plant import fill, full_precision, pushing, quantised, samples, tags
from plant import PRODUCT, Plant, running_api
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.store import Store
from plantwright_agent.buffer.surface import Addition
from plantwright_agent.normalise import normalise

MAX_BYTES = 4_000_000_000
STREAMS = 4


async def into(readings: int) -> dict[str, float]:
    """200 tags of full precision a second, as fast as the buffer takes them, and what waiting makes of them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        given = list(samples(tags(200), readings // 200, 1.0))
        async with Buffer(folder, MAX_BYTES) as buffer:
            await buffer.register("s", keep=False)
            began, cpu = time.perf_counter(), time.process_time()
            for collected in given:
                await buffer.add("s", collected)
            lasted, spent = time.perf_counter() - began, time.process_time() - cpu
        reference = _plain_insert(folder)
    return {
        "into_buffer_per_second": round(readings / lasted),
        "into_buffer_us_of_cpu": round(spent / readings * 1e6, 2),
        "ratio_plain_sqlite": round(reference / lasted, 3),
    }


def _plain_insert(folder: Path) -> float:
    """Seconds that the same bodies take in the same commits, in a table of nothing else."""
    with sqlite3.connect(folder / "buffer.db") as full:
        bodies = full.execute("SELECT body FROM chunk ORDER BY id").fetchall()
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    plain.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE body (content BLOB)")
    began = time.perf_counter()
    for body in bodies:
        plain.execute("BEGIN IMMEDIATE")
        plain.execute("INSERT INTO body VALUES (?)", body)
        plain.execute("COMMIT")
    lasted = time.perf_counter() - began
    plain.close()
    return lasted


def sizes() -> dict[str, float]:
    """Bytes of disk for each reading that waits: as committed, and as packed once it is a backlog."""
    found: dict[str, float] = {}
    for name, count, rounds, period, value in (
        ("full_precision", 200, 1_000, 1.0, full_precision),
        ("quantised", 200, 1_000, 1.0, quantised),
        ("slow", 8, 1_440, 60.0, full_precision),
    ):
        with tempfile.TemporaryDirectory() as place:
            store = Store(Path(place), MAX_BYTES)
            store.register("s", keep=False)
            empty, readings = store.size, count * rounds
            for collected in samples(tags(count), rounds, period, value):
                store.add(Addition("s", normalise(collected)[0]))
            found[f"bytes_{name}_as_committed"] = round((store.size - empty) / readings, 2)
            store.shift(-1.0)
            while store.tidy():
                pass
            found[f"bytes_{name}_waiting"] = round((store.size - empty) / readings, 2)
            store.close()
    return found


async def out_of(port: int, key: str, readings: int) -> float:
    """Readings a second from a backlog of several streams to the server at `port`."""
    with tempfile.TemporaryDirectory() as place:
        for number in range(STREAMS):
            fill(Path(place), MAX_BYTES, f"s{number}", 200, readings // STREAMS // 200)
        async with Buffer(Path(place), MAX_BYTES) as buffer:
            total = sum((await buffer.depths()).values())
            began = time.perf_counter()
            async with pushing(buffer, port, key):
                while buffer.lanes():  # noqa: ASYNC110 - the buffer has no bell for being empty
                    await asyncio.sleep(0.01)
            return total / (time.perf_counter() - began)


def drains(plant: Plant, key: str, readings: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, application in (("api", PRODUCT), ("parse_only", "reference_doors:create_parse_only")):
        with running_api(plant, application) as port:
            found[f"drain_{name}_per_second"] = round(asyncio.run(out_of(port, key, readings)))
    return found
