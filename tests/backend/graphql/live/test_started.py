import asyncio

import pytest
from plantwright.graphql.live.started import start


class Gate:
    """Notes who came through it and who was turned away."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.seen: list[str] = []

    async def go_through(self, name: str) -> None:
        try:
            await self.opened.wait()
            self.seen.append(name)
            await asyncio.sleep(0)
            self.seen.append(f"{name} again")
        except BaseException:
            self.seen.append(f"{name} turned away")
            raise


async def nothing_to_wait_for(seen: list[str]) -> None:
    seen.append("done")


async def fails() -> None:
    raise ValueError("at once")


async def test_what_need_not_wait_is_done_at_once() -> None:
    seen: list[str] = []
    assert start(nothing_to_wait_for(seen)) is None
    assert seen == ["done"]


async def test_what_waits_goes_on_when_it_is_awaited() -> None:
    gate = Gate()
    started = start(gate.go_through("a"))
    assert started is not None

    async def finish() -> None:
        await started

    task = asyncio.create_task(finish())
    await asyncio.sleep(0)
    assert gate.seen == []
    gate.opened.set()
    await task
    assert gate.seen == ["a", "a again"]


async def test_what_waits_is_closed_with_the_task_that_awaits_it() -> None:
    gate = Gate()
    started = start(gate.go_through("a"))
    assert started is not None

    async def finish() -> None:
        await started

    task = asyncio.create_task(finish())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.seen == ["a turned away"]


async def test_a_failure_is_raised_to_who_starts() -> None:
    with pytest.raises(ValueError, match="at once"):
        start(fails())
