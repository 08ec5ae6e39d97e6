"""What changes by the passing of time alone: machines that fall silent, and events that leave their window."""

from datetime import datetime, timedelta

from plantwright.core.database import UnitOfWork
from plantwright.health import repository
from plantwright.health.service import recompute
from plantwright.journal.service import Journal

# Windows are days long, so an hour late moves no one's decision. A machine with nothing against it cannot improve
# and is left alone.
STALE_AFTER = timedelta(hours=1)
# Bounds how long one transaction holds the tenant's journal; the rest follows at the next sweep.
_AT_ONCE = 200


async def is_due(work: UnitOfWork, now: datetime) -> bool:
    """Whether `refresh` has anything to do."""
    return bool(await repository.machines_due(work, now, STALE_AFTER, 1))


async def refresh(work: UnitOfWork, journal: Journal, now: datetime) -> int:
    """Returns how many machines were recomputed."""
    due = await repository.machines_due(work, now, STALE_AFTER, _AT_ONCE)
    if due:
        await recompute(work, journal, due, now)
    return len(due)
