"""What a running source survives: a frozen network, a killed session, a deleted subscription, another certificate."""

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from asyncua.common.connection import SecureConnection
from asyncua.ua.status_codes import StatusCodes
from plantwright_agent import moment
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua import reader, subscribing
from plantwright_agent.inputs.opcua.feed import MISSED, Feed
from plantwright_agent.inputs.opcua.input import OpcUa
from plantwright_agent.inputs.opcua.intake import Intake

from tests.agent.opcua_server import Plant, certificates
from tests.agent.opcua_support import config, subscribed, values
from tests.agent.peer import free_port
from tests.agent.support import buffered, rows, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Line:
    """A TCP line to a server that can be frozen (nothing passes, nothing closes) and cut (both ends are closed)."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def freeze(self) -> None:
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Line"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        try:
            yield self
        finally:
            server.close()
            self.cut()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, far_writer}
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


def port_of(plant: Plant) -> int:
    return int(plant.url.split(":")[2].split("/")[0])


@pytest.mark.parametrize("fault", ["cut", "freeze"])
async def test_a_line_that_is_broken_for_seconds_costs_no_value(
    folder: Path, pki: Path, plant: Plant, fault: str
) -> None:
    """The subscription lives on in the server; what was sent into the broken line is asked for again."""
    async with Line(port_of(plant)).open() as line:
        settings = config(pki, plant.url.replace(str(port_of(plant)), str(line.port)), timeout=1, queue_size=1000)
        async with subscribed(folder, settings) as source:
            await until(lambda: len(buffered(folder)) >= 2)
            for number in range(1, 301):
                if number == 50:
                    line.freeze()
                if number == 100:
                    line.cut()
                    if fault == "cut":
                        line.thaw()
                if number == 250:
                    line.thaw()
                await plant.write("temperature", float(number))
                await asyncio.sleep(0.02)
            await until(lambda: values(folder, "temperature")[-1:] == [300.0], within=40)
            await until(lambda: source.health.state == "ok")
            assert source.health.restarts == 0
    assert sorted(values(folder, "temperature")) == [float(number) for number in range(301)]
    assert not rows(folder, "SELECT reason FROM gap")


async def test_keys_are_renewed_while_values_flow(
    folder: Path, pki: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once an hour in a plant; here with each second."""
    monkeypatch.setattr(reader, "CHANNEL_MS", 1_300)
    renewals: list[object] = []
    renew = SecureConnection.revolve_tokens

    def counted(self: SecureConnection) -> None:
        renewals.append(self)
        renew(self)

    monkeypatch.setattr(SecureConnection, "revolve_tokens", counted)
    async with subscribed(folder, config(pki, plant.url)) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        for number in range(1, 201):
            await plant.write("temperature", float(number))
            await asyncio.sleep(0.025)
        await until(lambda: values(folder, "temperature")[-1:] == [200.0])
        assert (source.health.state, source.health.restarts) == ("ok", 0)
    assert len(renewals) > 4
    assert values(folder, "temperature") == [float(number) for number in range(201)]
    assert not rows(folder, "SELECT reason FROM gap")


@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_a_session_the_server_kills_is_begun_anew_with_a_gap(
    folder: Path, pki: Path, plant: Plant, mode: str
) -> None:
    settings = config(pki, plant.url, timeout=1, mode=mode, poll_interval=0.1)
    async with subscribed(folder, settings) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        for session in plant.sessions:
            await session.close_session(True)
        await until(lambda: source.health.restarts > 0, within=30)
        await plant.write("temperature", 5.0)
        await until(lambda: values(folder, "temperature")[-1:] == [5.0], within=30)
        await until(lambda: source.health.state == "ok")
    assert len(rows(folder, "SELECT 1 FROM gap WHERE reason = 'the source could not be read'")) == 1


async def test_a_subscription_the_server_deletes_is_made_anew(folder: Path, pki: Path, plant: Plant) -> None:
    async with subscribed(folder, config(pki, plant.url)) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        service = plant.server.iserver.subscription_service
        await service.delete_subscriptions(list(service.subscriptions))
        await plant.write("temperature", 8.0)
        await until(lambda: values(folder, "temperature")[-1:] == [8.0], within=40)
        assert source.health.restarts > 0
    assert rows(folder, "SELECT 1 FROM gap WHERE reason = 'the source could not be read'")


async def test_a_server_that_ends_the_subscription_says_why(folder: Path, pki: Path, plant: Plant) -> None:
    async with subscribed(folder, config(pki, plant.url)) as source:
        await until(lambda: len(buffered(folder)) >= 2)
        for subscription in plant.server.iserver.subscription_service.subscriptions.values():
            await subscription.enqueue_statuschange(ua.StatusCode(ua.UInt32(StatusCodes.BadTimeout)))
        await plant.write("temperature", 9.0)
        await until(lambda: source.health.restarts > 0, within=30)
        assert "the server ended the subscription: BadTimeout" in (source.health.error or "")


async def test_a_server_with_a_new_certificate_is_not_talked_to_until_it_is_trusted(
    folder: Path, pki: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "RESUME_SECONDS", 3.0)
    store = tmp_path / "server"
    shutil.copytree(pki, store)
    await certificates(store, "renewed")
    before = Plant(store, free_port())
    after = Plant(store, port_of(before), certificate="renewed")
    (tmp_path / "trust" / "trusted").mkdir(parents=True)
    pinned = tmp_path / "trust" / "trusted" / f"127.0.0.1_{port_of(before)}.der"
    shutil.copy(store / "server.der", pinned)
    await before.start()
    settings = config(pki, before.url, timeout=1, server_certificate=None, trust_dir=tmp_path / "trust")
    async with subscribed(folder, settings) as source:
        await until(lambda: source.health.state == "ok")
        await before.stop()
        await after.start()
        await after.write("temperature", 3.0)
        await until(lambda: source.health.state == "permanent", within=90)
        assert "shows another certificate than the trusted one" in (source.health.error or "")
        assert not values(folder, "temperature")[1:]
        shutil.copy(store / "renewed.der", pinned)
        await until(lambda: values(folder, "temperature")[-1:] == [3.0])
    await after.stop()


async def test_a_server_that_is_killed_and_comes_back(folder: Path, pki: Path) -> None:
    """As a process of its own, so that nothing of it says goodbye."""
    port = free_port()
    url = f"opc.tcp://127.0.0.1:{port}/plant"

    async def launch() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.agent.opcua_server", str(pki), str(port)
        )

    process = await launch()
    async with subscribed(folder, config(pki, url, timeout=1)) as source:
        await until(lambda: len(values(folder, "level")) > 20, within=40)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await until(lambda: source.health.state == "recoverable")
        stored = len(values(folder, "level"))
        process = await launch()
        await until(lambda: len(values(folder, "level")) > stored + 20, within=90)
        await until(lambda: source.health.state == "ok")
    process.terminate()
    await process.wait()
    assert len(rows(folder, "SELECT 1 FROM gap")) == 1


async def test_a_server_that_accepts_and_never_answers_is_given_up_in_time(pki: Path) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(swallow, "127.0.0.1", free_port())
    port = silent.sockets[0].getsockname()[1]
    with pytest.raises(RetryableInputError, match="no answer in time"):
        await OpcUa(config(pki, f"opc.tcp://127.0.0.1:{port}", timeout=0.5), "M").start()
    silent.close()


async def test_something_that_is_no_opcua_server_is_refused(pki: Path) -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    web = await asyncio.start_server(chatter, "127.0.0.1", free_port())
    port = web.sockets[0].getsockname()[1]
    with pytest.raises((RetryableInputError, PermanentInputError)):
        await OpcUa(config(pki, f"opc.tcp://127.0.0.1:{port}", timeout=0.5), "M").start()
    web.close()


class Numbered:
    """The part of a session a feed talks to; `kept` is what it can still give again."""

    authentication_token = "token"
    _publish_task = None

    def __init__(self, kept: dict[int, ua.NotificationMessage]) -> None:
        self.kept = kept

    async def republish(self, _: int, number: int) -> ua.NotificationMessage:
        return self.kept.get(number, ua.NotificationMessage())


def message(number: int) -> ua.NotificationMessage:
    return ua.NotificationMessage(ua.Counter(number), NotificationData=[ua.DataChangeNotification()])


async def test_messages_are_counted_across_the_turn_of_the_number() -> None:
    taken: list[object] = []
    feed = Feed(Numbered({}), ua.CreateSubscriptionParameters(), taken.append)  # type: ignore[arg-type]
    feed._next = 0xFFFFFFFF
    for number in (0xFFFFFFFF, 1, 4):
        await feed.publish_callback(ua.PublishResult(NotificationMessage=message(number)))
    assert len(taken) == 3
    [gap] = feed.gaps()
    assert (gap.reason, gap.count) == (MISSED, 2)
    assert not feed.gaps()


async def test_what_was_under_way_is_fetched_and_only_the_rest_is_a_gap() -> None:
    taken: list[object] = []
    session = Numbered({2: message(2), 5: message(5)})
    feed = Feed(session, ua.CreateSubscriptionParameters(), taken.append)  # type: ignore[arg-type]
    await feed.publish_callback(ua.PublishResult(NotificationMessage=message(1)))
    await feed.lose(ConnectionError())
    await feed.publish_callback(ua.PublishResult(NotificationMessage=message(4)))
    assert not feed.gaps()
    await feed.restore()
    assert not feed.lost
    assert len(taken) == 4
    assert [gap.count for gap in feed.gaps()] == [1]


async def test_the_clock_of_the_server_is_told_by_its_messages() -> None:
    feed = Feed(Numbered({}), ua.CreateSubscriptionParameters(), lambda _: None)  # type: ignore[arg-type]
    for hours in (1, -1):
        published = ua.DateTime.now(UTC) + timedelta(hours=hours)
        notification = ua.NotificationMessage(ua.Counter(1), ua.DateTime.fromtimestamp(published.timestamp(), UTC), [])
        await feed.publish_callback(ua.PublishResult(NotificationMessage=notification))
        assert round(feed.clock_ahead_seconds) == hours * 3600


async def test_another_session_ends_the_feed() -> None:
    session = Numbered({})
    feed = Feed(session, ua.CreateSubscriptionParameters(), lambda _: None)  # type: ignore[arg-type]
    await feed.lose(ConnectionError())
    session.authentication_token = "another"
    await feed.restore()
    assert feed.why_ended() == "the server has begun a new session"


@pytest.mark.parametrize("hours", [1, -1])
async def test_how_long_a_lost_line_is_waited_for_does_not_follow_the_clock(
    pki: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    class Set(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Set":
            return cls.fromtimestamp(datetime.now(tz).timestamp() + hours * 3600, tz)

    settings = config(pki, "opc.tcp://plc:4840")
    way = subscribing.Subscribing(settings, Intake(settings, "M"))
    feed = way._feed = Feed(Numbered({}), ua.CreateSubscriptionParameters(), lambda _: None)  # type: ignore[arg-type]
    await feed.lose(ConnectionError())
    for module in (moment, subscribing):
        monkeypatch.setattr(module, "datetime", Set)
    assert way.ended() == ""
    feed.heard_at = replace(feed.heard_at, ticks=feed.heard_at.ticks - subscribing.RESUME_SECONDS - 1)
    assert way.ended() == subscribing.LOST
