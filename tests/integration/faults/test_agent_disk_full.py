"""The disk under a running agent is full while the server is away, then while it is back, then there is room again."""

import asyncio
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from plantwright.journal.service import Journal
from sqlalchemy import text

from tests.agent.support import until
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import stored
from tests.integration.faults.agent_process import AgentProcess
from tests.integration.faults.four_sources import CSV, DEVICES, FILES, JSON, FourSources
from tests.integration.faults.rig import Rig
from tests.integration.faults.tap import tapped
from tests.integration.plant import Sender

REFUSED = "the buffer cannot be written"
FULL_SECONDS = 4.0
_HELD_UP = text("SELECT source FROM agent_gap WHERE reason = 'the buffer could not take values'")
BLOCKS = (1 << 16, 1 << 12, 1)


def small_disk(folder: Path) -> list[str]:
    """What is put before a command so that it has 8 MB of its own under `folder`."""
    return ["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=8m tmpfs {folder} && exec "$0" "$@"']


def fill(file: Path) -> None:
    """No byte is free afterwards."""
    with file.open("ab", buffering=0) as handle:
        for block in BLOCKS:
            with suppress(OSError):
                while handle.write(bytes(block)) == block:
                    pass


async def fill_until_refused(agent: AgentProcess) -> None:
    """Another program takes every byte that becomes free, also of what the agent has held back for itself."""
    while REFUSED not in agent.log:
        fill(agent.buffer / "filler")
        await asyncio.sleep(0.05)


async def can_mount(within: list[str]) -> bool:
    process = await asyncio.create_subprocess_exec(*within, "true", stderr=subprocess.DEVNULL)
    return await process.wait() == 0


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root to mount a small disk")
@pytest.mark.timeout(240)
async def test_a_full_disk_holds_the_agent_up_and_loses_nothing(
    rig: Rig,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
    tmp_path: Path,
) -> None:
    (tmp_path / "buffer").mkdir()
    within = small_disk(tmp_path / "buffer")
    if not await can_mount(within):
        pytest.skip("this machine lets nobody mount")
    sender = await Sender.make(rig.url, databases, journal, tenant, make_machine, [*FILES, *DEVICES])
    sources, agent = FourSources(tmp_path), AgentProcess(tmp_path, within)
    async with tapped(int(rig.url.rpartition(":")[2])) as tap, sources.running():
        sources.configure(tap.url, sender.key, sender.machine.identifier)
        agent.start()
        try:
            await until(lambda: tap.lanes() == {"csv", "json", "modbus", "opcua"}, within=60)
            rig.kill_api()
            await asyncio.wait_for(fill_until_refused(agent), 60)
            await asyncio.sleep(FULL_SECONDS)
            sent = tap.sent
            rig.start_api()
            await rig.settle()
            await until(lambda: tap.sent > sent, within=60)
            (agent.buffer / "filler").unlink()
            await sources.fall_silent()
            await until(lambda: has_sent(agent, sources), within=60)
            async with asyncio.timeout(30):
                while await held_up(databases, tenant) != {"modbus", "opcua"}:  # noqa: ASYNC110 - a heartbeat tells
                    await asyncio.sleep(0.2)
            assert not agent.has_ended(), agent.log
            assert await agent.stop() == 0
        finally:
            agent.kill()
    for metric in (CSV, JSON):
        values = [value for _, value in await stored(databases, tenant, sender.metrics[metric])]
        assert sorted(values) == list(range(len(sources.given[metric])))
    for metric in DEVICES:
        values = [value for _, value in await stored(databases, tenant, sender.metrics[metric])]
        # All that was read from the first to the last, each once; the last answer of a device may have met a stop.
        assert sorted(values) == list(range(int(min(values)), int(max(values)) + 1))
        assert max(values) >= len(sources.given[metric]) - 2
    assert tap.out_of_order() == tap.changed == []


async def held_up(databases: Databases, tenant: MadeTenant) -> set[str]:
    """Sources of which the server knows that they could not be read for want of room."""
    async with databases.app.reading(tenant.id) as work:
        return {row.source for row in await work.execute(_HELD_UP)}


def has_sent(agent: AgentProcess, sources: FourSources) -> bool:
    status = agent.status()
    taken = {source["name"]: source["acknowledged"] for source in status["sources"]}
    rows = [taken[metric.partition("_")[0]] for metric in FILES]
    return rows == [len(sources.given[metric]) for metric in FILES] and not status["buffer"]["depth"]
