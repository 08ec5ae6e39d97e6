"""Kill -9 of the API, the worker, PostgreSQL and its sessions under load, then an audit of both logs.

Two plants get the same readings: one under fire, one in peace afterwards. Their conclusions must be the same.
`./justw bench kill` runs this with more kills, which it asks for through the environment.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from plantwright.detection.replay.derivation import Period
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory
from tests.integration.audit import (
    assert_intact,
    derived_findings,
    findings_of,
    journal_rows,
    wait_until_consumed,
    wait_until_merged,
)
from tests.integration.faults.killing import Victim, kill_one_after_the_other
from tests.integration.faults.numbered import Signal, send_in_peace, send_until
from tests.integration.faults.reckoning import Reckoning, reckon
from tests.integration.faults.rig import Rig
from tests.integration.plant import ColumnSender, Sender

KILLS = int(os.environ.get("PLANTWRIGHT_KILLS", "8"))
SEED = int(os.environ.get("PLANTWRIGHT_KILLS_SEED", "11"))
REPORT = os.environ.get("PLANTWRIGHT_KILLS_REPORT")
LONGEST_SECONDS = 48 * 3600
# What one tenant's alert and another's cannot have in common, or only by what else was raised at that moment.
OWN = {"alert_id", "machine_id", "metric_id", "group_id", "is_flood", "is_announced"}
# Both forms of body, in order and out of order.
SENDERS = ((Sender, True), (ColumnSender, True), (Sender, False), (ColumnSender, False))


@pytest.mark.timeout(180 + 20 * KILLS)
async def test_kills_at_random_moments_lose_nothing_double_nothing_and_change_no_conclusion(
    rig: Rig,
    databases: Databases,
    journal: Journal,
    make_tenant: TenantFactory,
    make_machine: MachineFactory,
) -> None:
    start_ms = time.time_ns() // 1_000_000 - (LONGEST_SECONDS + 7_200) * 1000
    fired_at, peaceful = await make_tenant(), await make_tenant()
    over = asyncio.Event()
    sending = []
    for seed, (kind, is_ordered) in enumerate(SENDERS):
        source = Signal(f"vibration_{seed}", seed, start_ms, LONGEST_SECONDS, is_ordered=is_ordered)
        sender = await kind.make(rig.url, databases, journal, fired_at, make_machine, [source.metric])
        sending.append(asyncio.create_task(send_until(over, sender, source)))
    killed = await kill_one_after_the_other(rig, KILLS, random.Random(SEED))  # noqa: S311 - reproducible, no secret
    over.set()
    sent = [await task for task in sending]
    await wait_until_consumed(databases, fired_at)
    await wait_until_merged(databases, fired_at)
    found = await reckon(databases, fired_at, sent)
    report(killed, found)
    assert found.is_right, found
    await assert_intact(databases, journal, fired_at)

    for one in sent:
        sender = await type(one.sender).make(rig.url, databases, journal, peaceful, make_machine, [one.source.metric])
        await send_in_peace(sender, one)
    await wait_until_consumed(databases, peaceful)
    concluded = await findings_of(databases, peaceful)
    assert concluded.keys() == {one.source.metric for one in sent}
    ordered = {one.source.metric for one in sent if one.source.is_ordered}
    assert only(ordered, await findings_of(databases, fired_at)) == only(ordered, concluded)
    assert only(ordered, await alerts_of(databases, fired_at)) == only(ordered, await alerts_of(databases, peaceful))
    # What came out of order is derived again at moments that nobody sets; in the end it is the same too.
    period = Period(start_ms, time.time_ns() // 1_000_000)
    assert await derived_findings(databases, fired_at, period) == await derived_findings(databases, peaceful, period)


def only(metrics: set[str], found: dict[str, Any]) -> dict[str, Any]:
    return {metric: rows for metric, rows in found.items() if metric in metrics}


def report(killed: Counter[Victim], found: Reckoning) -> None:
    if REPORT is not None:
        Path(REPORT).write_text(json.dumps({"kills": killed} | found.figures()), encoding="utf-8")


async def alerts_of(databases: Databases, tenant: MadeTenant) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """What became of the alerts, by metric."""
    rows: Sequence[Any] = await journal_rows(databases, tenant, "alert.")
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in rows:
        payload = {key: value for key, value in row.payload.items() if key not in OWN}
        found.setdefault(row.payload["metric"], []).append((row.action, payload))
    return found
