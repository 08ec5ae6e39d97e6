"""Bytes of a file at an offset, whether it is compressed or not."""

import gzip
import os
import zlib
from pathlib import Path
from typing import Protocol

PIECE = 256 * 1024


class UnusableFileError(Exception):
    """The file as it is now cannot be read (for example, its header lacks the time column)."""


class Content(Protocol):
    """What a file holds; a file that ends in `.gz` is unpacked, and offsets are those of the unpacked bytes."""

    def at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes; fewer at the end. Raises OSError and UnusableFileError."""
        ...

    def close(self) -> None: ...


class PlainContent:
    """The file as it is."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)

    def at(self, offset: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, offset)

    def close(self) -> None:
        self._file.close()


class GzipContent:
    """Unpacked on the way; only what lies around the last place asked for is kept. Going back starts anew."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._unpacked = gzip.GzipFile(fileobj=self._file)
        self._kept = b""
        self._kept_from = 0
        self._ended = False

    def at(self, offset: int, size: int) -> bytes:
        if offset < self._kept_from:
            self._begin()
        while not self._ended and self._kept_from + len(self._kept) < offset + size:
            self._kept += self._piece()
            passed = max(0, min(offset - self._kept_from, len(self._kept)))
            self._kept = self._kept[passed:]
            self._kept_from += passed
        start = offset - self._kept_from
        return self._kept[start : start + size]

    def close(self) -> None:
        self._file.close()

    def _begin(self) -> None:
        self._file.seek(0)
        self._unpacked = gzip.GzipFile(fileobj=self._file)
        self._kept, self._kept_from, self._ended = b"", 0, False

    def _piece(self) -> bytes:
        """A file that is still being copied ends in the middle; what is there counts."""
        try:
            piece = self._unpacked.read1(PIECE)
        except EOFError:
            piece = b""
        except (zlib.error, gzip.BadGzipFile) as error:
            raise UnusableFileError(f"is not a whole gzip file: {error}") from None
        self._ended = not piece
        return piece


def open_content(path: Path) -> Content:
    """Raises OSError."""
    return GzipContent(path) if path.suffix == ".gz" else PlainContent(path)
