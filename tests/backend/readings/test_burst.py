"""More than can be stored, over real connections: each request is stored and acknowledged, or refused at once."""

import asyncio
import socket
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
import uvicorn
from plantwright.core.settings import Settings

from tests.backend.readings.door import Door, reading

CONNECTIONS = 200
PER_BATCH = 50
ROOM = 1_000
# In the flush that cannot end, and behind it.
WAITING = 2 * ROOM // PER_BATCH


@pytest.fixture
async def url(door: Door) -> AsyncIterator[str]:
    """The door behind a server that listens."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(door.endpoint, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve([listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/ingest"
    server.should_exit = True
    await serving


async def test_a_burst_is_stored_or_refused_with_a_time_to_come_back(door: Door, url: str, settings: Settings) -> None:
    door.writer._max_queued = ROOM
    owner = await asyncpg.connect(settings.owner_url())
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(limits=limits, timeout=60, headers={"X-API-Key": door.key}) as client:

        async def post(number: int) -> tuple[int, httpx.Response]:
            values = range(number * PER_BATCH, (number + 1) * PER_BATCH)
            batch = [reading(value, seconds=value) for value in values]
            return number, await client.post(url, json={"readings": batch})

        async with owner.transaction():
            # The database takes nothing for as long as the burst lasts.
            await owner.execute("LOCK TABLE segment IN ACCESS EXCLUSIVE MODE")
            posts = [asyncio.create_task(post(number)) for number in range(CONNECTIONS)]
            pending = set(posts)
            while len(pending) > WAITING:
                _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            refused = [task.result()[1] for task in posts if task.done()]
        answers = [await task for task in posts]
    await owner.close()

    assert {answer.status_code for answer in refused} == {503}
    assert {answer.headers.get("retry-after") for _, answer in answers if answer.status_code != 207} == {"1"}
    stored = sorted(row[2] for row in await door.rows())
    acknowledged = [number for number, answer in answers if answer.status_code == 207]
    assert acknowledged
    assert stored == [number * PER_BATCH + place for number in sorted(acknowledged) for place in range(PER_BATCH)]
