"""Appending to the journal, in the transaction of the change that a row records."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from plantwright.core.bus import Bus, journal_channel
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.jobs import JobQueue
from plantwright.journal import repository
from plantwright.journal.canonical import GENESIS, Link, seal, tenant_key, to_payload
from plantwright.journal.models import AuditRecord, JournalHead
from plantwright.journal.verify import Checkpoint, Verification, verify_chain

CONSUME_JOURNAL = "consume_journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What happened, to what, by whom; `actor_id` is None when the system concluded it."""

    action: str
    resource_type: str
    resource_id: str
    payload: Mapping[str, Any]
    actor_id: UUID | None = None
    created_at: datetime = field(default_factory=utc_now)


class Journal:
    """Appends facts to the tenant's chain and wakes those who follow it.

    Without a bus and a queue (command line, tests) followers find the rows at their next sweep.
    """

    def __init__(self, master_key: bytes, bus: Bus | None = None, queue: JobQueue | None = None) -> None:
        self._master_key = master_key
        self._bus = bus
        self._queue = queue

    async def append(self, work: UnitOfWork, *facts: Fact) -> Sequence[AuditRecord]:
        """Number, chain and insert the facts; nothing else of the tenant is appended until the commit.

        Raises:
            TypeError, ValueError: a payload that has no canonical form.
        """
        if not facts:
            return ()
        await work.session.flush()
        key = self.tenant_key(work.tenant_id)
        head = await self._locked_head(work, key)
        records = [_next_record(head, key, fact) for fact in facts]
        head.seal = seal(key, head.tenant_id, head.sequence, head.row_hash)
        work.session.add(head)
        work.session.add_all(records)
        await work.session.flush()
        work.after_commit(CONSUME_JOURNAL, lambda: self._wake(work.tenant_id))
        return records

    def tenant_key(self, tenant_id: UUID) -> bytes:
        return tenant_key(self._master_key, tenant_id)

    async def verify(
        self, work: UnitOfWork, checkpoints: Sequence[Checkpoint] = (), on_row: Callable[[int], None] | None = None
    ) -> Verification:
        """Walk the whole chain of the unit of work's tenant; needs one snapshot, see `Database.snapshot`.

        Args:
            work: of the tenant whose chain is walked.
            checkpoints: heads kept outside the database, see `plantwright.journal.checkpoints`.
            on_row: called with the sequence of each row that was read.
        """
        head = await repository.read_head(work)
        rows = repository.walk(work)
        watched = rows if on_row is None else _watched(rows, on_row)
        return await verify_chain(watched, head, self.tenant_key(work.tenant_id), work.tenant_id, checkpoints)

    async def _locked_head(self, work: UnitOfWork, key: bytes) -> JournalHead:
        head = await repository.lock_head(work)
        if head is None:
            empty = JournalHead(
                tenant_id=work.tenant_id, sequence=0, row_hash=GENESIS, seal=seal(key, work.tenant_id, 0, GENESIS)
            )
            await repository.insert_first_head(work, empty)
            head = await repository.lock_head(work)
        if head is None:
            raise LookupError("the head of the journal vanished while it was made")
        return head

    async def _wake(self, tenant_id: UUID) -> None:
        if self._bus is not None:
            await self._bus.wake(journal_channel(tenant_id))
        if self._queue is not None:
            await self._queue.enqueue(CONSUME_JOURNAL, tenant_id)


async def _watched(rows: AsyncIterator[AuditRecord], on_row: Callable[[int], None]) -> AsyncIterator[AuditRecord]:
    async for row in rows:
        on_row(row.sequence)
        yield row


def _next_record(head: JournalHead, key: bytes, fact: Fact) -> AuditRecord:
    link = Link(
        tenant_id=head.tenant_id,
        sequence=head.sequence + 1,
        prev_hash=head.row_hash,
        actor_id=fact.actor_id,
        action=fact.action,
        resource_type=fact.resource_type,
        resource_id=fact.resource_id,
        payload=to_payload(fact.payload),
        created_at=fact.created_at,
    )
    head.sequence = link.sequence
    head.row_hash = link.row_hash(key)
    return AuditRecord(
        tenant_id=link.tenant_id,
        sequence=link.sequence,
        prev_hash=link.prev_hash,
        row_hash=head.row_hash,
        actor_id=link.actor_id,
        action=link.action,
        resource_type=link.resource_type,
        resource_id=link.resource_id,
        payload=dict(link.payload),
        created_at=link.created_at,
    )
