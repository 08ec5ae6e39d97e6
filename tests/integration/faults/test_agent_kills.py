"""Kill -9 at random while an agent reads four sources of each kind: of itself, or of everything the server consists of.

Afterwards each number that was committed is stored once; rows of files are there without exception; numbers of devices
that nobody could ask for lie in gaps that the server shows; and in each lane the batches came in order.
`./justw bench agent_kill` runs this for longer, which it asks for through the environment.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from plantwright.journal.service import Journal
from sqlalchemy import text

from tests.agent.support import until
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import assert_intact, stored
from tests.integration.faults.agent_process import AgentProcess
from tests.integration.faults.four_sources import DEVICES, FILES, FourSources
from tests.integration.faults.killing import kill_one_after_the_other
from tests.integration.faults.rig import Rig
from tests.integration.faults.tap import Tap, tapped
from tests.integration.plant import Sender

SECONDS = float(os.environ.get("PLANTWRIGHT_AGENT_KILL_SECONDS", "12"))
SEED = int(os.environ.get("PLANTWRIGHT_AGENT_KILL_SEED", "5"))
REPORT = os.environ.get("PLANTWRIGHT_AGENT_KILL_REPORT")
# From here on the long form also takes the server away until what waits has become a backlog.
LONG_SECONDS, AWAY_SECONDS = 180.0, 75.0
SHORTEST_LIFE, LONGEST_LIFE = 0.2, 5.0
PATIENCE_SECONDS = 120 + SECONDS / 2
HEARTBEATS_SECONDS = 3.0
ROUNDING = timedelta(milliseconds=2)

_GAPS = text("SELECT source, start_at, end_at FROM agent_gap")


@dataclass
class Run:
    rig: Rig
    agent: AgentProcess
    moments: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    committed: set[tuple[str, float]] = field(default_factory=set)

    async def kill_agent_until(self, end: float) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(self.moments.uniform(SHORTEST_LIFE, LONGEST_LIFE))
            self.agent.kill()
            self.killed["agent"] += 1
            self.committed |= self.agent.committed()
            self.agent.start()

    async def kill_server_until(self, end: float) -> None:
        while time.monotonic() < end:
            self.killed += await kill_one_after_the_other(self.rig, 4, self.moments)

    async def take_server_away(self) -> None:
        self.rig.kill_api()
        await asyncio.sleep(AWAY_SECONDS)
        self.rig.start_api()
        await self.rig.settle()


@pytest.mark.timeout(300 + 3 * SECONDS)
@pytest.mark.parametrize("kill", [Run.kill_agent_until, Run.kill_server_until], ids=["agent", "server"])
async def test_kills_lose_nothing_committed_double_nothing_and_keep_the_order(
    rig: Rig,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
    tmp_path: Path,
    kill: Callable[[Run, float], Coroutine[Any, Any, None]],
) -> None:
    sender = await Sender.make(rig.url, databases, journal, tenant, make_machine, [*FILES, *DEVICES])
    sources, agent = FourSources(tmp_path), AgentProcess(tmp_path)
    run = Run(rig, agent, random.Random(SEED))  # noqa: S311 - reproducible moments, no secret
    async with tapped(int(rig.url.rpartition(":")[2])) as tap, sources.running():
        sources.configure(tap.url, sender.key, sender.machine.identifier)
        agent.start()
        try:
            await until_all_flow(tap, agent)
            half = SECONDS / 2
            await kill(run, time.monotonic() + half)
            if SECONDS >= LONG_SECONDS:
                await run.take_server_away()
            await kill(run, time.monotonic() + half)
            await sources.fall_silent()
            await until_delivered(agent, sources)
            await start_anew(agent)
            await until_delivered(agent, sources)
            assert await agent.stop() == 0
        finally:
            agent.kill()
    found = {
        metric: [value for _, value in await stored(databases, tenant, sender.metrics[metric])]
        for metric in sources.given
    }
    unseen = await missing_outside_gaps(databases, tenant, sources, found)
    report(run, tap, sources, found, unseen)
    for metric in FILES:
        assert sorted(found[metric]) == list(range(len(sources.given[metric])))
    for metric in DEVICES:
        # Each value was given at one time only, and no device answers once it is silent: twice is doubled.
        assert max(Counter(found[metric]).values()) == 1
        assert set(found[metric]) <= sources.given[metric].keys()
    assert not {(metric, value) for metric, value in run.committed if value not in set(found[metric])}
    assert unseen == []
    assert tap.out_of_order() == tap.changed == []
    assert (SECONDS < LONG_SECONDS) or any(lane.endswith("~backlog") for lane in tap.lanes())
    await assert_intact(databases, journal, tenant)


async def until_all_flow(tap: Tap, agent: AgentProcess) -> None:
    async with asyncio.timeout(60):
        while tap.lanes() != {"csv", "json", "modbus", "opcua"}:
            assert not agent.has_ended(), agent.log
            await asyncio.sleep(0.1)


async def start_anew(agent: AgentProcess) -> None:
    """The OPC UA server still tells the value at which it fell silent, with the time that value came about."""
    (agent.buffer / "status.json").unlink()
    agent.kill()
    agent.start()
    await until(lambda: states(agent).get("opcua") == "ok", within=60)


def states(agent: AgentProcess) -> dict[str, str]:
    return {source["name"]: source["state"] for source in agent.status().get("sources", ())}


async def until_delivered(agent: AgentProcess, sources: FourSources) -> None:
    """Every row of the files was read, the buffer is empty, and heartbeats have had time to tell of all gaps."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            status = agent.status()
            taken = {source["name"]: source["acknowledged"] for source in status["sources"]}
            rows = [
                taken[name] >= len(sources.given[metric]) for name, metric in zip(("csv", "json"), FILES, strict=True)
            ]
            if all(rows) and status["buffer"]["depth"] == 0 and status["heartbeat"]["trouble"] is None:
                break
            await asyncio.sleep(0.2)
    await asyncio.sleep(HEARTBEATS_SECONDS)


async def missing_outside_gaps(
    databases: Databases, tenant: MadeTenant, sources: FourSources, found: dict[str, list[float]]
) -> list[tuple[str, int]]:
    """Numbers of devices, since the first that was read, that no gap of the source tells to be missing."""
    async with databases.app.reading(tenant.id) as work:
        gaps = (await work.execute(_GAPS)).all()
    spans = {
        metric: [(gap.start_at, gap.end_at) for gap in gaps if gap.source == metric.partition("_")[0]]
        for metric in DEVICES
    }
    stored_ones = {metric: set(found[metric]) for metric in DEVICES}
    return [
        (metric, number)
        for metric in DEVICES
        for number, at in sources.given[metric].items()
        if number > min(found[metric])
        and number not in stored_ones[metric]
        and not any(start - ROUNDING <= at <= end + ROUNDING for start, end in spans[metric])
    ]


def report(
    run: Run, tap: Tap, sources: FourSources, found: dict[str, list[float]], unseen: list[tuple[str, int]]
) -> None:
    if REPORT is None:
        return
    figures = {
        "kills": run.killed,
        "batches": len(tap.first),
        "batches_sent_again": tap.sent - len(tap.first),
        "backlog_batches": sum(lane.endswith("~backlog") for _, lane, _ in tap.first),
        "seen_committed_after_kills": len(run.committed),
        "sources": {
            metric: {
                "given": len(given),
                "stored": len(found[metric]),
                "doubled": len(found[metric]) - len(set(found[metric])),
                "committed_but_lost": sum(
                    name == metric and value not in set(found[metric]) for name, value in run.committed
                ),
                "never_read": len(given.keys() - set(found[metric])),
            }
            for metric, given in sources.given.items()
        },
        "never_read_outside_gaps": len(unseen),
        "out_of_order": len(tap.out_of_order()),
        "numbers_used_twice": len(tap.changed),
    }
    Path(REPORT).write_text(json.dumps(figures), encoding="utf-8")
