"""A day of backlog goes to the real server while live readings go on: all is stored once, live readings first.

That nothing live is delayed is told without a clock: from the commit of a live reading until the batch that holds it,
no more of the backlog is sent than was under way or on its way out at that moment.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plantwright.journal.service import Journal
from plantwright_agent.buffer.batches import Lane
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
from tests.integration.faults.tap import Tap, tapped
from tests.integration.plant import Sender
from tests.stack import Stack

DAY_SECONDS = 86_400
AT_ONCE = 3_600
LIVE_VALUE = 1_000_000.0
METRICS = tuple(f"vibration_{number}" for number in range(4))
# One on the wire, one being packed, and one that the lane's next turn may have begun before the commit was over.
MOST_BETWEEN = 3
FEWEST_LIVE = 10

_STREAMS = text("SELECT stream FROM ingest_batch")


@asynccontextmanager
async def pushing(buffer: Buffer, url: str, key: str) -> AsyncGenerator[None]:
    config = AgentConfig(api_key=Secret(key), api_url=url, push_interval=0.001)
    task = asyncio.create_task(Uplink(config, buffer, StatusBoard()).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def add_a_day(buffer: Buffer, tags: list[Tag]) -> None:
    start = datetime.now(UTC) - timedelta(seconds=DAY_SECONDS)
    for first in range(0, DAY_SECONDS, AT_ONCE):
        samples = [
            RawSample(tag, float(second), start + timedelta(seconds=second))
            for second in range(first, first + AT_ONCE)
            for tag in tags
        ]
        await buffer.add("line", Collected(tuple(samples)))
    await buffer.shift(-1.0)


def backlog_sent(tap: Tap) -> int:
    return sum(stream == "line~backlog" for _, stream, _ in tap.first)


def sent_between(tap: Tap, committed: dict[float, int]) -> list[int]:
    """For each live reading, how many batches of the backlog went out from its commit until it was sent itself."""
    backlog, found = 0, []
    for (_, stream, _), content in tap.first.items():
        if stream == "line~backlog":
            backlog += 1
            continue
        found += [backlog - committed[value] for _, _, value in content]
    return found


async def test_a_day_of_backlog_delays_no_live_reading_and_is_stored_once(
    stack: Stack,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
    tmp_path: Path,
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine, METRICS)
    tags = [Tag(sender.machine.identifier, metric, "mm/s", metric) for metric in METRICS]
    committed: dict[float, int] = {}
    during_backlog = 0
    async with (
        tapped(int(stack.url.rpartition(":")[2])) as tap,
        Buffer(tmp_path / "buffer", 100_000_000) as buffer,
    ):
        await buffer.register("line", keep=False)
        await add_a_day(buffer, tags)
        async with pushing(buffer, tap.url, sender.key), asyncio.timeout(120):
            while buffer.lanes():
                value = LIVE_VALUE + len(committed)
                # Asked first: what goes out while the commit runs counts as well.
                committed[value] = backlog_sent(tap)
                await buffer.add("line", Collected((RawSample(tags[0], value, datetime.now(UTC)),)))
                during_backlog = max(during_backlog, len(committed) if Lane.BACKLOG in lanes(buffer) else 0)
                await asyncio.sleep(0.02)
    between = sent_between(tap, committed)
    assert len(between) == len(committed)
    assert during_backlog >= FEWEST_LIVE
    assert max(between) <= MOST_BETWEEN
    assert tap.changed == []
    live = [LIVE_VALUE + number for number in range(len(committed))]
    day = [float(second) for second in range(DAY_SECONDS)]
    for metric in METRICS:
        values = [value for _, value in await stored(databases, tenant, sender.metrics[metric])]
        assert sorted(values) == [*day, *(live if metric == METRICS[0] else [])]
        assert [value for value in values if value >= LIVE_VALUE] == (live if metric == METRICS[0] else [])
    async with databases.app.reading(tenant.id) as work:
        streams = [row.stream for row in await work.execute(_STREAMS)]
    assert set(streams) == {"line", "line~backlog"}
    assert streams.count("line~backlog") == backlog_sent(tap)


def lanes(buffer: Buffer) -> set[Lane]:
    return {item.lane for item in buffer.lanes()}
