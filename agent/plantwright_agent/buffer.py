"""The buffer for the rest of the agent: the store on its own thread, and a bell that rings after each commit."""

import asyncio
import fcntl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Self, TypeVar

from plantwright_agent.errors import BufferUnusableError
from plantwright_agent.normalise import normalise
from plantwright_agent.samples import Collected, FilePosition
from plantwright_agent.store import Batch, Store, StreamSummary

Result = TypeVar("Result")

LOCK = "agent.lock"
WAITING_SHARE = 0.8


class Buffer:
    """Async door to `Store`. One agent per folder: a lock file keeps a second one out."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="buffer")
        self._bell = asyncio.Event()
        self._room = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._lock = _lock(self._folder)
        try:
            self._store = await self._run(partial(Store, self._folder, self._max_bytes))
        except BaseException:
            self._release()
            raise
        self._see_room()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._run(self._store.close)
        self._release()

    @property
    def agent(self) -> str:
        return self._store.agent

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged buffer was put at start, if there was one."""
        return self._store.set_aside

    @property
    def size(self) -> int:
        """Bytes held, as counted against the limit."""
        return self._store.size

    async def register(self, stream: str, *, keep: bool) -> None:
        await self._run(partial(self._store.register, stream, keep=keep))

    async def add(self, stream: str, collected: Collected) -> None:
        """Store what an input gave, in one transaction. Once begun it is finished, also when cancelled."""
        readings, dead_letters, gaps = normalise(collected)
        work = partial(
            self._store.add,
            stream,
            readings,
            dead_letters=dead_letters,
            gaps=gaps,
            position=collected.position,
            forget=collected.forget,
        )
        await asyncio.shield(self._run(work))
        self._see_room()
        if readings:
            self._bell.set()

    async def take(self, stream: str, limit: int) -> Batch | None:
        return await self._run(partial(self._store.take, stream, limit))

    async def release(self, batch: Batch) -> None:
        await self._run(partial(self._store.release, batch))

    async def acknowledge(self, batch: Batch, rejected: Mapping[int, str]) -> None:
        await asyncio.shield(self._run(partial(self._store.acknowledge, batch, rejected)))
        self._see_room()

    async def positions(self, stream: str) -> dict[str, FilePosition]:
        return await self._run(partial(self._store.positions, stream))

    async def depths(self) -> dict[str, int]:
        return await self._run(self._store.depths)

    async def summary(self) -> list[StreamSummary]:
        return await self._run(self._store.summary)

    async def wait_for_data(self) -> None:
        """Until something was committed since the last call."""
        await self._bell.wait()
        self._bell.clear()

    async def wait_for_room(self) -> None:
        """Until the buffer is less than 80 % full: sources that can wait leave the rest to those that cannot."""
        await self._room.wait()

    def _release(self) -> None:
        self._thread.shutdown()
        self._lock.close()

    def _see_room(self) -> None:
        if self._store.size < self._max_bytes * WAITING_SHARE:
            self._room.set()
        else:
            self._room.clear()

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _lock(folder: Path) -> IO[str]:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = (folder / LOCK).open("w", encoding="ascii")
    except OSError as error:
        raise BufferUnusableError(f"buffer_dir {folder} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise BufferUnusableError(f"buffer_dir {folder} is in use by another agent") from None
    return handle
