"""Growing files of the demo plant: one CSV and one JSON-lines machine, one record per second.

- A record is written in one go and ends with a line end.
- A file that has reached its size is renamed to `<name>.1`, replacing the one before, and a new one begins.
"""

from pathlib import Path

import msgspec

from plantwright.demo.fault_store import demo_dir
from plantwright.demo.machines import machines_on
from plantwright.demo.model import Machine, Protocol
from plantwright.demo.tick import Tick

CSV_DELIMITER = ";"
TIME_COLUMN = "time"
ROTATE_BYTES = 1_000_000
_SUFFIX = {Protocol.CSV: "csv", Protocol.JSON: "jsonl"}


def file_of(data_dir: Path, machine: Machine) -> Path:
    return demo_dir(data_dir) / "files" / f"{machine.identifier}.{_SUFFIX[machine.protocol]}"


class GrowingFile:
    """Appends lines and rotates; `header` opens each new file."""

    def __init__(self, path: Path, *, header: str = "", rotate_bytes: int = ROTATE_BYTES) -> None:
        self.path = path
        self._header = header
        self._rotate_bytes = rotate_bytes
        self._checked = False

    @property
    def rotated(self) -> Path:
        return self.path.with_name(f"{self.path.name}.1")

    def append(self, line: str) -> None:
        size = self.path.stat().st_size if self.path.exists() else 0
        if size >= self._rotate_bytes:
            self.path.replace(self.rotated)
            size = 0
        start = self._header if size == 0 else self._repair()
        with self.path.open("ab") as stream:
            stream.write(f"{start}{line}\n".encode())

    def _repair(self) -> str:
        """A run that was killed may have left half a line; the next record must not be glued to it."""
        if self._checked:
            return ""
        self._checked = True
        with self.path.open("rb") as stream:
            stream.seek(-1, 2)
            return "" if stream.read() == b"\n" else "\n"


class FilesOutlet:
    """Writes the machines that export files."""

    def __init__(self, data_dir: Path, *, rotate_bytes: int = ROTATE_BYTES) -> None:
        self._files = {
            machine: GrowingFile(file_of(data_dir, machine), header=_header(machine), rotate_bytes=rotate_bytes)
            for protocol in _SUFFIX
            for machine in machines_on(protocol)
        }

    async def start(self) -> None:
        for growing in self._files.values():
            growing.path.parent.mkdir(parents=True, exist_ok=True)

    async def publish(self, tick: Tick) -> None:
        for machine, growing in self._files.items():
            if machine.identifier not in tick.dropped:
                growing.append(_record(machine, tick))

    async def stop(self) -> None:
        """Nothing is held open between records."""


def _header(machine: Machine) -> str:
    if machine.protocol is not Protocol.CSV:
        return ""
    return CSV_DELIMITER.join([TIME_COLUMN, *(spec.name for spec in machine.metrics)]) + "\n"


def _record(machine: Machine, tick: Tick) -> str:
    readings = tick.readings[machine.identifier]
    if machine.protocol is Protocol.CSV:
        fields = (f"{readings[spec.name]:.{spec.decimals}f}" for spec in machine.metrics)
        return CSV_DELIMITER.join([tick.time_text, *fields])
    return msgspec.json.encode({TIME_COLUMN: tick.time_text, **readings}).decode()
