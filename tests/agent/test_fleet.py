"""Sources that hang, whatever they hang in, hold up neither a change nor a stop; and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.inputs.contract import Positions
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.samples import Collected
from plantwright_agent.status import StatusBoard
from plantwright_agent.supervision.fleet import Fleet
from plantwright_agent.supervision.supervisor import RECONFIGURED, Patience

from tests.agent.support import buffered, collected, rows, until

PATIENCE = Patience(first_restart=0.1, longest_restart=0.3, stop=0.3)


class Stubborn:
    """Hangs in one of its steps, and not even a cancellation moves it until `free` is set."""

    def __init__(self, step: str, free: asyncio.Event) -> None:
        self._step = step
        self._free = free
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        await self._hang("start")

    async def collect(self) -> AsyncIterator[Collected]:
        yield collected(1.0)
        await self._hang("collect")
        await self._stopping.wait()
        yield collected(2.0)

    async def stop(self) -> None:
        self._stopping.set()
        await self._hang("stop")

    async def _hang(self, step: str) -> None:
        while step == self._step and not self._free.is_set():
            try:
                await self._free.wait()
            except asyncio.CancelledError:
                continue


def guard(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(work, name=name)


def config(name: str, host: str = "10.0.0.1", **settings: Any) -> SourceConfig:
    registers = [{"address": 0, "metric_name": "x"}]
    values = {"name": name, "protocol": "modbus", "modbus": {"host": host, "registers": registers}, **settings}
    return msgspec.convert(values, SourceConfig)


@pytest.fixture
async def free() -> AsyncIterator[asyncio.Event]:
    event = asyncio.Event()
    yield event
    event.set()
    await asyncio.sleep(0.05)


async def test_a_source_that_hangs_holds_up_nothing(
    folder: Path, free: asyncio.Event, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def build(source: SourceConfig, _: Positions) -> Stubborn:
        return Stubborn(source.name, free)

    monkeypatch.setattr("plantwright_agent.supervision.fleet.build_input", build)
    board = StatusBoard()
    async with Buffer(folder, 50_000_000) as buffer:
        fleet = Fleet(buffer, board, PATIENCE, guard)
        names = ["start", "collect", "stop", "well"]
        await fleet.begin([config(name) for name in names])
        await until(lambda: len(buffered(folder)) == 3)
        well = board.sources["well"]
        await asyncio.wait_for(
            fleet.change_to([*(config(name, host="10.0.0.2") for name in names[:3]), config("well")]), 10
        )
        assert board.sources["well"] is well
        assert set(board.sources) == set(names)
        await until(lambda: len(buffered(folder)) >= 5)
        await asyncio.wait_for(fleet.end(), 10)
        assert well.state == "stopped"
        assert [reading["value"] for reading in buffered(folder)].count(2.0) >= 1
        told = {text.rpartition("=")[2] for text in caplog.messages if "left behind" in text}
        assert told >= {"collect", "stop"}


async def test_a_device_started_anew_has_a_gap_from_its_stop_to_its_start(
    folder: Path, free: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "plantwright_agent.supervision.fleet.build_input", lambda source, _: Stubborn(source.name, free)
    )
    board = StatusBoard()
    async with Buffer(folder, 50_000_000) as buffer:
        fleet = Fleet(buffer, board, PATIENCE, guard)
        await fleet.begin([config("s")])
        await until(lambda: buffered(folder))
        await fleet.change_to([config("s", host="10.0.0.2")])
        await until(lambda: len(buffered(folder)) == 3)
        await fleet.end()
    [(reason, start, end)] = rows(folder, "SELECT reason, start_ms, end_ms FROM gap")
    assert reason == RECONFIGURED
    assert end >= start
