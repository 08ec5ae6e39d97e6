"""Short ways to make readings, wait for something, and look into a buffer."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.columns import QUALITIES, Columns
from plantwright_agent.buffer.schema import FILE
from plantwright_agent.inputs.contract import Input
from plantwright_agent.samples import Collected, RawSample, Reading, Tag
from plantwright_agent.supervision.supervisor import Patience, SourceTask

TAG = Tag("PUMP-1", "pressure", "bar", "p1")
QUICK = Patience(first_restart=0.1, longest_restart=0.3, permanent=0.3, buffer_full=0.05, stop=5.0)


def reading(value: float) -> Reading:
    return Reading("PUMP-1", datetime.now(UTC), "pressure", value, "bar", "p1", "good")


def collected(*values: float) -> Collected:
    now = datetime.now(UTC)
    return Collected(tuple(RawSample(TAG, value, now) for value in values))


async def until(condition: Callable[[], object], within: float = 20.0) -> None:
    """Wait until the condition holds; fail with its name when it does not in time."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within} s: {condition}"
        await asyncio.sleep(0.02)


def rows(folder: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """What another process would see: only what is committed."""
    connection = sqlite3.connect(folder / FILE)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def buffered(folder: Path, stream: str = "%") -> list[dict[str, Any]]:
    """Readings in the order in which they are stored, with the names of their series; quality only if not good."""
    chunks = "SELECT count, body FROM chunk JOIN stream ON stream.id = stream WHERE name LIKE ? ORDER BY chunk.id"
    stored = rows(folder, chunks, stream)
    # After the chunks: a series that is new in the meantime is not missing then.
    names = {number: names for number, *names in rows(folder, "SELECT id, machine, metric, unit, raw_tag FROM series")}
    found: list[dict[str, Any]] = []
    for count, body in stored:
        columns = Columns.unpack(body, count)
        for series, time_ms, value, quality in zip(
            columns.series, columns.times, columns.values, columns.quality, strict=True
        ):
            reading = dict(zip(("machine_identifier", "metric_name", "unit", "raw_tag"), names[series], strict=True))
            reading |= {"timestamp": datetime.fromtimestamp(time_ms / 1000, UTC).isoformat().replace("+00:00", "Z")}
            found.append(reading | {"value": value} | ({"quality": QUALITIES[quality]} if quality else {}))
    return found


@asynccontextmanager
async def running(
    folder: Path, name: str, build: Callable[[Buffer], Input], *, live: bool
) -> AsyncIterator[tuple[SourceTask, Buffer]]:
    """A source under its supervisor, with a buffer in `folder`."""
    async with Buffer(folder, 50_000_000) as buffer:
        await buffer.register(name, keep=not live)
        source = SourceTask(name, lambda: build(buffer), buffer, live=live, patience=QUICK)
        task = asyncio.create_task(source.run())
        try:
            yield source, buffer
        finally:
            await source.stop()
            await asyncio.wait_for(task, 10)
