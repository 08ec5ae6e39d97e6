"""Consumers of the journal: each has a durable cursor, moved in the transaction of its effect.

A crash between two batches repeats nothing and skips nothing; the journal's lock per tenant makes the
order of commits the order of sequences, so a reader can never overtake a row that commits later.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.journal import repository
from plantwright.journal.models import AuditRecord


class JournalConsumer(Protocol):
    """`name` keys the cursor; `prefixes` are the beginnings of the actions it wants."""

    @property
    def name(self) -> str: ...

    @property
    def prefixes(self) -> Sequence[str]: ...

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        """The effect of these records; it commits together with the cursor."""
        ...


async def run_consumer(database: Database, tenant_id: UUID, consumer: JournalConsumer, *, batch: int = 500) -> int:
    """Catch up to the end of the journal; returns how many rows were passed."""
    passed = 0
    while True:
        count = await _one_batch(database, tenant_id, consumer, batch)
        passed += count
        if count < batch:
            return passed


async def _one_batch(database: Database, tenant_id: UUID, consumer: JournalConsumer, batch: int) -> int:
    async with database.transaction(tenant_id) as work:
        cursor = await repository.lock_cursor(work, consumer.name, start=0)
        rows = await repository.read_after(work, cursor.position, batch)
        if not rows:
            return 0
        wanted = [row for row in rows if row.action.startswith(tuple(consumer.prefixes))]
        if wanted:
            await consumer.consume(work, wanted)
        cursor.position = rows[-1].sequence
        cursor.updated_at = utc_now()
        work.session.add(cursor)
        return len(rows)
