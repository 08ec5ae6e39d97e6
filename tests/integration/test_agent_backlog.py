"""A day of backlog goes to the real server while live readings go on: all is stored once, live readings in time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plantwright.journal.service import Journal
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.samples import Collected, RawSample, Tag
from plantwright_agent.secret import Secret
from plantwright_agent.status import StatusBoard
from plantwright_agent.uplink.uplink import Uplink
from sqlalchemy import text

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import stored
from tests.integration.plant import METRIC, Sender
from tests.stack import Stack

DAY_SECONDS = 86_400
AT_ONCE = 3_600
LIVE_VALUE = 1_000_000.0

_STREAMS = text("SELECT stream FROM ingest_batch ORDER BY received_at")


@asynccontextmanager
async def pushing(buffer: Buffer, url: str, key: str) -> AsyncGenerator[None]:
    config = AgentConfig(api_key=Secret(key), api_url=url, push_interval=0.05)
    task = asyncio.create_task(Uplink(config, buffer, StatusBoard()).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_day_of_backlog_delays_no_live_reading_and_is_stored_once(
    stack: Stack,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
    tmp_path: Path,
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    tag = Tag(sender.machine.identifier, METRIC, "mm/s", "")
    start = datetime.now(UTC) - timedelta(seconds=DAY_SECONDS)
    live = 0
    async with Buffer(tmp_path / "buffer", 100_000_000) as buffer:
        await buffer.register("line", keep=False)
        for first in range(0, DAY_SECONDS, AT_ONCE):
            moments = range(first, first + AT_ONCE)
            samples = (RawSample(tag, float(second), start + timedelta(seconds=second)) for second in moments)
            await buffer.add("line", Collected(tuple(samples)))
        await buffer.shift(-1.0)
        async with pushing(buffer, stack.url, sender.key), asyncio.timeout(60):
            while buffer.lanes():
                await buffer.add("line", Collected((RawSample(tag, LIVE_VALUE + live, datetime.now(UTC)),)))
                live += 1
                await asyncio.sleep(0.02)
    found = await stored(databases, tenant, sender.metrics[METRIC])
    values = [value for _, value in found]
    assert sorted(values) == [*map(float, range(DAY_SECONDS)), *(LIVE_VALUE + number for number in range(live))]
    async with databases.app.reading(tenant.id) as work:
        streams = [row.stream for row in await work.execute(_STREAMS)]
    assert "line" in streams[: streams.index("line~backlog") + 3]
    assert [value for value in values if value >= LIVE_VALUE] == [LIVE_VALUE + number for number in range(live)]
