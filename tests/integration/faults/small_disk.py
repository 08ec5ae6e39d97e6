"""A PostgreSQL whose disk is a small file system of its own, which can be filled and emptied again.

The file system is mounted where only the server sees it, in a user namespace, so that takes no rights. This module
is both sides: `SmallDisk` for tests, and the program that runs inside and does what it is told.
"""

import errno
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plantwright.embedded.errors import LocalStartError
from plantwright.embedded.place import find_place
from plantwright.embedded.postgres import PostgresServer

MEGABYTES = 256
SETTINGS = {"max_wal_size": "64MB", "min_wal_size": "32MB", "shared_buffers": "32MB"}
BLOCKS = (1 << 20, 1 << 12)
# Not root within, as PostgreSQL demands.
_NOBODY = ("unshare", "-U", "--map-user=65534", "--map-group=65534", "--")


def why_impossible(folder: Path) -> str | None:
    """What stands in the way of a file system of our own on this platform."""
    try:
        done = subprocess.run(_mounted(folder, ["true"]), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "this platform has no user namespaces (`unshare`)"
    return None if done.returncode == 0 else f"this system mounts nothing for us: {done.stderr.strip()}"


class SmallDisk:
    """The server inside; `database_url` is of its owner."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.database_url: str = self._answer()

    def fill(self) -> None:
        """No block is left afterwards."""
        self._tell("fill")

    def empty(self) -> None:
        """Most of the space is there again."""
        self._tell("empty")

    def start_again(self) -> bool:
        """Whether the server had ended and was started again, as a supervisor would."""
        return bool(self._tell("start_again"))

    def _tell(self, command: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    command = _mounted(folder, [sys.executable, "-m", __name__, str(folder)])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield SmallDisk(process)
        # The program stops its server at the end of its input.


def _mounted(folder: Path, command: list[str]) -> list[str]:
    script = 'mount -t tmpfs -o "size=$1m,mode=0755" small "$2" && shift 2 && exec "$@"'
    return ["unshare", "-Urm", "--", "sh", "-c", script, "sh", str(MEGABYTES), str(folder), *_NOBODY, *command]


def _fill(ballast: Path) -> None:
    with ballast.open("ab") as file:
        for block in BLOCKS:
            try:
                while True:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), block)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def _start_again(server: PostgresServer) -> bool:
    if server.child is not None and server.child.exit_code() is None:
        return False
    try:
        server.restart()
    except LocalStartError as error:
        raise SystemExit(error.message) from error
    return True


def _say(answer: str | bool) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


def _obey(folder: Path) -> None:
    place = find_place(folder)
    server = PostgresServer(place, secrets.token_hex(16), settings=SETTINGS)
    server.start()
    _say(server.url)
    ballast = folder / "ballast"
    try:
        for line in sys.stdin:
            restarted = False
            match line.strip():
                case "fill":
                    _fill(ballast)
                case "empty":
                    ballast.unlink()
                case "start_again":
                    restarted = _start_again(server)
            _say(restarted)
    finally:
        server.stop()


if __name__ == "__main__":
    _obey(Path(sys.argv[1]))
