"""Heartbeats to a real server: when they come, what they say, and what an unwilling server changes."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from plantwright.agents import repository
from plantwright.agents.models import Agent
from plantwright.core.clock import utc_now
from plantwright.core.settings import Settings
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from plantwright_agent import __version__
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.samples import Collected, Gap
from plantwright_agent.secret import Secret
from plantwright_agent.status import Health, StatusBoard
from plantwright_agent.uplink.heartbeat import MAX_GAPS, Heartbeat, HeartbeatPace
from starlette.responses import HTMLResponse, JSONResponse

from tests.agent.heartbeat_peer import HeartbeatPeer, heartbeat_peer
from tests.agent.peer import KEY
from tests.agent.support import collected, until
from tests.agent.tls import Authority, tls_server
from tests.conftest import Databases
from tests.factories import TenantFactory
from tests.stack import running_api

QUICK = HeartbeatPace(look=0.02, settle=0.3, first_retry=0.05, longest_retry=0.2)
WELL_AFTER_SETTLING = 1.0
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def peer() -> AsyncIterator[HeartbeatPeer]:
    async with heartbeat_peer() as made:
        yield made


@pytest.fixture
async def buffer(folder: Path) -> AsyncIterator[Buffer]:
    async with Buffer(folder, 50_000_000) as made:
        await made.register("press", keep=False)
        yield made


@pytest.fixture
def board() -> StatusBoard:
    return StatusBoard(sources={"press": Health(protocol="opcua")})


def config(url: str, **changes: Any) -> AgentConfig:
    defaults: dict[str, Any] = {"api_key": Secret(KEY), "name": "hall-3", "heartbeat_interval": 3600.0}
    return AgentConfig(api_url=url, **(defaults | changes))


@asynccontextmanager
async def beating(settings: AgentConfig, buffer: Buffer, board: StatusBoard) -> AsyncIterator[None]:
    heartbeat = Heartbeat(settings, buffer, board, QUICK)
    task = asyncio.create_task(heartbeat.run())
    try:
        yield
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def gap(minutes: float, tag: str = "") -> Collected:
    return Collected(gaps=(Gap(START, START + timedelta(minutes=minutes), "the source could not be read", tag),))


async def test_the_first_one_comes_at_once_and_says_all(
    peer: HeartbeatPeer, buffer: Buffer, board: StatusBoard
) -> None:
    await buffer.add("press", collected(1.0, 2.0))
    await buffer.register("gone", keep=False)
    await buffer.add("gone", collected(3.0))
    board.sources["press"].to("recoverable", "no route to host")
    board.uplink.to("ok")
    board.last_push = START
    async with beating(config(peer.url), buffer, board):
        await until(lambda: peer.taken)
    said = peer.taken[0]
    assert (str(said.agent), said.name, said.version) == (buffer.agent, "hall-3", __version__)
    assert said.platform.startswith("Linux")
    assert (said.interval_seconds, said.clock_offset_ms, said.certificate_expires_at) == (3600.0, None, None)
    assert abs((said.sent_at - datetime.now(UTC)).total_seconds()) < 30
    assert (said.uplink.state, said.uplink.last_push) == ("ok", START)
    assert (said.buffer.depth, said.buffer.max_bytes, said.buffer.set_aside) == (3, 50_000_000, None)
    assert said.buffer.oldest_at is not None
    press, gone = said.sources
    assert (press.name, press.protocol, press.state) == ("press", "opcua", "recoverable")
    assert (press.last_error, press.depth) == ("no route to host", 2)
    assert press.last_reading is not None
    assert (gone.name, gone.state, gone.depth) == ("gone", "removed", 1)


async def test_without_a_name_it_is_the_computer_s(peer: HeartbeatPeer, buffer: Buffer, board: StatusBoard) -> None:
    async with beating(config(peer.url, name=""), buffer, board):
        await until(lambda: peer.taken)
    assert peer.taken[0].name


async def test_they_come_at_the_interval(peer: HeartbeatPeer, buffer: Buffer, board: StatusBoard) -> None:
    async with beating(config(peer.url, heartbeat_interval=1.0), buffer, board):
        await until(lambda: len(peer.taken) >= 4)
    # The second one comes early: it tells the offset of the clock.
    between = [(b.sent_at - a.sent_at).total_seconds() for a, b in zip(peer.taken[1:], peer.taken[2:], strict=False)]
    assert all(seconds >= 0.99 for seconds in between)


async def test_changes_of_state_are_told_soon_and_together(
    peer: HeartbeatPeer, buffer: Buffer, board: StatusBoard
) -> None:
    async with beating(config(peer.url), buffer, board):
        await until(lambda: len(peer.taken) == 2)
        board.sources["press"].to("recoverable", "first")
        await asyncio.sleep(0.1)
        board.sources["press"].to("permanent", "second")
        board.uplink.to("ok")
        await until(lambda: len(peer.taken) == 3)
        assert peer.taken[2].sources[0].state == "permanent"
        assert peer.taken[2].uplink.state == "ok"
        await asyncio.sleep(WELL_AFTER_SETTLING)
        assert len(peer.taken) == 3


async def test_the_offset_of_the_clock_is_measured(peer: HeartbeatPeer, buffer: Buffer, board: StatusBoard) -> None:
    peer.clock = timedelta(hours=-1)
    async with beating(config(peer.url), buffer, board):
        await until(lambda: len(peer.taken) == 2)
        assert board.heartbeat.clock_offset_ms is not None
        assert abs(board.heartbeat.clock_offset_ms + 3_600_000) < 10_000
        assert peer.taken[0].clock_offset_ms is None
        assert peer.taken[1].clock_offset_ms is not None
        assert abs(peer.taken[1].clock_offset_ms + 3_600_000) < 10_000


async def test_gaps_are_told_until_the_server_has_them(peer: HeartbeatPeer, buffer: Buffer, board: StatusBoard) -> None:
    await buffer.add("press", gap(5))
    peer.script.extend([JSONResponse({}, 503), JSONResponse({}, 500)])
    async with beating(config(peer.url, heartbeat_interval=1.0), buffer, board):
        await until(lambda: len(peer.taken) >= 2)
        assert peer.asked >= 4
        [told] = peer.taken[0].gaps
        assert (told.source, told.start, told.end) == ("press", START, START + timedelta(minutes=5))
        assert peer.taken[1].gaps == []
        await buffer.add("press", gap(6))
        await until(lambda: any(one.gaps for one in peer.taken[1:]))
        [grown] = next(one.gaps for one in peer.taken[1:] if one.gaps)
        assert (grown.id, grown.end) == (told.id, START + timedelta(minutes=6))


async def test_many_gaps_follow_each_other_without_waiting_for_the_interval(
    peer: HeartbeatPeer, buffer: Buffer, board: StatusBoard
) -> None:
    for number in range(MAX_GAPS + 7):
        await buffer.add("press", gap(5, tag=f"t{number}"))
    async with beating(config(peer.url), buffer, board):
        await until(lambda: sum(len(one.gaps) for one in peer.taken) == MAX_GAPS + 7)
    assert len(peer.taken[0].gaps) == MAX_GAPS


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (JSONResponse({"detail": "x"}, 403), "the API key lacks the scope `agent`; readings are sent all the same"),
        (JSONResponse({"detail": "This tenant has 1,000 agents"}, 409), '409: {"detail":"This tenant has 1,000 agents'),
        (HTMLResponse("<h1>Sign in</h1>"), "not as a server for agents does"),
        (JSONResponse({"server_time": "2026-03-01T12:00:00"}), "not as a server for agents does"),
    ],
)
async def test_a_refusal_is_said_once_and_overcome(
    answer: JSONResponse,
    words: str,
    peer: HeartbeatPeer,
    buffer: Buffer,
    board: StatusBoard,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "plantwright_agent")
    peer.script.extend([answer] * 4)
    async with beating(config(peer.url), buffer, board):
        await until(lambda: peer.taken)
        await until(lambda: "heartbeats are taken again" in caplog.text)
    assert caplog.text.count("heartbeat not taken") == 1
    assert words in caplog.text
    assert board.heartbeat.trouble == ""
    assert board.heartbeat.taken_at is not None
    assert board.uplink.state == "starting"


async def test_no_server_is_said_once_too(buffer: Buffer, board: StatusBoard, caplog: pytest.LogCaptureFixture) -> None:
    async with beating(config("http://127.0.0.1:9"), buffer, board):
        await until(lambda: "no answer from http://127.0.0.1:9" in caplog.text)
        await asyncio.sleep(WELL_AFTER_SETTLING)
    assert caplog.text.count("heartbeat not taken") == 1
    assert KEY not in caplog.text


async def test_the_end_of_the_client_certificate_is_announced_once_a_day(
    tmp_path: Path, buffer: Buffer, board: StatusBoard, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority(tmp_path)
    mine = authority.issue("agent", lifetime=timedelta(days=13, hours=1))
    with tls_server(authority.issue("server"), clients=authority.certificate) as server:
        settings = config(
            f"https://localhost:{server.port}",
            ca_file=authority.certificate,
            client_certificate=mine.certificate,
            client_key=mine.key,
        )
        async with beating(settings, buffer, board):
            await until(lambda: len(server.heads) >= 3)
    assert caplog.text.count("the client certificate expires on") == 1
    assert "in 13 days" in board.heartbeat.warning
    assert board.heartbeat.certificate_expires_at is not None


async def test_the_real_server_knows_the_agent_from_its_first_heartbeat(
    settings: Settings,
    databases: Databases,
    journal: Journal,
    make_tenant: TenantFactory,
    buffer: Buffer,
    board: StatusBoard,
) -> None:
    tenant = await make_tenant()
    principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", utc_now())
    async with databases.app.transaction(tenant.id) as work:
        _, key = await create_key(work, journal, principal, name="a", scopes=["ingest", "agent"], expires_at=None)
    await buffer.add("press", gap(5))

    async def shown() -> Agent | None:
        async with databases.app.reading(tenant.id) as work:
            found = await repository.page_by_name(work, repository.AgentFilter(), None, 2)
        return found[0] if found else None

    with running_api(settings) as url:
        async with beating(config(url, api_key=Secret(key)), buffer, board):
            await until(lambda: board.heartbeat.clock_offset_ms is not None)
            first = await shown()
            assert first is not None
            assert (str(first.id), first.name, first.state) == (buffer.agent, "hall-3", "online")
            board.sources["press"].to("permanent", "wrong password")
            async with asyncio.timeout(20):
                while (agent := await shown()) is None or agent.state != "degraded":  # noqa: ASYNC110 - over the network
                    await asyncio.sleep(0.1)
    assert agent.sources[0]["last_error"] == "wrong password"
    assert agent.clock_offset_ms is not None
    assert abs(agent.clock_offset_ms) < 10_000
    async with databases.app.reading(tenant.id) as work:
        [told] = await repository.gaps_newest_first(work, agent.id, None, 10)
    assert (told.source, told.start_at) == ("press", START)
    assert await buffer.gaps_to_report(10) == []
