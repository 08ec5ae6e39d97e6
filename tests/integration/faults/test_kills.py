"""Kill -9 of the API, the worker and database sessions under load, then an audit of both logs.

Two plants get the same readings: one under fire, one in peace afterwards. Their conclusions must be the same.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory
from tests.integration.audit import assert_intact, findings_of, journal_rows, stored, wait_until_consumed
from tests.integration.faults.rig import Rig
from tests.integration.plant import Sender

KILLS = ("api", "worker", "session", "worker", "api", "session", "api", "worker")
LONGEST_SECONDS = 12 * 3600
PER_BATCH = 10
# Enough for findings to compare.
LEAST = 1_500
# What one tenant's alert and another's cannot have in common.
OWN = {"alert_id", "machine_id", "metric_id"}


class Signal:
    """Readings of one metric at 1 Hz: noise, spikes, and shifts that last for minutes."""

    def __init__(self, metric: str, seed: int, start_ms: int) -> None:
        noise = np.random.default_rng(seed)
        values = noise.normal(2.0, 0.1, LONGEST_SECONDS)
        values[700 + seed :: 450] += 6.0
        for begin in range(1_000 + 37 * seed, LONGEST_SECONDS, 2_000):
            values[begin : begin + 200] += 1.0
        self.metric = metric
        self.times = [start_ms + 1000 * number for number in range(LONGEST_SECONDS)]
        self.values: list[float] = values.tolist()


async def test_kills_at_random_moments_lose_nothing_double_nothing_and_change_no_conclusion(
    rig: Rig,
    databases: Databases,
    journal: Journal,
    make_tenant: TenantFactory,
    make_machine: MachineFactory,
) -> None:
    start_ms = time.time_ns() // 1_000_000 - LONGEST_SECONDS * 1000
    signals = [Signal(f"vibration_{seed}", seed, start_ms) for seed in (1, 2)]
    fired_at, peaceful = await make_tenant(), await make_tenant()
    senders = [await Sender.make(rig.url, databases, journal, fired_at, make_machine, [s.metric]) for s in signals]
    over = asyncio.Event()
    sending = [
        asyncio.create_task(send_until(over, sender, source)) for sender, source in zip(senders, signals, strict=True)
    ]
    await kill_one_after_the_other(rig, random.Random(11))  # noqa: S311 - reproducible moments, no secret
    over.set()
    sent = [await task for task in sending]
    await wait_until_consumed(databases, fired_at)
    for sender, source, count in zip(senders, signals, sent, strict=True):
        expected = list(zip(source.times[:count], source.values[:count], strict=True))
        assert await stored(databases, fired_at, sender.metrics[source.metric]) == expected
    await assert_intact(databases, journal, fired_at)

    for source, count in zip(signals, sent, strict=True):
        sender = await Sender.make(rig.url, databases, journal, peaceful, make_machine, [source.metric])
        await send_in_peace(sender, source, count)
    await wait_until_consumed(databases, peaceful)
    concluded = await findings_of(databases, peaceful)
    assert concluded.keys() == {source.metric for source in signals}
    assert await findings_of(databases, fired_at) == concluded
    assert await alerts_of(databases, fired_at) == await alerts_of(databases, peaceful)


async def send_until(over: asyncio.Event, sender: Sender, source: Signal) -> int:
    """Returns how many were acknowledged; some batches are sent once more, as after a lost answer."""
    repeats = random.Random(source.metric)  # noqa: S311 - reproducible moments, no secret
    count = 0
    while not over.is_set() or count < LEAST:
        readings = readings_of(sender, source, count, count + PER_BATCH)
        await sender.deliver(readings)
        if repeats.random() < 0.1:
            sender.sequence -= 1
            await sender.deliver(readings)
        count += PER_BATCH
        await asyncio.sleep(0.01)
    return count


async def send_in_peace(sender: Sender, source: Signal, count: int) -> None:
    for first in range(0, count, 1_000):
        assert await sender.deliver(readings_of(sender, source, first, min(first + 1_000, count))) == 1


def readings_of(sender: Sender, source: Signal, first: int, end: int) -> list[dict[str, Any]]:
    return sender.readings(source.times[first:end], source.values[first:end], source.metric)


async def kill_one_after_the_other(rig: Rig, moments: random.Random) -> None:
    for victim in KILLS:
        await asyncio.sleep(moments.uniform(0.2, 1.2))
        match victim:
            case "api":
                rig.kill_api()
                rig.start_api()
            case "worker":
                rig.kill_worker()
                rig.start_worker()
            case "session":
                os.kill(moments.choice(await rig.sessions())["pid"], signal.SIGKILL)
        await asyncio.to_thread(rig.wait_until_ready)
        if victim == "session":
            assert rig.stack.api.poll() is None, "a lost database session ended the API"
            assert rig.stack.worker.poll() is None, "a lost database session ended the worker"


async def alerts_of(databases: Databases, tenant: MadeTenant) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """What became of the alerts, by metric."""
    rows: Sequence[Any] = await journal_rows(databases, tenant, "alert.")
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in rows:
        payload = {key: value for key, value in row.payload.items() if key not in OWN}
        found.setdefault(row.payload["metric"], []).append((row.action, payload))
    return found
