"""Walk a chain and name the first row that is not as it was written.

Faults, in the order in which one walk can tell them apart:
- `inserted`: a row that is not genuine stands before the genuine one of its number or after the sealed head, or it is
  the copy of an earlier row.
- `deleted`: a number is missing, or the rows after it were renumbered to hide that.
- `reordered`: the row is genuine for another number and the true one stands elsewhere, or it belongs to another branch.
- `edited`: the row's recomputed HMAC differs from the stored one, or it contradicts the head or a checkpoint.
- `tail_cut`: the chain ends before its sealed head, or before a checkpoint kept outside the database.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from plantwright.journal.canonical import GENESIS, Link, seal
from plantwright.journal.models import AuditRecord, JournalHead

# How far a row may have been moved and still be recognised; trying a number costs some microseconds.
_FARTHEST_MOVE = 100_000
_BEYOND_HEAD = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`first_bad_sequence` and `fault` are None when the chain is intact."""

    records_checked: int
    head_hash: bytes
    first_bad_sequence: int | None = None
    fault: str | None = None
    detail: str = "Every row matches its hash and the one before it, up to the sealed head."

    @property
    def is_intact(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head that was seen earlier and kept outside the database."""

    sequence: int
    row_hash: bytes


async def verify_chain(
    records: AsyncIterator[AuditRecord],
    head: JournalHead | None,
    key: bytes,
    tenant_id: UUID,
    checkpoints: Sequence[Checkpoint] = (),
) -> Verification:
    """
    Args:
        records: all rows of the tenant, ascending by sequence.
        head: the stored head, None when there is none.
        key: the tenant's key.
        tenant_id: whose chain it is.
        checkpoints: heads known from outside, in any order; two of one row that differ are both held against it.
    """
    kept: defaultdict[int, set[bytes]] = defaultdict(set)
    for checkpoint in checkpoints:
        kept[checkpoint.sequence].add(checkpoint.row_hash)
    known = _Known(key, tenant_id, head, kept)
    checked, previous = 0, GENESIS
    async for record in records:
        if not _follows(record, checked + 1, previous, key):
            fault = await _Diagnosis(known, records, checked + 1, previous).of(record)
            return _broken(Verification(records_checked=checked, head_hash=previous), fault)
        if kept.get(record.sequence, {record.row_hash}) != {record.row_hash}:
            return _broken(Verification(records_checked=checked, head_hash=previous), _contradicted(record.sequence))
        checked, previous = checked + 1, record.row_hash
    walked = Verification(records_checked=checked, head_hash=previous)
    fault_at_end = _fault_of_end(walked, known)
    return walked if fault_at_end is None else _broken(walked, fault_at_end)


class _Fault(NamedTuple):
    kind: str
    sequence: int
    detail: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the chain besides its rows."""

    key: bytes
    tenant_id: UUID
    head: JournalHead | None
    kept: Mapping[int, set[bytes]]

    def is_sealed(self) -> bool:
        head = self.head
        return head is not None and seal(self.key, self.tenant_id, head.sequence, head.row_hash) == head.seal

    def newest(self) -> int | None:
        """The number of the sealed head, None when there is no trustworthy one."""
        return self.head.sequence if self.head is not None and self.is_sealed() else None


@dataclass(frozen=True, slots=True)
class _Diagnosis:
    """Which fault the first bad row shows; `rest` are the rows after it."""

    known: _Known
    rest: AsyncIterator[AuditRecord]
    expected: int
    previous: bytes

    async def of(self, record: AuditRecord) -> _Fault:
        number = record.sequence
        newest = self.known.newest()
        if number < self.expected:
            return _Fault("inserted", number, f"Row {number} stands below the first number of the chain.")
        if newest is not None and self.expected > newest:
            return _Fault("inserted", number, f"Row {number} stands after the sealed head, row {newest}.")
        if number > self.expected:
            return await self._of_gap(record)
        return await self._of_wrong_row(record, _genuine_number(record, self.known.key, newest or 0))

    async def _of_gap(self, record: AuditRecord) -> _Fault:
        moved_to = await self._place_of_expected(record)
        if moved_to is not None:
            return _Fault(
                "reordered", self.expected, f"Row {self.expected} was moved and now stands as row {moved_to}."
            )
        return _missing(self.expected, record.sequence, "its number is not there")

    async def _of_wrong_row(self, record: AuditRecord, true_number: int | None) -> _Fault:
        number = record.sequence
        if true_number == number:
            return self._of_genuine_row(record)
        if true_number is not None and true_number < number:
            return _Fault("inserted", number, f"Row {number} is a copy of row {true_number}.")
        still_there = await self._place_of_expected(record) is not None
        if true_number is not None:
            if still_there:
                return _Fault("reordered", number, f"Row {number} was written as row {true_number} and moved here.")
            return _missing(number, true_number, "the rows after were renumbered")
        if still_there:
            return _Fault("inserted", number, f"Row {number} is not genuine; the true row {number} stands after it.")
        return _Fault("edited", number, f"Row {number} was changed after it was written: its recomputed hash differs.")

    def _of_genuine_row(self, record: AuditRecord) -> _Fault:
        number = record.sequence
        if record.prev_hash == self.previous:
            return _Fault("edited", number, f"Row {number} is filed under another machine than its payload names.")
        return _Fault("reordered", number, f"Row {number} is genuine but does not follow the row before it.")

    async def _place_of_expected(self, record: AuditRecord) -> int | None:
        """Where the genuine row of the expected number stands now, None when it is gone."""
        if self._is_expected(record):
            return record.sequence
        async for later in self.rest:
            if self._is_expected(later):
                return later.sequence
        return None

    def _is_expected(self, record: AuditRecord) -> bool:
        return record.prev_hash == self.previous and _was_written_as(record, self.expected, self.known.key)


def _follows(record: AuditRecord, expected: int, previous: bytes, key: bytes) -> bool:
    return (
        record.sequence == expected
        and record.prev_hash == previous
        and _was_written_as(record, expected, key)
        and _is_filed_rightly(record)
    )


def _is_filed_rightly(record: AuditRecord) -> bool:
    """The column that lists are narrowed by says what the hashed payload says, so that no row can be hidden."""
    named = record.payload.get("machine_id")
    return record.machine_id == (None if named is None else UUID(named))


def _was_written_as(record: AuditRecord, number: int, key: bytes) -> bool:
    link = link_of(record)
    return _matches(link if number == record.sequence else replace(link, sequence=number), key, record.row_hash)


def _matches(link: Link, key: bytes, row_hash: bytes) -> bool:
    try:
        return link.row_hash(key) == row_hash
    except TypeError:
        # A payload without canonical form was never written by `append`.
        return False


def _genuine_number(record: AuditRecord, key: bytes, newest: int) -> int | None:
    """The number that the row was written under, None when it is not genuine."""
    link = link_of(record)
    lowest = max(1, record.sequence - _FARTHEST_MOVE)
    highest = min(max(newest, record.sequence + _BEYOND_HEAD), record.sequence + _FARTHEST_MOVE)
    candidates = sorted(range(lowest, highest + 1), key=lambda number: abs(number - record.sequence))
    return next((n for n in candidates if _matches(replace(link, sequence=n), key, record.row_hash)), None)


def link_of(record: AuditRecord) -> Link:
    """What the row's hash covers."""
    return Link(
        tenant_id=record.tenant_id,
        sequence=record.sequence,
        prev_hash=record.prev_hash,
        actor_id=record.actor_id,
        action=record.action,
        resource_type=record.resource_type,
        resource_id=record.resource_id,
        payload=record.payload,
        created_at=record.created_at,
    )


def _fault_of_end(walked: Verification, known: _Known) -> _Fault | None:  # noqa: PLR0911 - one return per diagnosis
    last, head = walked.records_checked, known.head
    newest_kept = max(known.kept, default=0)
    if newest_kept > last:
        return _cut(last, f"a checkpoint kept outside the database knows row {newest_kept}")
    if head is None:
        # A tenant is made together with its first row, so there is no tenant without a chain.
        return _cut(last, "the sealed head that would end the chain is not there")
    if not known.is_sealed():
        return _Fault("edited", last, "The head of the chain does not match its seal.")
    if head.sequence > last:
        return _cut(last, f"the sealed head is row {head.sequence}")
    if head.sequence < last:
        detail = f"The sealed head was set back to row {head.sequence}; genuine rows follow it up to {last}."
        return _Fault("edited", head.sequence + 1, detail)
    if head.row_hash != walked.head_hash:
        return _Fault("edited", last, f"Row {last} is not the row that the sealed head was made of.")
    return None


def _missing(first: int, following: int, how: str) -> _Fault:
    names = f"Row {first} is" if following == first + 1 else f"Rows {first} to {following - 1} are"
    return _Fault("deleted", first, f"{names} missing: {how}.")


def _contradicted(number: int) -> _Fault:
    detail = f"Row {number} differs from the checkpoint kept of it: the chain was rewritten at or before this row."
    return _Fault("edited", number, detail)


def _cut(last: int, evidence: str) -> _Fault:
    return _Fault(
        "tail_cut", last + 1, f"The chain ends at row {last}; rows from {last + 1} on are missing: {evidence}."
    )


def _broken(walked: Verification, fault: _Fault) -> Verification:
    return replace(walked, first_bad_sequence=fault.sequence, fault=fault.kind, detail=fault.detail)
