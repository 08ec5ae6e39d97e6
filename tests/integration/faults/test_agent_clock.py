"""The clock of the agent's computer is set by an hour, and back again, while it reads and sends.

The whole agent runs in this process and looks at a clock of its own; devices, files and the server keep the right time.
"""

import asyncio
import importlib
import json
import pkgutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import ModuleType
from typing import Any

import plantwright_agent
import pytest
from plantwright.journal.service import Journal
from plantwright_agent.configuration.config import read_config
from plantwright_agent.supervision.runtime import run_agent
from plantwright_agent.supervision.supervisor import Patience
from sqlalchemy import text

from tests.agent.support import until
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import journal_rows, stored
from tests.integration.faults.four_sources import DEVICES, FILES, MODBUS, OPCUA, FourSources
from tests.integration.faults.rig import Rig
from tests.integration.faults.tap import Tap, tapped
from tests.integration.plant import Sender

HOUR = timedelta(hours=1)
HOUR_MS = 3_600_000
SLACK_MS = 2_000
OUTAGE_SECONDS = 3.0
# A clock that is off by an hour would make it 3,600.
OLD_SECONDS = 60

_GAPS = text("SELECT source, reason, start_at, end_at FROM agent_gap")
_STATES = text("SELECT state FROM agent")


class Clock:
    """Stands in for the class `datetime` in modules of the agent, and is `ahead` of the right time."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self, zone: tzinfo | None = None) -> datetime:
        return datetime.now(zone) + self.ahead

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + round(self.ahead.total_seconds() * 1000)

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)

    def __instancecheck__(self, other: object) -> bool:
        return isinstance(other, datetime)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in modules_of_the_agent():
        if getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", clock)
        if hasattr(module, "now_ms"):
            monkeypatch.setattr(module, "now_ms", clock.now_ms)
    return clock


def modules_of_the_agent() -> list[ModuleType]:
    """All of them, also those that are only loaded when a source needs them."""
    found = pkgutil.walk_packages(plantwright_agent.__path__, "plantwright_agent.")
    return [importlib.import_module(one.name) for one in found if not one.name.endswith("__main__")]


def test_the_agent_asks_no_other_clock() -> None:
    """What the fixture replaces is all there is; `time.monotonic` is not moved by setting a clock."""
    direct = [
        f"{module.__name__}: {call}"
        for module in modules_of_the_agent()
        for call in ("time.time(", "time.time_ns(", "date.today(", "utcnow(", "time.localtime(", "time.gmtime(")
        if module.__file__ and call in Path(module.__file__).read_text(encoding="utf-8")
    ]
    assert direct == ["plantwright_agent.buffer.clock: time.time_ns("]


@asynccontextmanager
async def running_agent(path: Path) -> AsyncIterator[None]:
    config = read_config(path, {}).config
    assert config is not None
    stop = asyncio.Event()
    patience = Patience(first_restart=0.2, longest_restart=1.0)
    task = asyncio.create_task(run_agent(config, stop, patience=patience))
    try:
        yield
        assert not task.done()
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


@dataclass
class Seen:
    """What the agent says of itself."""

    folder: Path

    def status(self) -> dict[str, Any]:
        """Raises FileNotFoundError before it has said anything."""
        document: dict[str, Any] = json.loads((self.folder / "buffer" / "status.json").read_text())
        return document

    def source(self, name: str) -> dict[str, Any]:
        return next(one for one in self.status()["sources"] if one["name"] == name)

    def states(self) -> dict[str, str]:
        status = self.status()
        return {one["name"]: one["state"] for one in status["sources"]} | {"uplink": status["uplink"]["state"]}

    def is_off_by(self, ahead: timedelta) -> bool:
        """Whether the last heartbeat found the clock so far ahead."""
        offset = self.status()["heartbeat"]["clock_offset_ms"]
        return offset is not None and abs(offset + ahead / timedelta(milliseconds=1)) < SLACK_MS

    def is_well(self) -> bool:
        return set(self.states().values()) == {"ok"} and self.is_off_by(timedelta())

    def has_sent(self, sources: FourSources) -> bool:
        taken = {metric: self.source(metric.partition("_")[0])["acknowledged"] for metric in FILES}
        return (
            taken == {metric: len(sources.given[metric]) for metric in FILES} and not self.status()["buffer"]["depth"]
        )


@pytest.mark.timeout(240)
@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_is_set_and_set_right_again_disturbs_nothing_but_the_times_taken_from_it(
    rig: Rig,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
    tmp_path: Path,
    clock: Clock,
    hours: int,
) -> None:
    sender = await Sender.make(rig.url, databases, journal, tenant, make_machine, [*FILES, *DEVICES])
    sources, seen = FourSources(tmp_path), Seen(tmp_path)
    async with tapped(int(rig.url.rpartition(":")[2])) as tap, sources.running():
        sources.configure(tap.url, sender.key, sender.machine.identifier)
        async with running_agent(tmp_path / "agent.toml"):
            await until(lambda: tap.lanes() == {"csv", "json", "modbus", "opcua"} and seen.is_well(), within=60)
            off_from = len(sources.given[MODBUS])
            await live_with_a_wrong_clock(rig, tap, clock, seen, hours)
            off = range(off_from, len(sources.given[MODBUS]))
            outage = await set_right_while_a_device_is_away(sources, clock, seen)
            await sources.fall_silent()
            await until(lambda: seen.has_sent(sources), within=60)
            at_the_end = {name: seen.source(name) for name in ("csv", "json", "modbus", "opcua")}
    found = {metric: await stored(databases, tenant, sender.metrics[metric]) for metric in sources.given}
    for metric in (*FILES, OPCUA):
        first = 0 if metric in FILES else min(number for _, number in found[metric])
        times = {number: milliseconds(at) for number, at in sources.given[metric].items() if number >= first}
        assert sorted(found[metric]) == sorted((at, float(number)) for number, at in times.items())
    check_modbus(sources, found[MODBUS], off, hours, at_the_end["modbus"]["dead_letters"])
    assert [at_the_end[name]["restarts"] for name in ("csv", "json", "opcua")] == [0, 0, 0]
    assert tap.lanes() == {"csv", "json", "modbus", "opcua"}
    assert tap.out_of_order() == tap.changed == []
    await check_what_the_server_shows(databases, tenant, outage)


async def live_with_a_wrong_clock(rig: Rig, tap: Tap, clock: Clock, seen: Seen, hours: int) -> None:
    """What is off is said, and the API goes away and comes back meanwhile."""
    clock.ahead = hours * HOUR
    side = "behind" if hours > 0 else "ahead of"
    words = f"the server's clock, by 1 h 0 min, is {side} this machine's clock"
    await until(lambda: seen.is_off_by(clock.ahead) and words in (seen.source("opcua")["last_error"] or ""))
    assert seen.states() | {"opcua": ""} == {"csv": "ok", "json": "ok", "modbus": "ok", "opcua": "", "uplink": "ok"}
    rig.kill_api()
    await until(lambda: seen.states()["uplink"] == "recoverable")
    sent = tap.sent
    rig.start_api()
    await until(lambda: seen.states()["uplink"] == "ok" and tap.sent > sent, within=60)


async def set_right_while_a_device_is_away(sources: FourSources, clock: Clock, seen: Seen) -> timedelta:
    """Returns how long it was away at most."""
    began = time.monotonic()
    await sources.unplug_modbus()
    await until(lambda: seen.states()["modbus"] == "recoverable")
    clock.ahead = timedelta()
    await asyncio.sleep(OUTAGE_SECONDS)
    await sources.plug_modbus_in()
    await until(seen.is_well, within=60)
    assert seen.status()["buffer"]["oldest_seconds"] < OLD_SECONDS
    return timedelta(seconds=time.monotonic() - began)


async def check_what_the_server_shows(databases: Databases, tenant: MadeTenant, outage: timedelta) -> None:
    """One outage, as long as it was, and an agent that was never silent."""
    async with databases.app.reading(tenant.id) as work:
        gaps = (await work.execute(_GAPS)).all()
        states = set((await work.execute(_STATES)).scalars())
    lengths = [gap.end_at - gap.start_at for gap in gaps]
    assert {gap.source for gap in gaps} == {"modbus"}
    assert timedelta() <= min(lengths)
    assert timedelta(seconds=OUTAGE_SECONDS) < max(lengths) < outage
    assert "silent" not in states
    assert await journal_rows(databases, tenant, "agent.silent") == []


def check_modbus(
    sources: FourSources, found: list[tuple[int, float]], off: range, hours: int, dead_letters: int
) -> None:
    """Values of a device carry the agent's time: refused when that is in the future, an hour too early otherwise."""
    at = {int(number): time_ms for time_ms, number in found}
    assert len(at) == len(found)
    shifts = {number: at[number] - milliseconds(sources.given[MODBUS][number]) for number in at}
    if hours > 0:
        assert not at.keys() & set(off[1:-1])
        assert dead_letters >= len(off[1:-1])
    else:
        assert dead_letters == 0
        assert at.keys() >= set(off)
        assert all(abs(shifts[number] + HOUR_MS) < SLACK_MS for number in off[1:-1])
    right = at.keys() - set(range(off[0] - 1, off[-1] + 20))
    assert right
    assert all(abs(shifts[number]) < SLACK_MS for number in right)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
