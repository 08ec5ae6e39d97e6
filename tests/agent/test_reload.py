"""A changed configuration touches only what it changes; a bad one touches nothing."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from plantwright_agent.configuration.config import read_config
from plantwright_agent.supervision.reload import ConfigWatch
from plantwright_agent.supervision.runtime import run_agent
from plantwright_agent.supervision.supervisor import Patience

from tests.agent.peer import KEY, Peer, free_port, source_of
from tests.agent.support import rows, until

PERIOD = 0.1
CSV = """
[[source]]
name = "{name}"
machine_identifier = "{machine}"
protocol = "csv"
[source.csv]
path = "{name}.csv"
time_column = "time"
poll_interval = 0.1
"""


@dataclass
class Site:
    """An agent that runs in this process, and the files it reads."""

    folder: Path
    url: str
    agent: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    watch: ConfigWatch | None = None

    @property
    def path(self) -> Path:
        return self.folder / "agent.toml"

    def text(self) -> str:
        keys = {"push_interval": "0.1"} | dict(line.split(" = ", 1) for line in self.agent.splitlines() if line)
        head = f'[agent]\napi_key = "{KEY}"\napi_url = "{self.url}"\nbuffer_dir = "buffer"\n'
        return head + "".join(f"{key} = {value}\n" for key, value in keys.items()) + "".join(self.sources.values())

    def write(self) -> None:
        self.path.write_text(self.text(), encoding="utf-8")

    def add(self, name: str, machine: str = "M") -> None:
        self.sources[name] = CSV.format(name=name, machine=machine)

    def measure(self, name: str, *values: float) -> None:
        path = self.folder / f"{name}.csv"
        old = path.read_text() if path.exists() else "time,x\n"
        lines = old.count("\n")
        path.write_text(
            old + "".join(f"2026-01-01T00:{lines:02}:{index:02}Z,{value}\n" for index, value in enumerate(values))
        )

    def status(self) -> dict[str, Any]:
        path = self.folder / "buffer" / "status.json"
        document: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return document

    def problems(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.status()["configuration"]["problems"]
        return found


@asynccontextmanager
async def running(site: Site, patience: Patience | None = None) -> AsyncIterator[None]:
    site.write()
    outcome = read_config(site.path, {})
    assert outcome.config is not None, outcome.problems
    site.watch = ConfigWatch(site.path, {}, outcome, PERIOD)
    stop = asyncio.Event()
    task = asyncio.create_task(run_agent(outcome.config, stop, watch=site.watch, patience=patience))
    try:
        await until(lambda: task.done() or site.status())
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


@pytest.fixture
def site(tmp_path: Path, peer: Peer) -> Site:
    site = Site(tmp_path, peer.url)
    site.add("a")
    site.add("b")
    for name in ("a", "b", "c"):
        site.measure(name, 1.0)
    return site


def states(site: Site) -> dict[str, str]:
    return {source["name"]: source["state"] for source in site.status().get("sources", [])}


def since(site: Site, name: str) -> str:
    [source] = [source for source in site.status()["sources"] if source["name"] == name]
    return str(source["since"])


async def test_only_what_has_changed_is_touched(site: Site, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with running(site):
        await until(lambda: states(site) == {"a": "ok", "b": "ok"})
        before = since(site, "a")
        site.add("b", machine="M2")
        site.add("c")
        site.write()
        await until(lambda: states(site) == {"a": "ok", "b": "ok", "c": "ok"})
        site.measure("b", 2.0)
        await until(lambda: 2.0 in peer.values("b"))
        assert since(site, "a") == before
        del site.sources["a"]
        site.write()
        await until(lambda: states(site) == {"b": "ok", "c": "ok"})
    assert peer.values("a") == [1.0]
    assert sorted(peer.values("b")) == [1.0, 2.0]
    told = [text for text in caplog.messages if text.startswith(("source changed", "source added", "source removed"))]
    assert sorted(told) == ["source added: source=c", "source changed: source=b", "source removed: source=a"]
    assert [item["machine_identifier"] for key in peer.order if source_of(key) == "b" for item in peer.stored[key]] == [
        "M",
        "M2",
    ]


async def test_a_file_in_the_folder_of_sources_comes_and_goes(site: Site, peer: Peer) -> None:
    folder = site.folder / "sources.d"
    async with running(site):
        await until(lambda: len(states(site)) == 2)
        folder.mkdir()
        file = folder / "c.yaml"
        file.write_text("name: c\nmachine_identifier: M\nprotocol: csv\ncsv: {path: c.csv, time_column: time}\n")
        await until(lambda: states(site).get("c") == "ok")
        await until(lambda: peer.values("c") == [1.0])
        file.unlink()
        await until(lambda: "c" not in states(site))


async def test_a_bad_file_is_refused_whole_while_the_old_one_runs_on(
    site: Site, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(site):
        await until(lambda: states(site) == {"a": "ok", "b": "ok"})
        before = since(site, "a")
        loaded_at = site.status()["configuration"]["loaded_at"]
        good = dict(site.sources)
        site.sources["b"] = good["b"].replace("time_column", "time_colum")
        site.sources["a"] = CSV.format(name="a", machine="M9")
        site.write()
        await until(site.problems)
        assert site.status()["configuration"]["state"] == "refused"
        assert site.status()["configuration"]["loaded_at"] == loaded_at
        [missing, unknown] = site.problems()
        assert (unknown["file"], unknown["key"]) == (str(site.path), "source[1].csv.time_colum")
        assert site.path.read_text().splitlines()[unknown["line"] - 1].startswith("time_colum ")
        assert 'did you mean "time_column"?' in unknown["reason"]
        assert missing["reason"] == "is missing"
        assert any(f"{site.path}:{unknown['line']}: source[1].csv.time_colum: " in text for text in caplog.messages)
        site.measure("a", 7.0)
        await until(lambda: 7.0 in peer.values("a"))
        assert since(site, "a") == before
        site.sources = good
        site.write()
        await until(lambda: not site.problems())
        assert site.status()["configuration"]["state"] == "ok"
        assert since(site, "a") == before


async def test_a_file_that_is_gone_is_refused_too(site: Site) -> None:
    async with running(site):
        await until(lambda: len(states(site)) == 2)
        site.path.unlink()
        await until(site.problems)
        assert "cannot be read" in site.problems()[0]["reason"]
        assert states(site) == {"a": "ok", "b": "ok"}


async def test_settings_of_the_agent_change_while_it_runs(site: Site, peer: Peer) -> None:
    other = Peer(free_port())
    other.up()
    try:
        async with running(site):
            await until(lambda: peer.values("a") == [1.0] and states(site) == {"a": "ok", "b": "ok"})
            before = since(site, "a")
            site.url = other.url
            site.agent = 'push_interval = 0.2\nlog_level = "error"'
            site.write()
            await until(lambda: logging.getLogger().level == logging.ERROR)
            site.measure("a", 2.0)
            await until(lambda: other.values("a") == [2.0])
            assert since(site, "a") == before
        assert peer.values("a") == [1.0]
    finally:
        other.down()
        logging.getLogger().setLevel(logging.WARNING)


async def test_an_answer_under_way_is_not_lost_when_the_uplink_starts_anew(site: Site, peer: Peer) -> None:
    peer.delay = 1.0
    async with running(site):
        await until(lambda: peer.requests)
        site.agent = "push_interval = 0.3"
        site.write()
        peer.delay = 0.0
        await until(lambda: peer.values("a") == [1.0] and peer.values("b") == [1.0])
        site.measure("a", 2.0)
        await until(lambda: peer.values("a") == [1.0, 2.0])
    assert peer.conflicts == []


async def test_what_needs_a_restart_is_refused_and_says_so(site: Site) -> None:
    async with running(site):
        await until(lambda: len(states(site)) == 2)
        site.agent = "max_buffer_mb = 7"
        site.add("a", machine="M9")
        site.write()
        await until(site.problems)
        [problem] = site.problems()
        assert (problem["key"], problem["line"]) == ("agent.max_buffer_mb", 6)
        assert "restart" in problem["reason"]


async def test_a_half_written_file_is_not_read(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    async with running(site):
        await until(lambda: len(states(site)) == 2)
        site.add("c")
        text = site.text()
        for length in range(0, len(text), len(text) // 12):
            site.path.write_text(text[:length])
            await asyncio.sleep(PERIOD / 2)
        site.write()
        await until(lambda: states(site).get("c") == "ok")
    assert not [text for text in caplog.messages if "refused" in text]


async def test_a_request_is_answered_at_once_even_without_a_change(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with running(site):
        await until(lambda: states(site) == {"a": "ok", "b": "ok"})
        before = since(site, "a")
        assert site.watch is not None
        site.watch.hurry()
        await until(lambda: "configuration read again: nothing has changed" in caplog.messages)
        assert since(site, "a") == before


async def test_a_change_while_the_agent_starts_is_not_missed(site: Site) -> None:
    site.write()
    first = read_config(site.path, {})
    site.add("c")
    site.write()
    outcome = await asyncio.wait_for(ConfigWatch(site.path, {}, first, PERIOD).next(), 20)
    assert outcome.config is not None
    assert [source.name for source in outcome.config.source] == ["a", "b", "c"]


async def test_a_changed_device_leaves_a_gap_for_the_time_between(site: Site, tmp_path: Path) -> None:
    text = """
[[source]]
name = "drive"
machine_identifier = "M"
protocol = "modbus"
[source.modbus]
host = "127.0.0.1"
port = {port}
registers = [{{ address = 0, metric_name = "current" }}]
"""
    site.sources["drive"] = text.format(port=free_port())
    async with running(site, Patience(first_restart=0.1, longest_restart=0.2)):
        await until(lambda: states(site).get("drive") == "recoverable")
        site.sources["drive"] = text.format(port=free_port())
        site.write()
        await asyncio.sleep(0.5)
        await until(lambda: states(site).get("drive") == "recoverable")
    gaps = rows(tmp_path / "buffer", "SELECT reason, end_ms - start_ms FROM gap")
    assert [reason for reason, _ in gaps] == ["the source could not be read"]
    assert gaps[0][1] > 400
