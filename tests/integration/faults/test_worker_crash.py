"""The worker is killed again and again while it works off a backlog: nothing is lost, nothing comes twice."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

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
READINGS = 7_000
PER_REQUEST = 1_000


async def test_a_worker_killed_in_the_middle_of_a_backlog_neither_loses_nor_doubles_a_finding(
    rig: Rig, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(rig.url, databases, journal, tenant, make_machine, METRICS)
    batches = backlog(sender)
    await deliver(sender, batches, 1)
    await wait_until_consumed(databases, tenant)
    rig.kill_worker()
    for consumer in ("latest", "detection", "alerts"):
        await deliver(sender, batches, 10)
        await rig.kill_worker_before_it_moves(tenant.id, consumer)
    await deliver(sender, batches, len(METRICS) * READINGS // PER_REQUEST - 31)
    moments = random.Random(3)  # noqa: S311 - reproducible moments, no secret
    for _ in range(2):
        rig.start_worker()
        await until_the_worker_is_at_work(rig)
        await asyncio.sleep(moments.uniform(0, 1.0))
        rig.kill_worker()
    rig.start_worker()
    await wait_until_consumed(databases, tenant)

    found = await findings_of(databases, tenant)
    assert found.keys() == set(METRICS)
    assert found == await replayed_findings(databases, tenant, list(sender.metrics.values()))
    started = {
        (metric, finding["detector"])
        for metric, findings in found.items()
        for finding in findings
        if finding["kind"] == "started"
    }
    assert await alerts_by_action(databases, tenant, "alert.raised") == dict.fromkeys(started, 1)
    assert await alerts_by_action(databases, tenant, "alert.cleared") == dict.fromkeys(started, 1)
    assert await alerts_by_action(databases, tenant, "alert.repeated") == {}
    await assert_intact(databases, journal, tenant)
    await assert_all_is_stored_and_passed(databases, tenant, sender)


def backlog(sender: Sender) -> Iterator[list[dict[str, Any]]]:
    """A quiet history of each metric at 1 Hz, with one spike at a place of its own."""
    start = time.time_ns() // 1_000_000 - (READINGS + 5) * 1000
    noise = np.random.default_rng(5)
    for place, metric in enumerate(METRICS):
        values = noise.normal(2.0, 0.1, READINGS)
        values[1_000 + 500 * place] = 9.0
        for first in range(0, READINGS, PER_REQUEST):
            times = [start + 1000 * number for number in range(first, first + PER_REQUEST)]
            yield sender.readings(times, values[first : first + PER_REQUEST].tolist(), metric)


async def deliver(sender: Sender, batches: Iterator[list[dict[str, Any]]], count: int) -> None:
    for batch in islice(batches, count):
        await sender.deliver(batch)


async def until_the_worker_is_at_work(rig: Rig) -> None:
    async with asyncio.timeout(60):
        while not any(session["is_at_work"] for session in await rig.sessions()):
            assert rig.stack.worker.poll() is None
            await asyncio.sleep(0.02)


async def alerts_by_action(databases: Databases, tenant: MadeTenant, action: str) -> dict[tuple[str, str], int]:
    """How often that happened to the alert of a metric and cause."""
    rows = await journal_rows(databases, tenant, action)
    return dict(Counter((row.payload["metric"], row.payload["cause"]) for row in rows))


async def assert_all_is_stored_and_passed(databases: Databases, tenant: MadeTenant, sender: Sender) -> None:
    for metric in sender.metrics.values():
        readings = await stored(databases, tenant, metric)
        assert len(readings) == len({time_ms for time_ms, _ in readings}) == READINGS
    positions = await cursors(databases, tenant)
    assert positions["detection"] == positions["latest"]
