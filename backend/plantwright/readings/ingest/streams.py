"""Batch keys are forgotten after a week; that their numbers are used up is still known.

The last key of a stream is kept, however old. A sender that waits for each answer can only repeat its last batch, so
a batch under a forgotten number is none that was sent before: its sender counts anew, and must be told.

A key goes in two steps. First `ingest_stream.forgotten_through` of its stream is moved; every process that takes
batches learns of that within ten minutes. Only then, a quarter of an hour later, the row goes. So at every moment
each process knows a used number by its row, or by its stream, or by both.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plantwright.core.database import Database
from plantwright.core.recently_used import RecentlyUsed
from plantwright.readings.ingest import repository
from plantwright.readings.ingest.batch import BatchKey

KEPT = timedelta(days=7)
LEARNED_AFTER = timedelta(minutes=15)
REFRESH_SECONDS = 600.0
CAPACITY = 100_000
ROWS_AT_ONCE = 2_000


async def forget_batches(worker: Database, tenant_id: UUID, now: datetime) -> int:
    """Delete the keys that were told of a quarter of an hour ago, and tell of the next; returns how many were deleted.

    Args:
        worker: of the `worker` role.
        tenant_id: whose keys.
        now: on the clock of the database, which dates the keys.
    """
    deleted = 0
    while True:
        async with worker.transaction(tenant_id) as work:
            found = await repository.delete_forgotten(work, now - LEARNED_AFTER, ROWS_AT_ONCE)
        deleted += found
        if found < ROWS_AT_ONCE:
            break
    async with worker.reading(tenant_id) as work:
        old = await repository.find_old_keys(work, now - KEPT)
    if old:
        async with worker.transaction(tenant_id) as work:
            await repository.move_forgotten(work, old)
    return deleted


@dataclass(frozen=True, slots=True)
class _Known:
    through: int
    until: float


class ForgottenStreams:
    """How far the keys of each stream are forgotten, as this process knows it; `database` is of the `app` role."""

    def __init__(
        self, database: Database, *, capacity: int = CAPACITY, refresh_seconds: float = REFRESH_SECONDS
    ) -> None:
        self._database = database
        self._refresh_seconds = refresh_seconds
        self._known = RecentlyUsed[tuple[int, UUID, str], _Known](capacity)

    async def is_forgotten(self, tenant_id: UUID, tenant_no: int, key: BatchKey) -> bool:
        """Whether a batch was stored under this number so long ago that its key, and the answer it got, are gone."""
        name = tenant_no, key.agent, key.stream
        known = self._known.get(name)
        now = time.monotonic()
        if known is None or known.until <= now:
            async with self._database.reading(tenant_id) as work:
                through = await repository.forgotten_through(work, *name)
            # From before the query: what is moved while it runs may be missing in its answer.
            known = _Known(through, now + self._refresh_seconds)
            self._known.put(name, known)
        return key.sequence <= known.through
