"""The worker is killed again and again while it works off a backlog: nothing is lost, nothing comes twice."""

import asyncio
import random
import time
from collections import Counter

import numpy as np
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import (
    assert_intact,
    cursors,
    findings_of,
    journal_rows,
    replayed_findings,
    stored,
    wait_until_consumed,
)
from tests.integration.faults.rig import Rig
from tests.integration.plant import Sender

METRICS = [f"vibration_{number}" for number in range(8)]
# Together more than the detectors take in at once, so that there is a moment between two batches.
READINGS = 8_000
PER_REQUEST = 1_000


async def test_a_worker_killed_in_the_middle_of_a_backlog_neither_loses_nor_doubles_a_finding(
    rig: Rig, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(rig.url, databases, journal, tenant, make_machine, METRICS)
    rig.kill_worker()
    await send_backlog(sender)
    moments = random.Random(3)  # noqa: S311 - reproducible moments, no secret
    for _ in range(2):
        rig.start_worker()
        await until_the_worker_is_at_work(rig)
        await asyncio.sleep(moments.uniform(0, 1.0))
        rig.kill_worker()
    rig.start_worker()
    await until_a_batch_is_judged(databases, tenant)
    rig.kill_worker()
    rig.start_worker()
    await wait_until_consumed(databases, tenant)

    found = await findings_of(databases, tenant)
    assert found.keys() == set(METRICS)
    assert found == await replayed_findings(databases, tenant, list(sender.metrics.values()))
    raised = [
        (row.payload["metric"], row.payload["cause"]) for row in await journal_rows(databases, tenant, "alert.raised")
    ]
    started = {
        (metric, finding["detector"])
        for metric, findings in found.items()
        for finding in findings
        if finding["kind"] == "started"
    }
    assert Counter(raised) == Counter(dict.fromkeys(started, 1))
    await assert_intact(databases, journal, tenant)
    await assert_all_is_stored_and_passed(databases, tenant, sender)


async def send_backlog(sender: Sender) -> None:
    """A quiet history of each metric at 1 Hz, with one spike at a place of its own."""
    start = time.time_ns() // 1_000_000 - (READINGS + 5) * 1000
    noise = np.random.default_rng(5)
    for place, metric in enumerate(METRICS):
        values = noise.normal(2.0, 0.1, READINGS)
        values[1_000 + 500 * place] = 9.0
        for first in range(0, READINGS, PER_REQUEST):
            times = [start + 1000 * number for number in range(first, first + PER_REQUEST)]
            await sender.deliver(sender.readings(times, values[first : first + PER_REQUEST].tolist(), metric))


async def until_the_worker_is_at_work(rig: Rig) -> None:
    async with asyncio.timeout(30):
        while not any(session["is_at_work"] for session in await rig.sessions()):
            assert rig.stack.worker.poll() is None
            await asyncio.sleep(0.02)


async def until_a_batch_is_judged(databases: Databases, tenant: MadeTenant) -> None:
    async with asyncio.timeout(30):
        while True:
            if "detection" in await cursors(databases, tenant):
                return
            await asyncio.sleep(0.02)


async def assert_all_is_stored_and_passed(databases: Databases, tenant: MadeTenant, sender: Sender) -> None:
    for metric in sender.metrics.values():
        readings = await stored(databases, tenant, metric)
        assert len(readings) == len({time_ms for time_ms, _ in readings}) == READINGS
    positions = await cursors(databases, tenant)
    assert positions["detection"] == positions["latest"]
