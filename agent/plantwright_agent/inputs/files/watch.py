"""The loop both file inputs run: look at every file, read what is new, hand it over with the new position."""

import asyncio
import contextlib
import glob
import stat
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from plantwright_agent.inputs.contract import Positions
from plantwright_agent.inputs.files.config import FileConfig
from plantwright_agent.inputs.files.lines import Line, read_lines
from plantwright_agent.inputs.files.resume import Resume, resume
from plantwright_agent.samples import Collected, DeadLetter, FilePosition, Gap, Origin, RawSample


class UnusableFileError(Exception):
    """The file as it is now cannot be read (for example, its header lacks the time column)."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one line gives."""

    samples: tuple[RawSample, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What a folder says about a file; while it says the same, a file read to its end is not opened again."""

    inode: int
    size: int
    changed_ns: int


class FileWatch:
    """Base of the file inputs; a subclass turns lines into samples. The source can wait, so nothing is skipped."""

    def __init__(self, stream: str, config: FileConfig, positions: Positions) -> None:
        self._stream = stream
        self._config = config
        self._positions = positions
        self._stopping = asyncio.Event()
        self._looked: dict[str, datetime] = {}
        self._read_up: dict[Path, Look] = {}

    async def start(self) -> None:
        """Nothing to connect to; a path that matches nothing yet is reported by `collect`."""

    async def stop(self) -> None:
        self._stopping.set()

    async def collect(self) -> AsyncIterator[Collected]:
        while not self._stopping.is_set():
            trouble = ""
            found = await asyncio.to_thread(self._paths)
            if not found:
                trouble = f"no file at {self._config.path} yet"
            self._read_up = {path: look for path, look in found.items() if self._read_up.get(path) == look}
            for path, look in found.items():
                if path in self._read_up:
                    continue
                try:
                    async for collected in self._read(path, look):
                        yield collected
                except UnusableFileError as error:
                    trouble = f"{path}: {error}"
                except FileNotFoundError:
                    continue
                except OSError as error:
                    trouble = f"{path}: cannot be read: {error.strerror}"
                if self._stopping.is_set():
                    return
            yield Collected(trouble=trouble)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._config.poll_interval)

    @abstractmethod
    def parser(self, path: Path) -> "LineParser":
        """The parser for a file as it is now. Raises UnusableFileError and OSError."""

    def _paths(self) -> dict[Path, Look]:
        """Oldest change first, so that a rotated file comes before the one that took its place."""
        paths = [Path(name) for name in glob.glob(self._config.path)]  # noqa: PTH207 - the pattern is absolute
        looks = {path: look for path in paths if (look := _look(path)) is not None}
        return dict(sorted(looks.items(), key=lambda item: (item[1].changed_ns, item[0])))

    async def _read(self, path: Path, look: Look) -> AsyncIterator[Collected]:
        """All that is new in one file, chunk by chunk. The stored position is asked anew for each chunk, because
        it moves only when the chunk before has been committed.
        """
        while not self._stopping.is_set():
            stored = await self._positions.positions(self._stream)
            collected = await asyncio.to_thread(self._chunk, path, stored)
            if collected is None:
                known = stored.get(str(path))
                if known is not None and known.offset == look.size:
                    self._read_up[path] = look
                return
            yield collected

    def _chunk(self, path: Path, stored: Mapping[str, FilePosition]) -> Collected | None:
        where = resume(path, stored)
        parser = self.parser(where.path)
        chunk = read_lines(where.path, where.position, self._config.settle_seconds)
        gaps = self._gap(where)
        moved = chunk.position.offset != where.position.offset or where.lost or where.forget
        if not moved:
            return None
        rows = [parser.parse(line) for line in chunk.lines]
        return Collected(
            samples=tuple(sample for row in rows for sample in row.samples),
            dead_letters=tuple(letter for row in rows for letter in row.dead_letters),
            gaps=gaps,
            position=chunk.position,
            forget=where.forget,
        )

    def _gap(self, where: Resume) -> tuple[Gap, ...]:
        now = datetime.now(UTC)
        before = self._looked.get(where.position.path, now)
        self._looked[where.position.path] = now
        return (Gap(before, now, where.lost, where.position.path),) if where.lost else ()


def _look(path: Path) -> Look | None:
    try:
        result = path.stat()
    except OSError:
        return None
    return Look(result.st_ino, result.st_size, result.st_mtime_ns) if stat.S_ISREG(result.st_mode) else None


class LineParser:
    """Turns the lines of one file into rows."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def parse(self, line: Line) -> Row:
        """A line that gives nothing usable is a dead letter; an empty line is nothing at all."""
        if line.text is None:
            return self.broken(line, "is not UTF-8 text")
        if not line.text.strip():
            return Row()
        return self.row(line, line.text)

    @abstractmethod
    def row(self, line: Line, text: str) -> Row:
        """One line that is text."""

    def broken(self, line: Line, reason: str) -> Row:
        text = line.raw.decode("utf-8", errors="backslashreplace")
        return Row(dead_letters=(DeadLetter(str(self.path), line.number, text, reason),))

    def origin(self, line: Line, text: str) -> Origin:
        return Origin(str(self.path), line.number, text)
