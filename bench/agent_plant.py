"""What the agent is measured with: readings of several kinds, and the buffer and uplink as the agent runs them."""

import asyncio
import math
import random
import sqlite3
import time
from array import array
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from bodies import METRICS, machine_name, metric_name
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.chunks import MOST_READINGS, PACK_LEVEL
from plantwright_agent.buffer.columns import Columns
from plantwright_agent.buffer.schema import FILE
from plantwright_agent.buffer.store import Store
from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.samples import Collected, RawSample, Tag
from plantwright_agent.secret import Secret
from plantwright_agent.status import StatusBoard
from plantwright_agent.uplink.uplink import Uplink

NOISE = random.Random(1)  # noqa: S311 - a benchmark
SECOND_MS = 1000
COMMIT_CHUNKS = 200


def tags(count: int) -> list[Tag]:
    """Ten metrics to a machine, as the benchmark's tenant has them."""
    return [Tag(machine_name(n // METRICS), metric_name(n % METRICS), "mm/s", f"t{n}") for n in range(count)]


def full_precision(tag: int, second: float) -> float:
    return 20 + tag + 5 * math.sin(second / 50 + tag) + NOISE.gauss(0, 1)


def quantised(tag: int, second: float) -> float:
    return round(20 + tag % 10 + 5 * math.sin(second / 50 + tag) + NOISE.gauss(0, 0.1), 1)


def samples(names: list[Tag], rounds: int, period: float, value: object = full_precision) -> Iterator[Collected]:
    """What a source gives: each round a value of every tag, `period` seconds apart, up to now."""
    assert callable(value)
    start = datetime.now(UTC) - timedelta(seconds=rounds * period)
    for number in range(rounds):
        moment = start + timedelta(seconds=number * period)
        yield Collected(tuple(RawSample(tag, value(n, number * period), moment) for n, tag in enumerate(names)))


def fill(folder: Path, max_bytes: int, stream: str, metrics: int, seconds: int) -> int:
    """Write what that many seconds of an outage at 1 Hz leave, in the packed form; returns readings.

    The file must not be open elsewhere.
    """
    store = Store(folder, max_bytes)
    store.register(stream, keep=False)
    store.close()
    with closing(sqlite3.connect(folder / FILE)) as database:
        number = database.execute("SELECT id FROM stream WHERE name = ?", (stream,)).fetchone()[0]
        names = [(number, tag.machine_identifier, tag.metric_name, tag.unit, tag.raw_tag) for tag in tags(metrics)]
        database.executemany("INSERT INTO series (stream, machine, metric, unit, raw_tag) VALUES (?,?,?,?,?)", names)
        series = [found for (found,) in database.execute("SELECT id FROM series WHERE stream = ?", (number,))]
        last = database.execute("SELECT ifnull(max(id), 0) FROM chunk").fetchone()[0]
        added = chunk = 0
        for chunk, columns in enumerate(_outage(series, seconds), start=last + 1):
            row = chunk, number, len(columns), columns.times[0], columns.times[-1], columns.times[-1]
            database.execute("INSERT INTO chunk VALUES (?,?,?,?,?,?,?)", (*row, columns.pack(PACK_LEVEL)))
            added += len(columns)
            if chunk % COMMIT_CHUNKS == 0:
                database.commit()
        database.execute("UPDATE stream SET backlog_through = ? WHERE id = ?", (chunk, number))
        database.commit()
    return added


def _outage(series: list[int], seconds: int) -> Iterator[Columns]:
    noise = np.random.default_rng(1)
    rounds = max(1, MOST_READINGS // len(series))
    end_ms = time.time_ns() // 1_000_000
    for first in range(0, seconds, rounds):
        count = min(rounds, seconds - first)
        times = np.repeat(end_ms - (seconds - np.arange(first, first + count)) * SECOND_MS, len(series))
        level = np.tile(np.arange(len(series)) + 20.0, count)
        values = level + 5 * np.sin(times / 50_000) + noise.normal(size=len(times))
        packed = array("q", times.astype(np.int64).tobytes()), array("d", values.tobytes())
        yield Columns(array("I", series * count), *packed, bytearray(len(times)))


@asynccontextmanager
async def pushing(buffer: Buffer, port: int, key: str, push_interval: float = 1.0) -> AsyncGenerator[StatusBoard]:
    """The agent's uplink, sending what the buffer holds to the server at `port`."""
    config = AgentConfig(api_key=Secret(key), api_url=f"http://127.0.0.1:{port}", push_interval=push_interval)
    board = StatusBoard()
    task = asyncio.create_task(Uplink(config, buffer, board).run())
    try:
        yield board
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def bytes_on_disk(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("buffer.db*"))
