"""Where to go on reading a file that may have grown, been cut, been replaced, been copied or been renamed.

A position remembers inode, offset and two digests: of the first and of the last bytes before the offset (at
most 1,024 each). A file continues a position when both digests still fit, whatever its name and inode are.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TypeVar

from plantwright_agent.inputs.files.content import Content, UnusableFileError, open_content
from plantwright_agent.samples import FilePosition

WINDOW = 1024


@dataclass(frozen=True, slots=True)
class Resume:
    """Read `path` on from `position`. `lost` says why bytes of an older content may have been missed."""

    path: Path
    position: FilePosition
    lost: str = ""
    forget: tuple[str, ...] = ()


class Known:
    """How far each file of a source has been read, found by path, by inode and by what its name begins with."""

    def __init__(self, positions: Iterable[FilePosition] = ()) -> None:
        self._by_path: dict[str, FilePosition] = {}
        self._by_inode: dict[int, set[str]] = {}
        self._by_stem: dict[tuple[str, str], set[str]] = {}
        for position in positions:
            self.put(position)

    def __iter__(self) -> Iterator[FilePosition]:
        return iter(list(self._by_path.values()))

    def get(self, path: Path) -> FilePosition | None:
        return self._by_path.get(str(path))

    def put(self, position: FilePosition) -> None:
        self.forget(position.path)
        self._by_path[position.path] = position
        self._by_inode.setdefault(position.inode, set()).add(position.path)
        self._by_stem.setdefault(_folder_and_stem(position.path), set()).add(position.path)

    def forget(self, path: str) -> None:
        old = self._by_path.pop(path, None)
        if old is not None:
            _discard(self._by_inode, old.inode, path)
            _discard(self._by_stem, _folder_and_stem(path), path)

    def elsewhere(self, inode: int, path: Path) -> list[FilePosition]:
        """Positions under other names: of this inode first, then those that this file may be a rotated copy of."""
        folder, name = os.path.split(path)
        alike = (self._by_stem.get((folder, name[:end]), ()) for end in range(1, len(name) + 1))
        names = dict.fromkeys([*self._by_inode.get(inode, ()), *chain(*alike)])
        return [self._by_path[other] for other in names if other != str(path)]


Key = TypeVar("Key")


def _discard(index: dict[Key, set[str]], key: Key, path: str) -> None:
    index[key].discard(path)
    if not index[key]:
        del index[key]


def _folder_and_stem(path: str) -> tuple[str, str]:
    folder, name = os.path.split(path)
    return folder, name.rpartition(".")[0] or name


def _alike(before: Path, after: Path) -> bool:
    """Whether the second may be a rotated copy of the first by its name: lab.csv and lab.csv.1 or lab-2026.csv."""
    return before.parent == after.parent and after.name.startswith(before.stem)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def fits(content: Content, position: FilePosition) -> bool:
    """True when the content still has what was read up to the position. Raises OSError and UnusableFileError."""
    head = content.at(0, min(WINDOW, position.offset))
    if digest(head) != position.head:
        return False
    start = max(0, position.offset - WINDOW)
    return digest(content.at(start, position.offset - start)) == position.tail


def continues(path: Path, position: FilePosition) -> bool:
    """As `fits`; a file that cannot be read continues nothing."""
    try:
        with contextlib.closing(open_content(path)) as content:
            return fits(content, position)
    except (OSError, UnusableFileError):
        return False


def resume(path: Path, known: Known) -> Resume:
    """What to read next for `path`. Raises OSError."""
    inode = path.stat().st_ino
    position = known.get(path)
    if position is not None and continues(path, position):
        return Resume(path, replace(position, inode=inode))
    renamed = _renamed_from(path, inode, known)
    if renamed is not None:
        return Resume(path, replace(renamed, path=str(path), inode=inode), forget=(renamed.path,))
    if position is None:
        return Resume(path, beginning(path, inode))
    rotated = _rotated_to(path, position)
    if rotated is not None and _has_more(rotated, position.offset):
        return Resume(rotated, position)
    lost = "" if rotated is not None or not position.offset else _reason(path, position)
    return Resume(path, beginning(path, inode), lost)


def beginning(path: Path, inode: int) -> FilePosition:
    empty = digest(b"")
    return FilePosition(str(path), inode, 0, 0, empty, empty)


def _renamed_from(path: Path, inode: int, known: Known) -> FilePosition | None:
    """The position this content had under another name that is watched too, and has there no longer.

    A copy has another inode, so it is looked for only where rotation puts it: beside, under a name that begins alike.
    """
    others = [position for position in known.elsewhere(inode, path) if position.offset]
    if not others:
        return None
    with contextlib.closing(open_content(path)) as content:
        for position in others:
            if fits(content, position) and (position.inode == inode or not continues(Path(position.path), position)):
                return position
    return None


def _rotated_to(path: Path, position: FilePosition) -> Path | None:
    """The file that had this name before, or a copy of it, if it is still in the folder."""
    siblings = [sibling for sibling in path.parent.iterdir() if sibling != path and sibling.is_file()]
    for sibling in siblings:
        if sibling.stat().st_ino == position.inode and continues(sibling, position):
            return sibling
    for sibling in siblings:
        if position.offset and _alike(path, sibling) and continues(sibling, position):
            return sibling
    return None


def _has_more(path: Path, offset: int) -> bool:
    with contextlib.closing(open_content(path)) as content:
        return bool(content.at(offset, 1))


def _reason(path: Path, position: FilePosition) -> str:
    look = path.stat()
    if look.st_ino == position.inode and look.st_size < position.offset:
        return "file was cut short; rows written just before may be missing"
    return "file was replaced; rows written just before may be missing"
