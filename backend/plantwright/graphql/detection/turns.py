"""Trials take a core, so one runs at a time in a process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from plantwright.core.errors import Unavailable

# While one runs, the others of the process wait for so long.
_WAIT_SECONDS = 20.0
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


@asynccontextmanager
async def trial_turn() -> AsyncGenerator[None]:
    """
    Raises:
        Unavailable: others tried settings all the time.
    """
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    try:
        async with asyncio.timeout(_WAIT_SECONDS):
            await turn.acquire()
    except TimeoutError:
        raise Unavailable("Others are trying settings at the moment. Try again shortly.") from None
    try:
        yield
    finally:
        turn.release()
