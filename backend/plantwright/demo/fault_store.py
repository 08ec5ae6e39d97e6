"""The control file that tells a running plant which faults are active.

- Written by the command line, read by the plant; a reader sees the old file or the new one, never a half.
- Writers take turns through a lock file, so two commands at once both count.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from plantwright.demo.errors import ControlFileInvalid, DemoError
from plantwright.demo.faults import Fault, make_fault

FILE_VERSION: Final = 1


class _FaultEntry(msgspec.Struct, forbid_unknown_fields=True):
    machine: str
    kind: str
    started_at: Annotated[datetime, msgspec.Meta(tz=True)]
    metric: str | None = None


class _ControlFile(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[1]
    faults: list[_FaultEntry]


def demo_dir(data_dir: Path) -> Path:
    return data_dir / "demo"


class FaultStore:
    """Reads and changes the active faults under a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.path = demo_dir(data_dir) / "faults.json"

    def read(self) -> tuple[Fault, ...]:
        """The active faults, none when the file is not there yet.

        Raises:
            ControlFileInvalid: the file is not a valid control file.
        """
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        try:
            content = msgspec.json.decode(raw, type=_ControlFile)
            return tuple(_from_entry(entry) for entry in content.faults)
        except (msgspec.DecodeError, DemoError) as error:
            raise ControlFileInvalid(
                f"{self.path} is not a valid list of faults ({error}). Correct or delete it."
            ) from error

    def start(self, fault: Fault) -> None:
        """Add a fault; one that is active already starts anew."""
        self._change(lambda faults: [*(f for f in faults if not _same(f, fault)), fault])

    def clear(self, fault: Fault, *, any_metric: bool = False) -> bool:
        """Take a fault away; `any_metric` clears every stuck sensor of the machine. False when it was not active."""
        removed: list[Fault] = []

        def without(faults: Sequence[Fault]) -> list[Fault]:
            removed.extend(f for f in faults if _same(f, fault, any_metric=any_metric))
            return [f for f in faults if f not in removed]

        self._change(without)
        return bool(removed)

    def _change(self, edit: Callable[[Sequence[Fault]], list[Fault]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with exclusive_lock(self.path.with_suffix(".lock")):
            entries = [_to_entry(fault) for fault in edit(self.read())]
            write_atomically(self.path, msgspec.json.encode(_ControlFile(FILE_VERSION, entries)), mode=0o644)


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold an advisory lock on `path`, which is created and left in place."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_atomically(path: Path, content: bytes, *, mode: int) -> None:
    """Replace a file so that it never has part of the content nor a wider mode; one writer at a time per path."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def _same(active: Fault, named: Fault, *, any_metric: bool = False) -> bool:
    return (
        active.machine == named.machine and active.kind is named.kind and (any_metric or active.metric == named.metric)
    )


def _to_entry(fault: Fault) -> _FaultEntry:
    started_at = datetime.fromtimestamp(fault.started_at / 1000, tz=UTC)
    return _FaultEntry(fault.machine, fault.kind, started_at, fault.metric)


def _from_entry(entry: _FaultEntry) -> Fault:
    started_at = round(entry.started_at.timestamp() * 1000)
    return make_fault(entry.machine, entry.kind, started_at, entry.metric)
