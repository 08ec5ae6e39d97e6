"""What the status file says, and how old it is, whatever is done to the clock."""

import json
import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from plantwright_agent import status
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.errors import Problem
from plantwright_agent.status import FILE, ConfigurationStatus, Health, StatusBoard, age

from tests.agent.support import collected


def jump(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    class Jumped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Jumped":
            moment = datetime.now(tz) + timedelta(hours=hours)
            return cls.fromtimestamp(moment.timestamp(), tz)

    monkeypatch.setattr(status, "datetime", Jumped)


async def written(board: StatusBoard, folder: Path) -> dict[str, Any]:
    async with Buffer(folder, 10_000_000) as buffer:
        for name in board.sources:
            await buffer.register(name, keep=False)
        await buffer.register("gone", keep=False)
        await buffer.register("gone-and-sent", keep=False)
        await buffer.add("gone", collected(1.0))
        await board.write(folder, buffer)
    document: dict[str, Any] = json.loads((folder / FILE).read_text())
    return document


async def test_it_tells_of_a_hundred_sources_and_of_what_a_removed_one_left_behind(folder: Path) -> None:
    board = StatusBoard(sources={f"s{number}": Health(protocol="modbus") for number in range(100)})
    board.sources["s7"].to("recoverable", "no answer from 10.0.0.7")
    document = await written(board, folder)
    sources = {source["name"]: source for source in document["sources"]}
    assert len(sources) == 101
    assert (sources["s7"]["state"], sources["s7"]["last_error"]) == ("recoverable", "no answer from 10.0.0.7")
    assert (sources["s8"]["state"], sources["s8"]["protocol"]) == ("starting", "modbus")
    assert (sources["gone"]["state"], sources["gone"]["depth"]) == ("removed", 1)
    assert age(document) < 60


async def test_it_tells_which_configuration_is_in_use_and_why_another_is_not(folder: Path) -> None:
    board = StatusBoard()
    board.configuration = ConfigurationStatus(file=Path("/etc/plantwright/agent.toml"))
    assert (await written(board, folder))["configuration"]["state"] == "ok"
    board.configuration.problems = [Problem(Path("/etc/plantwright/agent.toml"), 3, "agent.api_url", "use https")]
    told = (await written(board, folder))["configuration"]
    assert told["state"] == "refused"
    assert told["problems"] == [
        {"file": "/etc/plantwright/agent.toml", "line": 3, "key": "agent.api_url", "reason": "use https"}
    ]


@pytest.mark.parametrize("hours", [1, -1])
def test_how_long_a_state_has_lasted_does_not_follow_the_clock(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    health = Health()
    jump(monkeypatch, hours)
    assert 0 <= health.seconds < 60
    health.to("ok")
    assert abs((health.since - datetime.now(UTC)).total_seconds() - hours * 3600) < 60
    assert 0 <= health.seconds < 60


@pytest.mark.parametrize("hours", [1, -1])
async def test_the_age_of_a_status_does_not_follow_the_clock(
    folder: Path, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    document = await written(StatusBoard(), folder)
    jump(monkeypatch, hours)
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert 0 <= age(document) < 60
    assert age(document | {"ticks": time.monotonic() - 300}) >= 300
    assert age(document | {"boot": "another"}) == math.inf
