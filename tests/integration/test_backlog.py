"""A consumer with much to do delays nobody but itself."""

import asyncio
import time

import numpy as np
from plantwright.detection.consumer import DetectionConsumer
from plantwright.journal.repository import lock_cursor
from plantwright.journal.service import Journal
from plantwright.readings.columns import LogSlice
from plantwright.readings.repository import read_flushes

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.plant import METRIC, Sender
from tests.stack import Stack

LONG_BACKLOG = 20_000


async def test_readings_settle_while_a_consumer_holds_its_cursor(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine)
    async with databases.worker.transaction(tenant.id) as at_work:
        await lock_cursor(at_work, "thinker", start=0)
        await sender.send_normal(1)
        # Others of the server's transactions end; this one does not.
        async with asyncio.timeout(60):
            while await settled_readings(databases, tenant) != 1:  # noqa: ASYNC110 - another process ends them
                await asyncio.sleep(0.05)


async def settled_readings(databases: Databases, tenant: MadeTenant) -> int:
    async with databases.app.reading(tenant.id) as work:
        return len(await read_flushes(work, 0, 10))


async def test_a_cursor_is_held_by_one_at_a_time(databases: Databases, tenant: MadeTenant) -> None:
    order = []

    async def second() -> None:
        async with databases.worker.transaction(tenant.id) as work:
            cursor = await lock_cursor(work, "thinker", start=0)
            order.append(f"second at {cursor.position}")

    async with databases.worker.transaction(tenant.id) as work:
        cursor = await lock_cursor(work, "thinker", start=0)
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.3)
        order.append("first")
        cursor.position = 7
        work.session.add(cursor)
    await waiting
    assert order == ["first", "second at 7"]


async def test_the_worker_breathes_while_the_detectors_think(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics={METRIC: "mm/s"})
    start = time.time_ns() // 1_000_000 - LONG_BACKLOG * 1000
    backlog = LogSlice(
        position=1,
        series=np.full(LONG_BACKLOG, metrics[METRIC].series_id, np.int32),
        time_ms=start + np.arange(LONG_BACKLOG, dtype=np.int64) * 1000,
        value=np.random.default_rng(3).normal(2.0, 0.1, LONG_BACKLOG),
        quality=np.zeros(LONG_BACKLOG, np.int8),
    )
    breaths = 0

    async def breathe() -> None:
        nonlocal breaths
        while True:
            await asyncio.sleep(0.01)
            breaths += 1

    breathing = asyncio.create_task(breathe())
    async with databases.worker.transaction(tenant.id) as work:
        await DetectionConsumer(journal).consume(work, backlog)
    breathing.cancel()
    assert breaths > 20
