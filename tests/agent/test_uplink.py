"""The uplink against a real HTTP server that goes away, refuses, stumbles, and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from plantwright_agent.buffer import Buffer
from plantwright_agent.config import AgentConfig
from plantwright_agent.secret import Secret
from plantwright_agent.status import StatusBoard
from plantwright_agent.uplink import Pace, Uplink
from plantwright_agent.wire import COLUMNS, JSON
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from tests.agent.peer import KEY, Peer
from tests.agent.support import collected, rows, until

QUICK = Pace(first_retry=0.1, refused_key=0.3)


@asynccontextmanager
async def pushing(
    folder: Path, peer: Peer, key: str = KEY, push_interval: float = 0.05, batch_size: int = 10
) -> AsyncIterator[tuple[Buffer, StatusBoard]]:
    config = AgentConfig(
        api_key=Secret(key), api_url=peer.url, push_interval=push_interval, batch_size=batch_size, retry_cap=1.0
    )
    board = StatusBoard()
    async with Buffer(folder, 50_000_000) as buffer:
        for stream in ("a", "b"):
            await buffer.register(stream, keep=False)
        task = asyncio.create_task(Uplink(config, buffer, board, QUICK).run())
        try:
            yield buffer, board
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def add(buffer: Buffer, stream: str, numbers: range) -> None:
    for number in numbers:
        await buffer.add(stream, collected(float(number)))


async def test_after_an_outage_all_arrives_oldest_first_and_once(folder: Path, peer: Peer) -> None:
    async with pushing(folder, peer) as (buffer, board):
        await add(buffer, "a", range(25))
        await until(lambda: len(peer.values()) == 25)
        peer.down()
        await add(buffer, "a", range(25, 60))
        await until(lambda: board.uplink.state == "recoverable")
        assert "no answer from" in board.uplink.error
        assert sum((await buffer.depths()).values()) == 35
        peer.up()
        await until(lambda: len(peer.values()) == 60)
        await until(lambda: board.uplink.state == "ok")
        await until(lambda: rows(folder, "SELECT 1 FROM reading") == [])
        assert peer.values("a") == [float(number) for number in range(60)]
        assert peer.conflicts == []


async def test_an_answer_that_got_lost_is_asked_for_again_under_the_same_sequence(folder: Path, peer: Peer) -> None:
    async with pushing(folder, peer) as (buffer, _):
        peer.script += [PlainTextResponse("gateway", 504), PlainTextResponse("busy", 503)]
        await add(buffer, "a", range(5))
        await until(lambda: len(peer.values()) == 5)
        first = [key for _, key in peer.requests[:3]]
        assert len(set(first)) == 1
        assert peer.conflicts == []


async def test_streams_take_turns(folder: Path, peer: Peer) -> None:
    peer.down()
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(40))
        await add(buffer, "b", range(40))
        peer.up()
        await until(lambda: len(peer.values()) == 80)
    streams = [stream for _, stream, _ in peer.order]
    assert set(streams[:2]) == set(streams[2:4]) == {"a", "b"}
    assert peer.values("a") == peer.values("b") == [float(number) for number in range(40)]


async def test_a_partial_answer_sets_the_rejected_aside_and_keeps_nothing_else(folder: Path, peer: Peer) -> None:
    peer.reject = lambda reading: "Machine not found" if reading["value"] in {2.0, 4.0} else None
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(6))
        await until(lambda: len(peer.values()) == 6)
        await until(lambda: len(rows(folder, "SELECT 1 FROM dead_letter")) == 2)
        letters = rows(folder, "SELECT origin, reason, text FROM dead_letter ORDER BY id")
        assert [(origin, reason) for origin, reason, _ in letters] == [("server", "Machine not found")] * 2
        assert ['"value":2.0' in letters[0][2], '"value":4.0' in letters[1][2]] == [True, True]
        assert await buffer.depths() == {}


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_refused_batch_is_set_aside_and_the_next_one_goes(folder: Path, peer: Peer, status: int) -> None:
    peer.script.append(JSONResponse({"detail": "wrong shape"}, status))
    async with pushing(folder, peer, batch_size=3) as (buffer, _):
        await buffer.add("a", collected(0.0, 1.0, 2.0))
        await until(lambda: peer.requests)
        await buffer.add("a", collected(3.0))
        await until(lambda: peer.values() == [3.0])
        reasons = rows(folder, "SELECT DISTINCT reason, count(*) FROM dead_letter")
        assert reasons == [(f'refused by the server with {status}: {{"detail":"wrong shape"}}', 3)]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_raises_status_keeps_all_and_is_tried_slowly(folder: Path, peer: Peer, status: int) -> None:
    peer.script += [JSONResponse({"detail": "no"}, status) for _ in range(3)]
    async with pushing(folder, peer) as (buffer, board):
        await add(buffer, "a", range(3))
        await until(lambda: board.uplink.state == "permanent")
        assert "API key" in board.uplink.error
        await add(buffer, "a", range(3, 12))
        await until(lambda: len(peer.values()) == 12)
        times = [moment for moment, _ in peer.requests[:4]]
        assert all(later - sooner >= QUICK.refused_key - 0.05 for sooner, later in pairwise(times))
        assert peer.values() == [float(number) for number in range(12)]
        await until(lambda: board.uplink.state == "ok")


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("oops", 500),
        HTMLResponse("<html>Please sign in</html>", 200),
        JSONResponse({"ok": True}, 207),
        PlainTextResponse("moved", 302, headers={"Location": "https://elsewhere.example"}),
        PlainTextResponse("nothing here", 404),
    ],
)
async def test_anything_that_is_not_an_acknowledgement_is_not_taken_for_one(
    folder: Path, peer: Peer, answer: Response
) -> None:
    peer.script.append(answer)
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(2))
        await until(lambda: len(peer.values()) == 2)
        assert rows(folder, "SELECT 1 FROM dead_letter") == []


async def test_retry_after_is_honoured(folder: Path, peer: Peer) -> None:
    peer.script.append(PlainTextResponse("slow down", 429, headers={"Retry-After": "1"}))
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(1))
        await until(lambda: len(peer.requests) == 2)
        assert peer.requests[1][0] - peer.requests[0][0] >= 1.0


async def test_small_batches_wait_for_the_push_interval(folder: Path, peer: Peer) -> None:
    peer.delay = 0.03
    async with pushing(folder, peer, push_interval=0.5) as (buffer, _):
        for number in range(50):
            await buffer.add("a", collected(float(number)))
            await asyncio.sleep(0.02)
        await until(lambda: len(peer.values()) == 50)
        assert len(peer.order) <= 10


async def test_a_restart_sends_the_waiting_batch_as_it_was(folder: Path, peer: Peer) -> None:
    peer.script.append(PlainTextResponse("oops", 500))
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(2))
        await until(lambda: peer.requests)
    seen = peer.requests[0][1]
    async with pushing(folder, peer, batch_size=100) as (buffer, _):
        await add(buffer, "a", range(2, 9))
        await until(lambda: len(peer.values()) == 9)
    assert seen in peer.stored
    assert peer.conflicts == []
    assert peer.values() == [float(number) for number in range(9)]


async def test_a_server_that_offers_columns_gets_them(folder: Path, peer: Peer) -> None:
    peer.takes_columns = True
    async with pushing(folder, peer, batch_size=5) as (buffer, _):
        await add(buffer, "a", range(1))
        await until(lambda: len(peer.values()) == 1)
        await add(buffer, "a", range(1, 12))
        await until(lambda: len(peer.values()) == 12)
    assert peer.forms[0] == JSON
    assert set(peer.forms[1:]) == {COLUMNS}
    assert peer.values() == [float(number) for number in range(12)]


async def test_a_server_that_knows_columns_no_more_gets_the_same_batch_as_json(folder: Path, peer: Peer) -> None:
    peer.takes_columns = True
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(1))
        await until(lambda: len(peer.values()) == 1)
        peer.takes_columns = False
        await add(buffer, "a", range(1, 6))
        await until(lambda: len(peer.values()) == 6)
        assert rows(folder, "SELECT 1 FROM dead_letter") == []
    assert COLUMNS in peer.forms
    assert peer.forms[-1] == JSON
    assert peer.conflicts == []


async def test_readings_under_a_used_number_are_kept_and_the_status_says_why(folder: Path, peer: Peer) -> None:
    peer.script.append(JSONResponse({"detail": "Number 1 of stream 'a' was used before, for other readings"}, 409))
    async with pushing(folder, peer) as (buffer, board):
        await add(buffer, "a", range(2))
        await until(lambda: "for other readings" in board.uplink.error)
        await until(lambda: len(peer.values()) == 2)
