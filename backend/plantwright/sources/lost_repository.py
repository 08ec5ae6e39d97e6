"""SQL of sources that are polled in vain. Only sources under a lease count: others nobody tries to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from plantwright.core.database import UnitOfWork

LOST_AFTER = timedelta(seconds=90)
# Whether anything is to be done about a source `r`; for the sweep's one question as well.
IS_DUE = """(
    (r.is_wanted AND r.lease_until > now() AND r.state <> 'ok'
     AND (r.unreachable_since IS NULL
          OR (r.lost_at IS NULL AND r.unreachable_since <= now() - CAST(:lost_after AS interval))))
    OR (r.unreachable_since IS NOT NULL AND (NOT r.is_wanted OR (r.lease_until > now() AND r.state = 'ok'))))"""
_DUE = text(f"""
    SELECT r.source_id, r.is_wanted, r.state, r.last_error, r.unreachable_since, r.lost_at,
           s.name, s.machine_id, s.protocol, s.address
    FROM ingest_source_runtime r
    JOIN ingest_source s ON s.tenant_id = r.tenant_id AND s.id = r.source_id
    WHERE r.tenant_id = :tenant_id AND {IS_DUE}
    ORDER BY r.source_id LIMIT :most""")  # noqa: S608 - the inserted text is a constant
_KEEP = text("""
    UPDATE ingest_source_runtime SET unreachable_since = :unreachable_since, lost_at = :lost_at
    WHERE tenant_id = :tenant_id AND source_id = :source_id""")


@dataclass(frozen=True, slots=True)
class WatchedSource:
    source_id: UUID
    is_wanted: bool
    state: str
    last_error: str
    unreachable_since: datetime | None
    lost_at: datetime | None
    name: str
    machine_id: UUID
    protocol: str
    address: str


async def due(work: UnitOfWork, most: int) -> Sequence[WatchedSource]:
    parameters = {"tenant_id": work.tenant_id, "lost_after": LOST_AFTER, "most": most}
    return [WatchedSource(**row) for row in (await work.execute(_DUE, parameters)).mappings()]


async def keep(
    work: UnitOfWork, source_id: UUID, *, unreachable_since: datetime | None, lost_at: datetime | None
) -> None:
    parameters = {"tenant_id": work.tenant_id, "source_id": source_id}
    await work.execute(_KEEP, {**parameters, "unreachable_since": unreachable_since, "lost_at": lost_at})
