"""One running instance per data folder; the lock dies with its holder."""

import fcntl
import json
import os
from pathlib import Path
from typing import Self

from plantwright.embedded.errors import AlreadyRunningError


class InstanceLock:
    """An exclusive lock on a file, which also tells others who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, about: str) -> Self:
        """Take the lock and leave `about` for whoever is refused.

        Raises:
            AlreadyRunningError: somebody holds it; the message names them.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunningError(f"Plantwright is already running here: {self._holder()}.") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "about": about}).encode())
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_held(self) -> bool:
        """Whether anybody, here or elsewhere, holds the lock."""
        if not self.path.exists():
            return False
        descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _holder(self) -> str:
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            return f"{record['about']} (process {record['pid']})"
        except (OSError, ValueError, KeyError, TypeError):
            return f"the holder of {self.path}"
