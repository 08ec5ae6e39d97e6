"""What a backlog brings after the live readings is judged by a worker, as if it had come in time."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from plantwright.detection.replay.record import Standing, standing_of
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import journal_rows, wait_until_consumed
from tests.integration.plant import METRIC, Sender
from tests.stack import Stack

OUTAGE = slice(500, 560)
SPIKE = 530


async def test_a_spike_within_an_outage_is_found_when_its_backlog_has_come(
    stack: Stack, databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    sender = await Sender.make(stack.url, databases, journal, tenant, make_machine, ("late", METRIC))
    times, values = history()
    for metric, parts in (
        ("late", [slice(0, OUTAGE.start), slice(OUTAGE.stop, None), OUTAGE]),
        (METRIC, [slice(0, None)]),
    ):
        for part in parts:
            await sender.deliver(sender.readings(times[part], values[part], metric))
            await wait_until_consumed(databases, tenant)
    async with asyncio.timeout(60):
        while not await found(databases, tenant, "late", is_late=True):  # noqa: ASYNC110 - a worker's job tells
            await asyncio.sleep(0.2)
    in_time = [plain(known.payload) for known in (await found(databases, tenant, METRIC)).values()]
    assert in_time
    assert [plain(known.payload) for known in (await found(databases, tenant, "late")).values()] == in_time


def history() -> tuple[Sequence[int], Sequence[float]]:
    """A quiet one with a spike."""
    end = time.time_ns() // 1_000_000 - 5_000
    values = np.random.default_rng(7).normal(2.0, 0.1, 700)
    values[SPIKE] = 9.0
    return [end - (700 - place) * 1000 for place in range(700)], values.tolist()


async def found(databases: Databases, tenant: MadeTenant, metric: str, *, is_late: bool = False) -> dict[Any, Standing]:
    """What holds of a metric by the journal, in order of time."""
    rows = [row for row in await journal_rows(databases, tenant, "finding.") if row.payload["metric"] == metric]
    if is_late and not any(row.payload.get("late") for row in rows):
        return {}
    standing = standing_of((row.sequence, row.action, row.payload) for row in rows)
    return dict(sorted(standing.items(), key=lambda entry: (entry[0].time_ms, entry[0].detector)))


def plain(payload: Any) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in {"late", "metric", "metric_id"}}
