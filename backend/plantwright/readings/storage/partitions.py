"""Monthly partitions of the readings log, made ahead and dropped by the worker."""

from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError

from plantwright.core.database import Database
from plantwright.readings.storage import expiry_repository as repository
from plantwright.readings.storage.expiry import start_of_day
from plantwright.readings.storage.retention import raw_cutoff

log = structlog.get_logger()

MONTHS_AHEAD = 3
_LOCK_NOT_AVAILABLE = "55P03"


async def ensure_partitions(worker: Database) -> int:
    """Make what is missing of this month and the next three; returns how many partitions were made.

    Readings of any other month go to the default partition.
    """
    async with worker.transaction() as work:
        return await repository.ensure_partitions(work, MONTHS_AHEAD)


async def drop_partitions(worker: Database, now: datetime) -> int:
    """Drop months that no tenant's tier keeps any more; returns how many.

    A partition that somebody is reading stays until the next call: waiting for its lock would hold up everybody else.
    """
    async with worker.transaction() as work:
        tiers = await repository.list_tiers(work)
    if not tiers:
        return 0
    keep_from = start_of_day(min(raw_cutoff(tier, now) for tier in tiers))
    dropped = 0
    try:
        while await _drop_one(worker, keep_from):
            dropped += 1
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        log.info("partition_in_use", dropped=dropped)
    return dropped


async def _drop_one(worker: Database, keep_from: datetime) -> bool:
    async with worker.transaction() as work:
        return await repository.drop_partition(work, keep_from)
