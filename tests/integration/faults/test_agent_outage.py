"""The API goes away for a while; the agent goes on reading, and afterwards everything is there once, in order."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import stored
from tests.integration.faults.field import DEVICE_METRIC, FILE_METRIC, Field
from tests.integration.faults.rig import Rig
from tests.integration.plant import Sender

log = logging.getLogger(__name__)

# The promise is two minutes; a few seconds go the same way.
OUTAGE_SECONDS = float(os.environ.get("PLANTWRIGHT_OUTAGE_SECONDS", "6"))
PATIENCE_SECONDS = 60 + OUTAGE_SECONDS


@pytest.mark.timeout(180 + 2 * OUTAGE_SECONDS)
@pytest.mark.parametrize(
    ("leave", "come_back"), [(Rig.freeze_api, Rig.thaw_api), (Rig.kill_api, Rig.start_api)], ids=["frozen", "killed"]
)
async def test_nothing_is_lost_or_doubled_while_the_api_is_away(
    rig: Rig,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
    tmp_path: Path,
    leave: Callable[[Rig], None],
    come_back: Callable[[Rig], None],
) -> None:
    plant = await Sender.make(rig.url, databases, journal, tenant, make_machine, [FILE_METRIC, DEVICE_METRIC])

    async def numbers(metric: str) -> list[float]:
        return [value for _, value in await stored(databases, tenant, plant.metrics[metric])]

    async def until_stored(rows: int, polls: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if len(await numbers(FILE_METRIC)) >= rows and len(await numbers(DEVICE_METRIC)) >= polls:
                    return
                await asyncio.sleep(0.1)

    async with Field(tmp_path, rig.url, plant.key, plant.machine.identifier).running() as field:
        await until_stored(50, 10)
        before = field.rows, field.polls
        leave(rig)
        await asyncio.sleep(OUTAGE_SECONDS)
        assert field.rows > before[0]
        assert field.polls > before[1]
        held = field.status()["buffer"]["depth"]
        assert held > 0
        come_back(rig)
        await asyncio.to_thread(rig.wait_until_ready)
        returned, missing = time.monotonic(), (field.rows, field.polls - 1)
        await until_stored(*missing)
        log.info("%d readings held, sent within %.1f s", held, time.monotonic() - returned)
        await field.fall_silent()
        await until_empty(field)
        assert await field.stop_agent() == 0

    rows, polls = await numbers(FILE_METRIC), await numbers(DEVICE_METRIC)
    log.info("%d rows and %d polls given, %d and %d stored", field.rows, field.polls, len(rows), len(polls))
    # In the order of the flushes: each once, none missing, the oldest first.
    assert rows == list(range(field.rows))
    # The last poll may have been answered to nobody.
    assert polls in (list(range(field.polls)), list(range(field.polls - 1)))


async def until_empty(field: Field) -> None:
    """Every row of the file was read, and the buffer holds nothing any more."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            status = field.status()
            [read] = [source for source in status["sources"] if source["name"] == "file"]
            if status["buffer"]["depth"] == 0 and read["acknowledged"] >= field.rows:
                return
            await asyncio.sleep(0.1)
