"""Sources that cannot be read any more: only the passing of time tells. The journal says so once, and once when it is
over; whatever the source does in between, such as starting again and again, changes nothing.
"""

from datetime import datetime

from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact, Journal
from plantwright.sources import lost_repository
from plantwright.sources.lost_repository import LOST_AFTER, WatchedSource
from plantwright.sources.models import SourceState

LOST = "ingest_source.lost"
REACHED = "ingest_source.reached"
UNWATCHED = "ingest_source.unwatched"
# Bounds how long one transaction holds the tenant's journal; the rest follows at the next sweep.
_AT_ONCE = 200


async def watch_sources(work: UnitOfWork, journal: Journal, now: datetime) -> None:
    for source in await lost_repository.due(work, _AT_ONCE):
        fact = await _look(work, source, now)
        if fact is not None:
            await journal.append(work, fact)


async def _look(work: UnitOfWork, source: WatchedSource, now: datetime) -> Fact | None:
    if not source.is_wanted or source.state == SourceState.OK:
        await lost_repository.keep(work, source.source_id, unreachable_since=None, lost_at=None)
        if source.lost_at is None:
            return None
        return _fact(REACHED if source.is_wanted else UNWATCHED, source, source.lost_at, reached_at=now)
    since = source.unreachable_since or now
    is_lost = now - since >= LOST_AFTER
    await lost_repository.keep(work, source.source_id, unreachable_since=since, lost_at=now if is_lost else None)
    return _fact(LOST, source, now, unreachable_since=since) if is_lost else None


def _fact(action: str, source: WatchedSource, lost_at: datetime, **details: object) -> Fact:
    payload = {
        "source_id": source.source_id,
        "name": source.name,
        "machine_id": source.machine_id,
        "protocol": source.protocol,
        "address": source.address,
        "last_error": source.last_error,
        "lost_at": lost_at,
        "threshold_seconds": LOST_AFTER.total_seconds(),
        **details,
    }
    return Fact(action=action, resource_type="ingest_source", resource_id=str(source.source_id), payload=payload)
