"""Runs the same work once where it was asked for many times."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable


class Coalescing:
    """One run per key at a time, and at most one waiting behind it.

    A call that finds one waiting already returns at once: the waiting run begins later than the call, so it sees
    everything that the call was about.
    """

    def __init__(self) -> None:
        self._locks: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: set[Hashable] = set()

    async def run(self, key: Hashable, work: Callable[[], Awaitable[None]]) -> None:
        if key in self._waiting:
            return
        lock = self._locks[key]
        self._waiting.add(key)
        try:
            await lock.acquire()
        finally:
            self._waiting.discard(key)
        try:
            await work()
        finally:
            lock.release()
