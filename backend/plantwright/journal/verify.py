"""Walk a chain and name the first row that is not as it was written.

Faults, in the order in which one walk can tell them apart:
- `edited`: the row's recomputed HMAC differs from the stored one.
- `inserted`: a row that is not genuine stands where a genuine one was moved up to make room, or after the sealed head.
- `deleted`: a number is missing, or the rows after it were renumbered to hide that.
- `reordered`: the row is genuine for another number, or does not follow the row before it.
- `tail_cut`: the chain ends before its sealed head, or before a checkpoint kept outside the database.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from plantwright.journal.canonical import GENESIS, Link, seal
from plantwright.journal.models import AuditRecord, JournalHead

_WINDOW = 64


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
        checkpoints: heads known from outside, in any order.
    """
    kept = {checkpoint.sequence: checkpoint.row_hash for checkpoint in checkpoints}
    checked, previous = 0, GENESIS
    async for record, following in _with_following(records):
        fault = _fault_of(record, following, previous, checked + 1, key)
        if fault is None and kept.get(record.sequence, record.row_hash) != record.row_hash:
            fault = _Fault("edited", record.sequence, f"Row {record.sequence} differs from the checkpoint kept of it.")
        if fault is not None:
            return Verification(
                records_checked=checked,
                head_hash=previous,
                first_bad_sequence=fault.sequence,
                fault=fault.kind,
                detail=fault.detail,
            )
        checked, previous = checked + 1, record.row_hash
    return _check_head(Verification(records_checked=checked, head_hash=previous), head, key, tenant_id, kept)


class _Fault(NamedTuple):
    kind: str
    sequence: int
    detail: str


async def _with_following(
    records: AsyncIterator[AuditRecord],
) -> AsyncIterator[tuple[AuditRecord, AuditRecord | None]]:
    current: AuditRecord | None = None
    async for record in records:
        if current is not None:
            yield current, record
        current = record
    if current is not None:
        yield current, None


def _fault_of(  # noqa: PLR0911 - one return per diagnosis
    record: AuditRecord, following: AuditRecord | None, previous: bytes, expected: int, key: bytes
) -> _Fault | None:
    number = record.sequence
    if number < expected:
        return _Fault("inserted", number, f"Row {number} stands below the first number of the chain.")
    if number > expected:
        return _missing(expected, number)
    true_number = _genuine_number(record, key)
    if true_number == number:
        if record.prev_hash == previous:
            return None
        return _Fault("reordered", number, f"Row {number} is genuine but does not follow the row before it.")
    if true_number is None:
        return _forged_or_edited(record, following, key)
    if true_number > number and following is not None and _genuine_number(following, key) == true_number + 1:
        return _missing(number, true_number)
    return _Fault("reordered", number, f"Row {number} was written as row {true_number} and moved here.")


def _missing(first: int, following: int) -> _Fault:
    names = f"Row {first} is" if following == first + 1 else f"Rows {first} to {following - 1} are"
    return _Fault("deleted", first, f"{names} missing: the next row points at a row that is not there.")


def _forged_or_edited(record: AuditRecord, following: AuditRecord | None, key: bytes) -> _Fault:
    number = record.sequence
    if following is not None and _genuine_number(following, key) == number:
        return _Fault("inserted", number, f"Row {number} is not genuine; the true row {number} stands after it.")
    return _Fault("edited", number, f"Row {number} was changed after it was written: its recomputed hash differs.")


def _genuine_number(record: AuditRecord, key: bytes) -> int | None:
    """The number that the row was written under: its own, one nearby if it was moved, None if it is not genuine."""
    link = _link(record)
    nearby = sorted(
        range(max(1, link.sequence - _WINDOW), link.sequence + _WINDOW), key=lambda n: abs(n - link.sequence)
    )
    return next((n for n in nearby if replace(link, sequence=n).row_hash(key) == record.row_hash), None)


def _link(record: AuditRecord) -> Link:
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


def _check_head(
    walked: Verification, head: JournalHead | None, key: bytes, tenant_id: UUID, kept: dict[int, bytes]
) -> Verification:
    last = walked.records_checked
    newest_kept = max(kept, default=0)
    if newest_kept > last:
        return _cut(
            walked, f"A checkpoint kept outside the database knows row {newest_kept}; the chain ends at {last}."
        )
    if head is None:
        return walked if last == 0 else _cut(walked, "The sealed head of the chain is missing.")
    if seal(key, tenant_id, head.sequence, head.row_hash) != head.seal:
        return replace(
            walked, first_bad_sequence=last, fault="edited", detail="The head of the chain does not match its seal."
        )
    if head.sequence > last:
        return _cut(walked, f"The sealed head is row {head.sequence}; the chain ends at {last}.")
    if head.sequence < last:
        return replace(
            walked,
            first_bad_sequence=head.sequence + 1,
            fault="inserted",
            detail=f"Rows after {head.sequence} are not covered by the sealed head.",
        )
    return walked


def _cut(walked: Verification, detail: str) -> Verification:
    return replace(walked, first_bad_sequence=walked.records_checked + 1, fault="tail_cut", detail=detail)
