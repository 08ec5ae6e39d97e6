"""Where to go on reading a file that may have grown, been cut, been replaced or been renamed.

A position remembers inode, offset and two digests: of the first and of the last bytes before the offset (at
most 1,024 each). A file continues a position when both digests still fit, whatever its name and inode are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from plantwright_agent.samples import FilePosition

WINDOW = 1024


@dataclass(frozen=True, slots=True)
class Resume:
    """Read `path` on from `position`. `lost` says why bytes of an older content may have been missed."""

    path: Path
    position: FilePosition
    lost: str = ""
    forget: tuple[str, ...] = ()


def digests(file: BinaryIO, offset: int) -> tuple[str, str]:
    """Digests of the first and last bytes before `offset`."""
    file.seek(0)
    head = hashlib.sha256(file.read(min(WINDOW, offset))).hexdigest()
    start = max(0, offset - WINDOW)
    file.seek(start)
    return head, hashlib.sha256(file.read(offset - start)).hexdigest()


def continues(path: Path, position: FilePosition) -> bool:
    """True when the file still begins with what was read up to the position."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size < position.offset:
                return False
            return digests(file, position.offset) == (position.head, position.tail)
    except OSError:
        return False


def resume(path: Path, stored: Mapping[str, FilePosition]) -> Resume:
    """What to read next for `path`, given the stored positions of the source. Raises OSError."""
    inode = path.stat().st_ino
    known = stored.get(str(path))
    if known is not None and continues(path, known):
        return Resume(path, replace(known, inode=inode))
    renamed = _renamed_from(path, inode, stored)
    if renamed is not None:
        return Resume(path, replace(renamed, path=str(path)), forget=(renamed.path,))
    if known is None:
        return Resume(path, _beginning(path, inode))
    rotated = _rotated_to(path, known)
    if rotated is not None and rotated.stat().st_size > known.offset:
        return Resume(rotated, known)
    lost = "" if rotated is not None else _reason(path, known)
    return Resume(path, _beginning(path, inode), lost)


def _beginning(path: Path, inode: int) -> FilePosition:
    empty = hashlib.sha256(b"").hexdigest()
    return FilePosition(str(path), inode, 0, 0, empty, empty)


def _renamed_from(path: Path, inode: int, stored: Mapping[str, FilePosition]) -> FilePosition | None:
    """The position this file had under another name that is watched too."""
    for position in stored.values():
        if position.path != str(path) and position.inode == inode and position.offset and continues(path, position):
            return position
    return None


def _rotated_to(path: Path, known: FilePosition) -> Path | None:
    """The file that had this name before, if it is still in the folder."""
    for sibling in path.parent.iterdir():
        if sibling != path and sibling.is_file() and sibling.stat().st_ino == known.inode:
            return sibling if continues(sibling, known) else None
    return None


def _reason(path: Path, known: FilePosition) -> str:
    size = path.stat().st_size
    if path.stat().st_ino == known.inode and size < known.offset:
        return "file was cut short; rows written just before may be missing"
    return "file was replaced; rows written just before may be missing"
