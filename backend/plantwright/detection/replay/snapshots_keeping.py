"""What becomes of old snapshots."""

from datetime import datetime, timedelta
from uuid import UUID

from plantwright.core.database import Database
from plantwright.detection.multivariate import snapshots_repository as machine_snapshots
from plantwright.detection.replay import snapshots_repository
from plantwright.readings.storage.repository import read_tier
from plantwright.readings.storage.retention import raw_cutoff

# In one transaction: about 100 MB.
_ROWS = 64
# A replay from the oldest reading that is kept starts from a snapshot before it, which may be a month older.
_BEFORE_READINGS = timedelta(days=62)


async def keep_snapshots(database: Database, tenant_id: UUID, now: datetime) -> int:
    """Old months keep one state of each series, and none from before the readings; returns how many rows went through.

    Args:
        database: of the worker's role.
        tenant_id: whose.
        now: what "old" is measured from.
    """
    total = 0
    while True:
        async with database.transaction(tenant_id) as work:
            cutoff = raw_cutoff(await read_tier(work), now) - _BEFORE_READINGS
            await snapshots_repository.delete_before(work, cutoff.date())
            await machine_snapshots.keep(work, now, cutoff)
            passed = await snapshots_repository.thin(work, now.date(), _ROWS)
        total += passed
        if passed < _ROWS:
            return total
