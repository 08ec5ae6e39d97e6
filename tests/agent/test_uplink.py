"""The uplink against a real HTTP server that goes away, refuses, stumbles, and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.secret import Secret
from plantwright_agent.status import StatusBoard
from plantwright_agent.uplink.uplink import Pace, Uplink
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from tests.agent.peer import KEY, Key, Peer, Reading, source_of
from tests.agent.support import collected, rows, until

QUICK = Pace(first_retry=0.1, refused=0.3, live=0.5)


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
        await until(lambda: rows(folder, "SELECT 1 FROM chunk") == [])
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
    streams = [source_of(key) for key in peer.order]
    assert set(streams[:4]) == {"a", "b"}
    assert peer.values("a") == peer.values("b") == [float(number) for number in range(40)]


async def test_a_partial_answer_sets_the_rejected_aside_and_keeps_nothing_else(folder: Path, peer: Peer) -> None:
    peer.reject = lambda reading: "Machine not found" if reading["value"] in {2.0, 4.0} else None
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(6))
        await until(lambda: len(peer.values()) == 6)
        await until(lambda: len(rows(folder, "SELECT 1 FROM dead_letter")) == 2)
        letters = rows(folder, "SELECT origin, reason, text FROM dead_letter ORDER BY id")
        assert [(origin, reason) for origin, reason, _ in letters] == [("server", "Machine not found")] * 2
        assert ['"value": 2.0' in letters[0][2], '"value": 4.0' in letters[1][2]] == [True, True]
        await until(lambda: not buffer.lanes())


@pytest.mark.parametrize("status", [400, 413, 415, 422])
async def test_of_a_refused_batch_only_the_reading_at_fault_is_set_aside(folder: Path, peer: Peer, status: int) -> None:
    def refuse(_: Key, readings: list[Reading]) -> Response | None:
        is_bad = any(reading["value"] == 5.0 for reading in readings)
        return JSONResponse({"detail": "wrong shape"}, status) if is_bad else None

    peer.refuse = refuse
    async with pushing(folder, peer, push_interval=1.0) as (buffer, _):
        await buffer.add("a", collected(*map(float, range(9))))
        await until(lambda: len(peer.values()) == 8)
        await buffer.add("a", collected(9.0))
        await until(lambda: peer.values() == [0, 1, 2, 3, 4, 6, 7, 8, 9])
        [(reason, text)] = rows(folder, "SELECT reason, text FROM dead_letter")
        assert reason == f'refused by the server with {status}: {{"detail":"wrong shape"}}'
        assert '"value": 5.0' in text
        await until(lambda: not buffer.lanes())
    assert peer.conflicts == []


async def test_a_server_that_refuses_everything_costs_no_reading(folder: Path, peer: Peer) -> None:
    peer.refuse = lambda _key, _readings: JSONResponse({"detail": "no"}, 422)
    async with pushing(folder, peer) as (buffer, board):
        await buffer.add("a", collected(*map(float, range(9))))
        await until(lambda: board.uplink.state == "permanent")
        peer.refuse = lambda _key, _readings: None
        await until(lambda: peer.values() == list(range(9)))
        assert rows(folder, "SELECT 1 FROM dead_letter") == []


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
        assert all(later - sooner >= QUICK.refused - 0.05 for sooner, later in pairwise(times))
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


async def test_readings_under_a_used_number_go_on_under_another_agent_id(folder: Path, peer: Peer) -> None:
    used: list[str] = []

    def refuse(key: Key, _: list[Reading]) -> Response | None:
        used[:] = used or [key[0]]
        return JSONResponse({"detail": "used before, for other readings"}, 409) if key[0] == used[0] else None

    peer.refuse = refuse
    async with pushing(folder, peer) as (buffer, board):
        await add(buffer, "a", range(2))
        await until(lambda: "for other readings" in board.uplink.error)
        await until(lambda: len(peer.values()) == 2)
        assert buffer.agent != used[0]
        assert {key[0] for key in peer.order} == {buffer.agent}


async def test_answers_that_get_lost_double_nothing(folder: Path, peer: Peer) -> None:
    peer.deaf = True
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(20))
        await until(lambda: len(peer.requests) >= 4)
        peer.deaf = False
        await until(lambda: sorted(peer.values()) == list(range(20)))
        await until(lambda: not rows(folder, "SELECT 1 FROM chunk"))
    assert peer.conflicts == []


async def test_a_backlog_holds_up_neither_live_readings_nor_another_stream(folder: Path, peer: Peer) -> None:
    peer.down()
    async with pushing(folder, peer, batch_size=1000) as (buffer, _):
        for part in range(0, 120_000, 2_000):
            await buffer.add("a", collected(*map(float, range(part, part + 2_000))))
        await until(lambda: {item.lane for item in buffer.lanes() if item.unnumbered} == {Lane.BACKLOG})
        peer.delay = 0.2
        peer.up()
        await until(lambda: any(key[1] == "a~backlog" for key in peer.order))
        await buffer.add("a", collected(-1.0))
        await buffer.add("b", collected(-2.0))
        await until(lambda: {-1.0, -2.0} <= set(peer.values()))
        assert any(item.lane is Lane.BACKLOG for item in buffer.lanes())
        peer.delay = 0.0
        await until(lambda: len(peer.values("a")) == 120_001)
    late = [value for key in peer.order if key[1] == "a~backlog" for value in peer.numbers(key)]
    assert late == sorted(late)
    assert sorted(peer.values("a")) == [-1.0, *range(120_000)]


async def test_a_stream_that_is_answered_badly_holds_up_no_other(folder: Path, peer: Peer) -> None:
    peer.refuse = lambda key, _: PlainTextResponse("oops", 500) if source_of(key) == "a" else None
    async with pushing(folder, peer) as (buffer, _):
        await add(buffer, "a", range(5))
        for number in range(20):
            await buffer.add("b", collected(float(number)))
            await until(partial(has_arrived, peer, "b", number + 1))
        assert peer.values("a") == []
        assert rows(folder, "SELECT 1 FROM dead_letter") == []


def has_arrived(peer: Peer, stream: str, count: int) -> bool:
    return len(peer.values(stream)) == count


async def test_requests_are_compressed_when_that_pays(folder: Path, peer: Peer) -> None:
    async with pushing(folder, peer, batch_size=1000) as (buffer, _):
        await buffer.add("a", collected(1.0))
        await until(lambda: len(peer.values()) == 1)
        await buffer.add("a", collected(*map(float, range(900))))
        await until(lambda: len(peer.values()) == 901)
    assert peer.encodings == {"", "gzip"}
