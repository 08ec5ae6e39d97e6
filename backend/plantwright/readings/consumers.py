"""Consumers of the readings log: each has a durable cursor, moved in the transaction of its effect."""

from typing import Protocol
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.journal.repository import lock_cursor
from plantwright.readings.columns import LogSlice
from plantwright.readings.repository import read_flushes

BATCH_READINGS = 50_000
# A consumer that is behind takes more at once, since much of its work is the same for a batch of any size.
MAX_BATCH_READINGS = 400_000


class ReadingsConsumer(Protocol):
    @property
    def name(self) -> str: ...

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        """The effect of these readings; it commits together with the cursor."""
        ...


async def run_readings_consumer(
    database: Database, tenant_id: UUID, consumer: ReadingsConsumer, *, batch: int = BATCH_READINGS
) -> int:
    """Catch up with the settled part of the log; returns how many readings were passed."""
    passed = 0
    while True:
        async with database.transaction(tenant_id) as work:
            cursor = await lock_cursor(work, consumer.name, start=0)
            readings = await read_flushes(work, cursor.position, batch)
            if readings.position == cursor.position:
                return passed
            await consumer.consume(work, readings)
            cursor.position = readings.position
            cursor.updated_at = utc_now()
            work.session.add(cursor)
        passed += len(readings)
        if len(readings) >= batch // 2:
            batch = min(2 * batch, max(batch, MAX_BATCH_READINGS))
