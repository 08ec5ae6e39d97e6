"""A real agent beside a real server: the server shows it, and what is wrong with its sources, as it happens."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from plantwright.agents import repository
from plantwright.agents.models import Agent
from plantwright.core.clock import utc_now
from plantwright.embedded.launch import die_with_parent
from plantwright.embedded.ports import free_port
from plantwright.journal.service import Journal
from plantwright_agent import __version__

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.plant import make_ingest_key
from tests.stack import Stack

CONFIGURATION = """
[agent]
name = "hall-3"
api_key = "{key}"
api_url = "{url}"
push_interval = 0.5
heartbeat_interval = 2
buffer_dir = "buffer"

[[source]]
name = "file"
machine_identifier = "{machine}"
protocol = "csv"
[source.csv]
path = "rows.csv"
time_column = "time"
poll_interval = 0.1
[source.csv.metrics.vibration_rms]
unit = "mm/s"

[[source]]
name = "dead"
machine_identifier = "{machine}"
protocol = "modbus"
[source.modbus]
host = "127.0.0.1"
port = {port}
poll_interval = 0.5
[[source.modbus.registers]]
address = 0
metric_name = "vibration_rms"
unit = "mm/s"
"""


@contextmanager
def running_agent(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "agent.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "plantwright_agent", "run", "--config", str(folder / "agent.toml")],
            stdout=log,
            stderr=log,
            preexec_fn=partial(die_with_parent, signal.SIGKILL),  # noqa: PLW1509 - started from one thread
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
async def folder(
    tmp_path: Path,
    stack: Stack,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> Path:
    machine, _ = await make_machine(tenant)
    key = await make_ingest_key(databases, journal, tenant)
    text = CONFIGURATION.format(key=key, url=stack.url, machine=machine.identifier, port=free_port())
    (tmp_path / "agent.toml").write_text(text)
    (tmp_path / "agent.toml").chmod(0o600)
    (tmp_path / "rows.csv").write_text(f"time,vibration_rms\n{utc_now().isoformat()},2.5\n")
    return tmp_path


async def test_the_server_shows_a_running_agent_with_its_sources(
    folder: Path, databases: Databases, tenant: MadeTenant
) -> None:
    async def shown() -> Agent | None:
        async with databases.app.reading(tenant.id) as work:
            found = await repository.page_by_name(work, repository.AgentFilter(), None, 2)
        return found[0] if found else None

    def sources(agent: Agent) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in agent.sources}

    with running_agent(folder):
        async with asyncio.timeout(60):
            while (agent := await shown()) is None or sources(agent)["file"]["acknowledged"] != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
    assert (agent.name, agent.version, agent.state) == ("hall-3", __version__, "degraded")
    assert sources(agent)["file"]["state"] == "ok"
    assert sources(agent)["dead"]["state"] == "recoverable"
    assert sources(agent)["dead"]["last_error"]
    assert agent.uplink["state"] == "ok"
    assert agent.clock_offset_ms is not None
    assert "heartbeat not taken" not in (folder / "agent.log").read_text()
