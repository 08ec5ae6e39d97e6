"""The loop both file inputs run: look at every file, read what is new, hand it over with the new position.

Positions are asked for once. From then on the input remembers them itself: whoever takes from `collect` asks for the
next part only when the one before has been stored, unless the source is being stopped.
"""

import asyncio
import contextlib
import errno
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from plantwright_agent.inputs.contract import Positions
from plantwright_agent.inputs.files.config import FileConfig
from plantwright_agent.inputs.files.content import Content, UnusableFileError, open_content
from plantwright_agent.inputs.files.folder import Folder
from plantwright_agent.inputs.files.lines import FileChangedError, LineReader
from plantwright_agent.inputs.files.resume import Known, Resume, resume
from plantwright_agent.inputs.files.rows import LineParser
from plantwright_agent.samples import Collected, FilePosition, Gap

MOST_REASONS = 5
Result = TypeVar("Result")


class FileWatch:
    """Base of the file inputs; a subclass turns lines into samples. The source can wait, so nothing is skipped.

    Each source reads on a thread of its own: a file server that hangs holds up nobody else.
    """

    def __init__(self, stream: str, config: FileConfig, positions: Positions) -> None:
        self._stream = stream
        self._config = config
        self._positions = positions
        self._stopping = asyncio.Event()
        self._looked: dict[str, datetime] = {}
        self._known = Known()
        self._folder = Folder(config.path, config.settle_seconds, config.move_to)
        self._thread: ThreadPoolExecutor | None = None

    async def start(self) -> None:
        """Nothing to connect to; a path that matches nothing yet is reported by `collect`."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="files")

    async def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    async def collect(self) -> AsyncIterator[Collected]:
        self._known = Known((await self._positions.positions(self._stream)).values())
        while not self._stopping.is_set():
            troubles: list[str] = []
            async for collected in self._round(troubles):
                yield collected
                if self._stopping.is_set():
                    return
            if self._folder.is_empty and not troubles and self._config.move_to is None:
                troubles.append(f"no file at {self._config.path} yet")
            yield Collected(trouble=_few(troubles))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._config.poll_interval)

    @abstractmethod
    def parser(self, path: Path, content: Content) -> LineParser:
        """The parser for a file as it is now. Raises UnusableFileError and OSError."""

    def reader(self, content: Content, position: FilePosition) -> LineReader:
        return LineReader(content, position, self._config.encoding, position.path)

    def lost(self, reason: str) -> str:
        """Why a content that is no longer there may have held something unread; empty when that is as it should be."""
        return reason

    async def _round(self, troubles: list[str]) -> AsyncIterator[Collected]:
        """Everything new in every file; what cannot be read now is told and left for later."""
        try:
            paths = await self._in_thread(self._folder.changed)
        except OSError as error:
            troubles.append(f"{self._config.path}: {_words(error)}")
            return
        for path in paths:
            try:
                async for collected in self._read(path):
                    yield collected
            except UnusableFileError as error:
                troubles.append(f"{path}: {error}")
            except FileNotFoundError:
                continue
            except OSError as error:
                troubles.append(f"{path}: {_words(error)}")
        async for moved in self._move_away(troubles):
            yield moved
        gone = self._folder.gone(position.path for position in self._known)
        if gone:
            yield Collected(forget=tuple(gone))
            for name in gone:
                self._known.forget(name)

    async def _read(self, path: Path) -> AsyncIterator[Collected]:
        """All that is new in one file, part by part. A file that changes under the reading is begun anew."""
        session = await self._in_thread(partial(Session, self, path, self._known))
        try:
            while not self._stopping.is_set():
                settled = self._folder.settled(session.where.path)
                collected = await self._in_thread(partial(session.next, settled=settled))
                if collected is None:
                    break
                yield collected
                if self._stopping.is_set():
                    return
                self._stored(collected)
        except FileChangedError:
            return
        finally:
            session.close()
        if session.reader.at_end and session.where.path == path:
            self._folder.mark_read(path)

    async def _move_away(self, troubles: list[str]) -> AsyncIterator[Collected]:
        """Files that are done, each with everything in it stored, go to `move_to`."""
        if self._config.move_to is None:
            return
        for path in await self._in_thread(self._folder.at_rest):
            try:
                await self._in_thread(partial(_move, path, Path(self._config.move_to)))
            except OSError as error:
                troubles.append(f"{path}: cannot be moved to {self._config.move_to}: {_words(error)}")
            else:
                self._known.forget(str(path))
                yield Collected(forget=(str(path),))

    def gaps(self, where: Resume) -> tuple[Gap, ...]:
        """The time in which the older content was last seen whole."""
        now = datetime.now(UTC)
        before = min(self._looked.get(where.position.path, now), now)
        self._looked[where.position.path] = now
        lost = self.lost(where.lost) if where.lost else ""
        return (Gap(before, now, lost, where.position.path),) if lost else ()

    def _stored(self, collected: Collected) -> None:
        for path in collected.forget:
            self._known.forget(path)
        if collected.position is not None:
            self._known.put(collected.position)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._thread is None or self._stopping.is_set():
            raise FileNotFoundError(errno.ENOENT, "the source is stopped")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


class Session:
    """One file while it is read, from where its position says to its end."""

    def __init__(self, watch: FileWatch, path: Path, known: Known) -> None:
        self.where = resume(path, known)
        self._gaps = watch.gaps(self.where)
        self._content = open_content(self.where.path)
        try:
            self._parser = watch.parser(self.where.path, self._content)
            self.reader = watch.reader(self._content, self.where.position)
        except BaseException:
            self._content.close()
            raise
        self._said = not (self.where.lost or self.where.forget)

    def next(self, *, settled: bool) -> Collected | None:
        """The next part; what `resume` found out goes with the first. Raises OSError and FileChangedError."""
        lines = self.reader.read(settled=settled)
        if lines is None and self._said:
            return None
        gaps, forget = (self._gaps, self.where.forget) if not self._said else ((), ())
        self._said = True
        if lines is None:
            return Collected(gaps=gaps, position=self.where.position, forget=forget)
        parsed = self._parser.parse(lines)
        return Collected(
            samples=tuple(parsed.samples),
            dead_letters=tuple(parsed.dead_letters),
            gaps=gaps,
            position=lines.position,
            forget=forget,
        )

    def close(self) -> None:
        self._content.close()


def _move(path: Path, folder: Path) -> None:
    """Never over a file that is there already. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / path.name, 2
    while target.exists():
        target, number = folder / f"{path.stem}-{number}{path.suffix}", number + 1
    path.rename(target)


def _few(reasons: list[str]) -> str:
    more = [f"and {len(reasons) - MOST_REASONS} more"] if len(reasons) > MOST_REASONS else []
    return "; ".join(reasons[:MOST_REASONS] + more)


def _words(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"
