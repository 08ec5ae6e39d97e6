"""Disk space held back, so that on a full disk readings can still be acknowledged and leave."""

import contextlib
import os
from pathlib import Path

FILE = "buffer.reserve"


class Ballast:
    """A file of `size` bytes that is thrown away in need and made again when there is room."""

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / FILE
        self._size = size

    def hold(self) -> None:
        """Take the space, unless it is held already or is not to be had."""
        if self._path.exists():
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
        except OSError:
            self.let_go()

    def let_go(self) -> bool:
        """Free the space; whether there was any."""
        with contextlib.suppress(OSError):
            self._path.unlink()
            return True
        return False
