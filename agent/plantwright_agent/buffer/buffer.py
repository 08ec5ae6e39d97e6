"""The buffer for the rest of the agent: the store on its own thread, and a bell that rings after each commit.

What sources add while a commit runs, or within the commit interval after it, shares the next one: the disk is asked to
sync once, not once per source, since flash wears out by the write.
"""

import asyncio
import contextlib
import fcntl
import logging
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Self, TypeVar

from plantwright_agent.buffer.batches import Batch, Lane
from plantwright_agent.buffer.columns import SeriesKey
from plantwright_agent.buffer.records import GapRecord
from plantwright_agent.buffer.store import Store
from plantwright_agent.buffer.surface import Addition, LaneDepth, StreamSummary
from plantwright_agent.errors import BufferFullError, BufferUnusableError
from plantwright_agent.normalise import normalise
from plantwright_agent.samples import Collected, FilePosition

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LOCK = "agent.lock"
WAITING_SHARE = 0.8
TIDY_SECONDS = 1.0
MOST_TOGETHER = 20_000
ENOUGH_FOR_A_COMMIT = 1_000


class Buffer:
    """Async door to `Store`. One agent per folder: a lock file keeps a second one out.

    `commit_interval` in seconds: so long after a commit, what comes waits for more to share the next one with.
    """

    def __init__(
        self, folder: Path, max_bytes: int, max_age_days: float = 3650.0, *, commit_interval: float = 0.0
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_age_days = max_age_days
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="buffer")
        self._bell = asyncio.Event()
        self._room = asyncio.Event()
        self._queue: list[tuple[Addition, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._commit_interval = commit_interval
        self._committed_at = -commit_interval
        self._queued_readings = 0
        self._at_once = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._lock = _lock(self._folder)
        try:
            self._store = await self._run(partial(Store, self._folder, self._max_bytes, self._max_age_days))
        except BaseException:
            self._let_go()
            raise
        self._see_room()
        self._tidier = asyncio.create_task(self._tidy(), name="buffer tidying")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tidier.cancel()
        await asyncio.gather(self._tidier, return_exceptions=True)
        self._at_once.set()
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        await self._run(self._store.close)
        self._let_go()

    @property
    def agent(self) -> str:
        """The id under which batches are numbered; a new one after a damaged file or a number used by another."""
        return self._store.agent

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged buffer was put, at start or since, if there was one."""
        return self._store.set_aside

    @property
    def size(self) -> int:
        """Bytes of the file that are in use."""
        return self._store.size

    @property
    def max_bytes(self) -> int:
        return self._max_bytes

    async def register(self, stream: str, *, keep: bool, repeats: bool = False) -> None:
        """See `Store.register`."""
        await self._run(partial(self._store.register, stream, keep=keep, repeats=repeats))

    async def add(self, stream: str, collected: Collected) -> None:
        """Returns once it is on disk. Once begun it is finished, also when cancelled. Raises BufferFullError."""
        readings, dead_letters, gaps = normalise(collected)
        item = Addition(stream, readings, dead_letters, gaps, collected.position, collected.forget)
        done = asyncio.get_running_loop().create_future()
        self._queue.append((item, done))
        self._queued_readings += len(readings)
        if collected.position is not None or self._queued_readings >= ENOUGH_FOR_A_COMMIT:
            self._at_once.set()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="buffer writing")
        await asyncio.shield(done)

    def lanes(self) -> list[LaneDepth]:
        """What waits to be sent, live lanes first."""
        return self._store.lanes()

    def series_name(self, number: int) -> SeriesKey:
        """Machine identifier, metric name, unit and raw tag of a number in a batch's columns."""
        return self._store.series_name(number)

    async def take(self, stream: str, lane: Lane, limit: int) -> Batch | None:
        return await self._run(partial(self._store.take, stream, lane, limit))

    async def release(self, batch: Batch) -> None:
        await self._run(partial(self._store.release, batch))

    async def settle(self, batch: Batch, rejected: Mapping[int, str], limit: int, at_least: int) -> Batch | None:
        """See `Store.settle`."""
        following = await asyncio.shield(self._run(partial(self._store.settle, batch, rejected, limit, at_least)))
        self._see_room()
        return following

    async def split(self, batch: Batch) -> None:
        await asyncio.shield(self._run(partial(self._store.split, batch)))

    async def renew(self, batch: Batch) -> str:
        return await asyncio.shield(self._run(partial(self._store.renew, batch)))

    async def shift(self, seconds: float) -> None:
        """What has waited so long goes to the backlog, and all that waits with it."""
        await self._run(partial(self._store.shift, seconds))

    async def positions(self, stream: str) -> dict[str, FilePosition]:
        return await self._run(partial(self._store.positions, stream))

    async def depths(self) -> dict[str, int]:
        return self._store.depths()

    async def summary(self) -> list[StreamSummary]:
        return await self._run(self._store.summary)

    async def gaps_to_report(self, limit: int) -> list[GapRecord]:
        """The oldest gaps that are new, or have grown, since they were reported."""
        return await self._run(partial(self._store.gaps_to_report, limit))

    async def reported(self, gaps: Collection[GapRecord]) -> None:
        await self._run(partial(self._store.reported, gaps))

    async def wait_for_data(self) -> None:
        """Until something was committed since the last call."""
        await self._bell.wait()
        self._bell.clear()

    async def wait_for_room(self) -> None:
        """Until readings fill less than 80 % of the buffer: sources that can wait leave the rest to the others."""
        await self._room.wait()

    async def _write(self) -> None:
        """Commit what is queued, and what was queued meanwhile, until nothing is."""
        while self._queue:
            await self._gather()
            together: list[tuple[Addition, asyncio.Future[None]]] = []
            readings = 0
            while self._queue and readings <= MOST_TOGETHER:
                together.append(self._queue.pop(0))
                readings += len(together[-1][0].readings)
            self._queued_readings -= readings
            try:
                await self._run(partial(self._store.add, *(item for item, _ in together)))
            except Exception as error:  # noqa: BLE001 - it is raised where it belongs, in each that was waiting
                await self._one_by_one(together, error)
            else:
                _answer(together, None)
            self._committed_at = time.monotonic()
            self._see_room()
            if readings:
                self._bell.set()
        self._writer = None

    async def _gather(self) -> None:
        """Wait for more until the commit interval is over. A file waits for nobody: it goes on only afterwards."""
        wait = self._committed_at + self._commit_interval - time.monotonic()
        if wait > 0 and self._queued_readings < ENOUGH_FOR_A_COMMIT:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._at_once.wait(), wait)
        self._at_once.clear()

    async def _one_by_one(self, together: list[tuple[Addition, asyncio.Future[None]]], error: Exception) -> None:
        """What one source gives must not be the fault of another."""
        if len(together) == 1 or isinstance(error, BufferFullError):
            _answer(together, error)
            return
        for entry in together:
            try:
                await self._run(partial(self._store.add, entry[0]))
            except Exception as own:  # noqa: BLE001 - as above
                _answer([entry], own)
            else:
                _answer([entry], None)

    async def _tidy(self) -> None:
        """Pack, age and shrink in short steps between the commits of others."""
        while True:
            try:
                more = await self._run(self._store.tidy)
            except BufferFullError as error:
                log.warning("tidying the buffer: %s", error)
                more = False
            await asyncio.sleep(0 if more else TIDY_SECONDS)

    def _let_go(self) -> None:
        self._thread.shutdown()
        self._lock.close()

    def _see_room(self) -> None:
        if self._store.size < self._store.room * WAITING_SHARE:
            self._room.set()
        else:
            self._room.clear()

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _answer(entries: list[tuple[Addition, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in entries:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


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
