"""Monthly partitions of the readings log, made ahead by the worker."""

from plantwright.core.database import Database
from plantwright.readings import repository

MONTHS_AHEAD = 3


async def ensure_partitions(worker: Database) -> int:
    """Make what is missing of this month and the next three; returns how many partitions were made.

    Readings of any other month go to the default partition.
    """
    async with worker.transaction() as work:
        return await repository.ensure_partitions(work, MONTHS_AHEAD)
