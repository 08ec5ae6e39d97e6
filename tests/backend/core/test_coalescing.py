import asyncio

import pytest
from plantwright.core.coalescing import Coalescing


async def test_many_calls_during_a_run_become_one_more_run() -> None:
    coalescing, begun, gate = Coalescing(), 0, asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        await gate.wait()

    calls = [asyncio.create_task(coalescing.run("tenant", work)) for _ in range(10)]
    await asyncio.sleep(0.01)
    assert begun == 1
    assert sum(call.done() for call in calls) == 8
    gate.set()
    await asyncio.gather(*calls)
    assert begun == 2


async def test_keys_do_not_wait_for_each_other_and_a_failure_frees_the_key() -> None:
    coalescing, done = Coalescing(), []

    async def fail() -> None:
        raise RuntimeError

    async def note() -> None:
        done.append(1)

    with pytest.raises(RuntimeError):
        await coalescing.run("a", fail)
    await asyncio.gather(coalescing.run("a", note), coalescing.run("b", note))
    assert done == [1, 1]


async def test_a_cancelled_wait_leaves_room_for_the_next() -> None:
    coalescing, gate, ran = Coalescing(), asyncio.Event(), 0

    async def hold() -> None:
        await gate.wait()

    async def count() -> None:
        nonlocal ran
        ran += 1

    running = asyncio.create_task(coalescing.run("a", hold))
    waiting = asyncio.create_task(coalescing.run("a", count))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.sleep(0.01)
    following = asyncio.create_task(coalescing.run("a", count))
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(running, following)
    assert ran == 1
