"""Heads of the chains, kept outside the database.

Whoever owns the database can cut a chain and put an old, genuinely sealed head back; only someone who remembers the
newer head can tell. The file is that memory: one JSON object per line, only ever appended to, each line sealed with
the tenant's key so that nobody without the key can add one. docs/journal.md says what it can and cannot prove.
"""

import asyncio
import hmac
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import orjson

from plantwright.core.clock import iso_utc, utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.journal import repository
from plantwright.journal.canonical import seal
from plantwright.journal.models import JournalHead
from plantwright.journal.service import Journal
from plantwright.journal.verify import Checkpoint

FILE_NAME = "checkpoints.jsonl"
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, not yet trusted; `number` counts from 1."""

    number: int
    tenant_id: UUID
    sequence: int
    row_hash: bytes
    at: str
    seal: bytes

    def is_genuine(self, key: bytes) -> bool:
        return hmac.compare_digest(self.seal, _line_seal(key, self.tenant_id, self.sequence, self.row_hash, self.at))


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """`unreadable` are the numbers of lines that are no checkpoints at all, such as one torn by a power cut."""

    lines: Mapping[UUID, Sequence[Line]] = field(default_factory=dict)
    unreadable: Sequence[int] = ()

    def tenants(self) -> set[UUID]:
        return set(self.lines)

    def of_tenant(self, tenant_id: UUID, key: bytes) -> "Kept":
        lines = self.lines.get(tenant_id, ())
        return Kept(
            checkpoints=[Checkpoint(line.sequence, line.row_hash) for line in lines if line.is_genuine(key)],
            forged=[line.number for line in lines if not line.is_genuine(key)],
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """Checkpoints of one tenant whose seal is right, oldest first, and the numbers of the lines whose seal is not."""

    checkpoints: Sequence[Checkpoint]
    forged: Sequence[int]


def read_checkpoints(path: Path, tenant_id: UUID, key: bytes) -> Kept:
    """The checkpoints of one tenant; none when there is no file.

    Args:
        path: the file that `write_checkpoints` appends to.
        tenant_id: whose chain.
        key: the tenant's key, see `Journal.tenant_key`.
    """
    return load_file(path).of_tenant(tenant_id, key)


def load_file(path: Path) -> CheckpointFile:
    """
    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return CheckpointFile()
    lines: defaultdict[UUID, list[Line]] = defaultdict(list)
    unreadable: list[int] = []
    for number, text in enumerate(raw.splitlines(), start=1):
        line = _parse(number, text)
        if line is not None:
            lines[line.tenant_id].append(line)
        elif text.strip():
            unreadable.append(number)
    return CheckpointFile(dict(lines), unreadable)


async def write_checkpoints(
    database: Database, journal: Journal, path: Path, tenant_ids: Iterable[UUID]
) -> Sequence[UUID]:
    """Append the head of each chain that moved; returns the tenants whose chain contradicts an earlier checkpoint.

    Such a chain gets no new line, so that the alarm repeats with every call until someone has looked at it.

    Raises:
        OSError: the file cannot be read or written.
    """
    known = await asyncio.to_thread(load_file, path)
    added: list[Line] = []
    contradicting: list[UUID] = []
    for tenant_id in tenant_ids:
        key = journal.tenant_key(tenant_id)
        checkpoints = known.of_tenant(tenant_id, key).checkpoints
        last = checkpoints[-1] if checkpoints else None
        async with database.snapshot(tenant_id) as work:
            head = await repository.read_head(work)
            if not await _agrees(work, key, head, last):
                contradicting.append(tenant_id)
            elif head is not None and (last is None or head.sequence > last.sequence):
                added.append(_line_of(head, key))
    if added:
        await asyncio.to_thread(_append, path, added)
    return contradicting


async def _agrees(work: UnitOfWork, key: bytes, head: JournalHead | None, last: Checkpoint | None) -> bool:
    """The head is sealed, is not older than the last checkpoint, and the chain still holds the row of that one."""
    if head is not None and seal(key, head.tenant_id, head.sequence, head.row_hash) != head.seal:
        return False
    if last is None:
        return True
    if head is None or head.sequence < last.sequence:
        return False
    rows = await repository.read_after(work, last.sequence - 1, 1)
    return bool(rows) and (rows[0].sequence, rows[0].row_hash) == (last.sequence, last.row_hash)


def _line_of(head: JournalHead, key: bytes) -> Line:
    at = iso_utc(utc_now())
    sealed = _line_seal(key, head.tenant_id, head.sequence, head.row_hash, at)
    return Line(0, head.tenant_id, head.sequence, head.row_hash, at, sealed)


def _line_seal(key: bytes, tenant_id: UUID, sequence: int, row_hash: bytes, at: str) -> bytes:
    covered = b"checkpoint:" + tenant_id.bytes + sequence.to_bytes(8, "big") + row_hash + at.encode()
    return hmac.digest(key, covered, "sha256")


def _parse(number: int, text: bytes) -> Line | None:
    try:
        fields = orjson.loads(text)
        line = Line(
            number=number,
            tenant_id=UUID(fields["tenant_id"]),
            sequence=fields["sequence"],
            row_hash=bytes.fromhex(fields["row_hash"]),
            at=fields["at"],
            seal=bytes.fromhex(fields["seal"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    whole = isinstance(line.sequence, int) and 0 < line.sequence < 2**63 and len(line.row_hash) == _HASH_BYTES
    return line if whole and isinstance(line.at, str) else None


def _append(path: Path, lines: Sequence[Line]) -> None:
    """One write at the end of the file, on the disk before it returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = b"".join(_text_of(line) for line in lines)
    with path.open("ab+") as file:
        if _is_torn(file):
            text = b"\n" + text
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _is_torn(file: BinaryIO) -> bool:
    """A write that a power cut ended halfway leaves a line without its end."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return False
    file.seek(size - 1)
    return file.read(1) != b"\n"


def _text_of(line: Line) -> bytes:
    fields = {
        "tenant_id": str(line.tenant_id),
        "sequence": line.sequence,
        "row_hash": line.row_hash.hex(),
        "at": line.at,
        "seal": line.seal.hex(),
    }
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
