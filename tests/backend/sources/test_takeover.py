"""Two real processes: one is killed in the middle of polling, the other goes on."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from asyncua import ua
from plantwright.core.settings import Settings
from plantwright.embedded.launch import die_with_parent

from tests.agent.opcua_server import Plant as OpcUaPlant
from tests.agent.opcua_server import certificates
from tests.agent.peer import free_port
from tests.backend.sources.conftest import NETWORKS, Doors, Log
from tests.backend.sources.waiting import until
from tests.stack import environment

HIDDEN = {"PLANTWRIGHT_APP_DATABASE_URL", "PLANTWRIGHT_AUDIT_HMAC_KEY", "DATABASE_URL"}
TAKEOVER_SECONDS = 30.0
BARE = {"securityMode": "NONE", "mode": "SUBSCRIBE"}


def start(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    """With the rights and the keys that it has in service, and no others."""
    given = {name: value for name, value in environment(settings).items() if name not in HIDDEN}
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "plantwright.cli", "sources"],
            env=given | {"PLANTWRIGHT_SOURCE_NETWORKS": NETWORKS},
            stdout=output,
            stderr=output,
            preexec_fn=partial(die_with_parent, signal.SIGKILL),  # noqa: PLW1509 - no threads start processes here
        )


@pytest.fixture
async def counting(tmp_path: Path) -> AsyncIterator[OpcUaPlant]:
    """Its level counts up ten times a second."""
    await certificates(tmp_path)
    plant = OpcUaPlant(tmp_path, free_port(), policies=[ua.SecurityPolicyType.NoSecurity], anonymous=True)
    await plant.start()

    async def count() -> None:
        number = 0
        while True:
            number += 1
            await plant.write("level", float(number))
            await asyncio.sleep(0.1)

    counter = asyncio.create_task(count())
    yield plant
    counter.cancel()
    await asyncio.gather(counter, return_exceptions=True)
    await plant.stop()


@asynccontextmanager
async def processes(settings: Settings, log: Path, count: int) -> AsyncIterator[list[subprocess.Popen[bytes]]]:
    running = [start(settings, log) for _ in range(count)]
    try:
        yield running
    finally:
        for process in running:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGCONT)
                process.terminate()
        for process in running:
            await asyncio.to_thread(process.wait, 30)


def lines_of(log: Path, event: str) -> int:
    return log.read_text(encoding="utf-8", errors="replace").count(f'"{event}"')


async def values(log: Log) -> list[float]:
    return [row["value"] for row in await log.readings("level")]


async def assert_each_once(log: Log) -> None:
    rows = [(row["time"], row["value"]) for row in await log.readings("level")]
    assert len(rows) == len(set(rows))
    numbers = [value for _, value in rows]
    assert numbers == sorted(set(numbers))


async def begin(doors: Doors, plant: OpcUaPlant) -> str:
    """A source that the first process to come will take."""
    tags = [{"tag": f"ns={plant.index};s=level", "metricName": "level", "unit": "mm"}]
    source = await doors.create(opcUa={"endpointUrl": plant.url, **BARE}, pollIntervalSeconds=1, tags=tags)
    return str(source["id"])


async def test_a_killed_holder_is_followed_within_half_a_minute_and_nothing_is_doubled(
    doors: Doors, settings: Settings, counting: OpcUaPlant, log: Log, tmp_path: Path
) -> None:
    source_id = await begin(doors, counting)
    output = tmp_path / "sources.log"

    async def has(beyond: float) -> bool:
        return max(await values(log), default=0.0) > beyond

    async with processes(settings, output, 1) as first:
        await until(partial(has, 10.0), 60)
        async with processes(settings, output, 1):
            await until(partial(started, output, 2), 60)
            first[0].kill()
            first[0].wait()
            seen = max(await values(log))
            await until(partial(has, seen), TAKEOVER_SECONDS)
            await until(partial(has, seen + 30), 20)
            shown = await doors.get(source_id)
    await assert_each_once(log)
    assert "the source was not being polled" in [gap["reason"] for gap in shown["gaps"]]


async def test_a_holder_that_stood_still_does_not_write_behind_the_back_of_the_next(
    doors: Doors, settings: Settings, counting: OpcUaPlant, log: Log, tmp_path: Path
) -> None:
    """Stopped long enough to lose its lease, and then let go on, with values in its queue."""
    await begin(doors, counting)
    output = tmp_path / "sources.log"

    async def has(beyond: float) -> bool:
        return max(await values(log), default=0.0) > beyond

    async with processes(settings, output, 1) as first:
        await until(partial(has, 10.0), 60)
        async with processes(settings, output, 1):
            await until(partial(started, output, 2), 60)
            os.kill(first[0].pid, signal.SIGSTOP)
            seen = max(await values(log))
            await until(partial(has, seen + 20), TAKEOVER_SECONDS + 10)
            os.kill(first[0].pid, signal.SIGCONT)
            now = max(await values(log))
            await until(partial(has, now + 50), 30)

            async def knows() -> bool:
                return lines_of(output, "source_let_go") > 0

            await until(knows)
    await assert_each_once(log)


async def test_a_clean_stop_hands_over_at_once(
    doors: Doors, settings: Settings, counting: OpcUaPlant, log: Log, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    source_id = await begin(doors, counting)
    output = tmp_path / "sources.log"

    async def has(beyond: float) -> bool:
        return max(await values(log), default=0.0) > beyond

    async with processes(settings, output, 1) as first:
        await until(partial(has, 10.0), 60)
        first[0].terminate()
        assert await asyncio.to_thread(first[0].wait, 30) == 0
    row = await owner.fetchrow(
        "SELECT holder, lease_until FROM ingest_source_runtime WHERE source_id = $1", UUID(source_id)
    )
    assert tuple(row) == (None, None)
    await assert_each_once(log)


async def started(output: Path, count: int) -> bool:
    return lines_of(output, "source_polling_started") >= count
