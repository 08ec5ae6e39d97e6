"""The delivery log is kept for a while: what was told, when and with what result also stands in the journal."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from plantwright.core.database import Database
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications import repository

KEPT: Final = timedelta(days=30)
AT_ONCE: Final = 1_000


async def forget_deliveries(database: Database, tenant_id: UUID, now: datetime) -> int:
    """Those that ended and are older than 30 days, with their attempts, and browsers that have taken nothing for as
    long; returns how many deliveries.
    """
    async with database.transaction(tenant_id) as work:
        await repository.forget_browsers(work, now - KEPT)
    forgotten = 0
    while True:
        async with database.transaction(tenant_id) as work:
            count = await outbox.forget(work, now - KEPT, AT_ONCE)
        forgotten += count
        if count < AT_ONCE:
            return forgotten
