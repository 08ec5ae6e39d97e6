"""Sources under their supervisor: faults of one stay its own, a stop loses nothing, gaps tell of every downtime."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from plantwright_agent.backoff import Backoff
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.moment import Moment
from plantwright_agent.samples import Collected
from plantwright_agent.status import Health
from plantwright_agent.supervision.supervisor import AGENT_DOWN, SourceTask

from tests.agent.support import QUICK, buffered, collected, rows, running, until


class Scripted:
    """An input that does what each of its lives is told, then goes on counting until stopped."""

    def __init__(self, fault: Exception | None, *, at_start: bool = False) -> None:
        self._fault = fault
        self._at_start = at_start
        self._stopping = asyncio.Event()
        self.held = 0

    async def start(self) -> None:
        if self._fault is not None and self._at_start:
            raise self._fault

    async def collect(self) -> AsyncIterator[Collected]:
        yield collected(1.0)
        if self._fault is not None:
            raise self._fault
        await self._stopping.wait()
        for number in range(self.held):
            yield collected(float(100 + number))

    async def stop(self) -> None:
        self._stopping.set()


class Slow(Scripted):
    """Takes its time to connect."""

    def __init__(self, fault: Exception | None) -> None:
        super().__init__(fault)
        self.connected = asyncio.Event()

    async def start(self) -> None:
        await self.connected.wait()


def lives(*inputs: Scripted) -> Callable[[Buffer], Scripted]:
    queue = list(inputs)
    return lambda _: queue.pop(0) if len(queue) > 1 else queue[0]


@pytest.mark.parametrize("at_start", [True, False])
@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (RetryableInputError("not now"), "recoverable"),
        (PermanentInputError("not ever"), "permanent"),
        (ZeroDivisionError("a bug"), "recoverable"),
    ],
)
async def test_a_failed_source_says_so_and_starts_again(
    folder: Path, fault: Exception, state: str, at_start: bool
) -> None:
    seen: list[str] = []
    build = lives(Scripted(fault, at_start=at_start), Scripted(None))
    async with running(folder, "s", build, live=True) as (source, _):

        def restarted() -> bool:
            seen.append(source.health.state)
            return source.health.restarts == 1

        await until(restarted)
        await until(lambda: source.health.state == "ok")
    assert state in seen
    assert source.health.state == "stopped"
    [(reason, start, end)] = rows(folder, "SELECT reason, start_ms, end_ms FROM gap")
    assert reason == "the source could not be read"
    assert end - start >= 50


async def test_one_bad_source_does_not_stop_another(folder: Path) -> None:
    async with Buffer(folder, 1_000_000) as buffer:
        await buffer.register("bad", keep=False)
        bad = SourceTask("bad", lambda: Scripted(OSError("boom")), buffer, live=True, patience=QUICK)
        task = asyncio.create_task(bad.run())
        good = SourceTask("good", lambda: Scripted(None), buffer, live=True, patience=QUICK)
        await buffer.register("good", keep=False)
        other = asyncio.create_task(good.run())
        await until(lambda: bad.health.restarts >= 3)
        assert good.health.state == "ok"
        assert not task.done()
        await asyncio.gather(bad.stop(), good.stop())
        await asyncio.gather(task, other)


async def test_a_stop_stores_what_the_input_still_holds(folder: Path) -> None:
    source_input = Scripted(None)
    source_input.held = 5
    async with running(folder, "s", lives(source_input), live=True):
        await until(lambda: buffered(folder))
    assert [item["value"] for item in buffered(folder)] == [1, 100, 101, 102, 103, 104]


async def test_a_stop_does_not_wait_for_a_start_that_hangs(folder: Path) -> None:
    class Hanging(Scripted):
        async def start(self) -> None:
            await asyncio.sleep(3600)

    before = asyncio.get_running_loop().time()
    async with running(folder, "s", lives(Hanging(None)), live=True):
        await asyncio.sleep(0.05)
    assert asyncio.get_running_loop().time() - before < 2


@pytest.mark.parametrize("live", [False, True])
async def test_a_full_disk_holds_the_source_and_loses_nothing(folder: Path, live: bool) -> None:
    """A device is not asked meanwhile, so for it that time is a gap."""
    source_input = Scripted(None)
    source_input.held = 500
    async with running(folder, "s", lives(source_input), live=live) as (source, buffer):
        await until(lambda: buffered(folder))
        database = buffer._store._db
        await buffer._run(lambda: database.execute("PRAGMA max_page_count = 1"))
        await source_input.stop()
        await until(lambda: source.health.state == "recoverable")
        assert "the buffer cannot be written" in source.health.error
        await buffer._run(lambda: database.execute("PRAGMA max_page_count = 100000"))
        await until(lambda: source.health.restarts == 1)
        assert [item["value"] for item in buffered(folder)][:501] == [1, *range(100, 600)]
        found = [reason for (reason,) in rows(folder, "SELECT DISTINCT reason FROM gap")]
        assert found == (["the buffer could not take values"] if live else [])


async def test_the_time_the_agent_was_not_running_is_a_gap(folder: Path) -> None:
    async with Buffer(folder, 1_000_000) as buffer:
        await buffer.register("s", keep=False)
        since = Moment.past(datetime.now(UTC) - timedelta(hours=1))
        slow = Slow(None)
        source = SourceTask("s", lambda: slow, buffer, live=True, unread=(since, AGENT_DOWN), patience=QUICK)
        task = asyncio.create_task(source.run())
        await until(lambda: rows(folder, "SELECT 1 FROM gap"))
        await asyncio.sleep(0.2)
        before = datetime.now(UTC)
        slow.connected.set()
        await until(lambda: source.health.state == "ok")
        await source.stop()
        await task
    [(reason, end, length)] = rows(folder, "SELECT reason, end_ms, end_ms - start_ms FROM gap")
    assert reason == "the agent was not running"
    assert length >= 3_600_000
    assert end >= int(before.timestamp() * 1000)


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_gap_is_as_long_as_the_downtime_even_when_the_clock_jumps(
    folder: Path, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    class Jumped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Jumped":
            return cls.fromtimestamp(datetime.now(tz).timestamp() + hours * 3600, tz)

    build = lives(*[Scripted(RetryableInputError("down"), at_start=True)] * 5, Scripted(None))
    async with running(folder, "s", build, live=True) as (source, _):
        await until(lambda: source.health.restarts >= 2)
        monkeypatch.setattr("plantwright_agent.moment.datetime", Jumped)
        await until(lambda: source.health.state == "ok")
    [(start, end)] = rows(folder, "SELECT start_ms, end_ms FROM gap")
    assert 50 <= end - start < 60_000


async def test_a_gap_is_told_even_when_the_clock_went_back_behind_its_beginning(folder: Path) -> None:
    """How long it really was nobody knows; that there was one must be seen."""
    began = datetime.now(UTC)
    async with Buffer(folder, 1_000_000) as buffer:
        await buffer.register("s", keep=False)
        since = Moment.past(began + timedelta(hours=1))
        source = SourceTask("s", lambda: Scripted(None), buffer, live=True, unread=(since, AGENT_DOWN), patience=QUICK)
        task = asyncio.create_task(source.run())
        await until(lambda: source.health.state == "ok")
        await source.stop()
        await task
    [(reason, start, end)] = rows(folder, "SELECT reason, start_ms, end_ms FROM gap")
    assert reason == "the agent was not running"
    assert int(began.timestamp() * 1000) <= start <= end


async def test_a_live_source_waits_for_room_when_told_to(folder: Path) -> None:
    class Full:
        def __init__(self) -> None:
            self.room = asyncio.Event()
            self.added: list[Collected] = []

        async def add(self, stream: str, collected: Collected) -> None:  # noqa: ARG002 - the contract's signature
            assert self.room.is_set()
            self.added.append(collected)

        async def wait_for_room(self) -> None:
            await self.room.wait()

    sink = Full()
    source = SourceTask("s", lambda: Scripted(None), sink, live=True, waits=True, patience=QUICK)
    task = asyncio.create_task(source.run())
    await asyncio.sleep(0.2)
    assert sink.added == []
    sink.room.set()
    await until(lambda: len(sink.added) == 2)
    [gap] = sink.added[1].gaps
    assert gap.reason == "the buffer could not take values"
    assert gap.end - gap.start >= timedelta(seconds=0.1)
    await source.stop()
    await task


def test_the_status_machine_has_no_way_out_of_stopped() -> None:
    health = Health()
    assert health.to("ok")
    assert not health.to("ok")
    assert health.to("stopping")
    with pytest.raises(ValueError, match="no step from stopping to ok"):
        health.to("ok")


def test_waits_are_spread_and_capped() -> None:
    backoff = Backoff(first=1.0, cap=15.0)
    waits = [backoff.next() for _ in range(200)]
    assert waits[0] <= 1.0
    assert max(waits) <= 15.0
    assert len(set(waits)) > 190
    backoff.reset()
    assert backoff.next() <= 1.0
