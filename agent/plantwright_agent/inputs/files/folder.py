"""Which files there are, which of them may have something new, and which have come to rest."""

import glob
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RECHECK_SECONDS = 60.0
GONE_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a folder says about a file; while it says the same, a file read to its end is not opened again."""

    inode: int
    size: int
    changed_ns: int


class Folder:
    """The files of one pattern. Time is measured by watching, never by comparing clocks: file servers have their own.

    `excluded` is a folder whose files are not looked at.
    """

    def __init__(self, pattern: str, settle_seconds: float, excluded: str | None) -> None:
        self._pattern = pattern
        self._settle = settle_seconds
        self._excluded = None if excluded is None else Path(excluded)
        self._seen: dict[Path, tuple[Look, float]] = {}
        self._read_up: dict[Path, tuple[Look, float]] = {}
        self._missing: dict[str, float] = {}

    def changed(self) -> list[Path]:
        """Files that may hold something new, oldest change first: a rotated file comes before its successor.

        Blocks. Raises OSError when the folder cannot be looked into.
        """
        now = time.monotonic()
        looks = self._looks()
        self._seen = {path: self._first_seen(path, look, now) for path, look in looks.items()}
        self._read_up = {
            path: mark
            for path, mark in self._read_up.items()
            if looks.get(path) == mark[0] and (path.suffix == ".gz" or now - mark[1] < RECHECK_SECONDS)
        }
        return [path for path in looks if path not in self._read_up]

    @property
    def is_empty(self) -> bool:
        return not self._seen

    def settled(self, path: Path) -> bool:
        """Whether the file has been seen unchanged for long enough that nobody is writing to it."""
        seen = self._seen.get(path)
        return seen is not None and time.monotonic() - seen[1] > self._settle

    def mark_read(self, path: Path) -> None:
        """It holds nothing new as long as it looks as it did; once a minute that is checked against its content."""
        seen = self._seen.get(path)
        if seen is not None:
            self._read_up[path] = (seen[0], time.monotonic())

    def at_rest(self) -> list[Path]:
        """Files that have been read to their end and are no longer written to. Blocks no longer than a few look-ups."""
        return [path for path, (look, _) in self._read_up.items() if self.settled(path) and _look(path) == look]

    def gone(self, paths: Iterable[str]) -> list[str]:
        """Those that have been missing for a day while others of the pattern were there: a share that is not mounted
        shows nothing at all, and what was read of it must not be read again when it comes back.
        """
        now = time.monotonic()
        missing = [] if self.is_empty else [path for path in paths if Path(path) not in self._seen]
        self._missing = {path: self._missing.get(path, now) for path in missing}
        return [path for path, since in self._missing.items() if now - since > GONE_SECONDS]

    def _first_seen(self, path: Path, look: Look, now: float) -> tuple[Look, float]:
        before = self._seen.get(path)
        return before if before is not None and before[0] == look else (look, now)

    def _looks(self) -> dict[Path, Look]:
        found = [Path(name) for name in glob.glob(self._pattern, recursive=True)]  # noqa: PTH207 - it is absolute
        if not found:
            self._explain()
        looks = {
            path: look
            for path in found
            if (self._excluded is None or self._excluded not in path.parents) and (look := _look(path)) is not None
        }
        return dict(sorted(looks.items(), key=lambda item: (item[1].changed_ns, item[0])))

    def _explain(self) -> None:
        """Patterns match nothing in silence; a folder that is missing or closed to us is worth a word."""
        folder = Path(self._pattern)
        while glob.has_magic(str(folder)) or folder == Path(self._pattern):
            folder = folder.parent
        with os.scandir(folder):
            return


def _look(path: Path) -> Look | None:
    try:
        result = path.stat()
    except OSError:
        return None
    return Look(result.st_ino, result.st_size, result.st_mtime_ns) if stat.S_ISREG(result.st_mode) else None
