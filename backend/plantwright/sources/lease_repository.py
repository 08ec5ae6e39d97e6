"""SQL of leases: who polls which source, by the clock of the database.

The worker's role may ask for free sources of all tenants at once; it takes and renews them as their tenant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from plantwright.core.database import Database, UnitOfWork
from plantwright.readings.repository import OWN_NUMBER

STREAM = "readings"
FENCE_ATTEMPTS = 20
# Two halves of the key of the lock that every process holds, shared, while it polls.
_LOCK = {"first": 0x706C616E, "second": 0x706F6C6C}

_ENTER = text("SELECT pg_advisory_lock_shared(:first, :second)")
_SURVEY = text("""
    WITH wanted AS (SELECT tenant_id, source_id, lease_until IS NULL OR lease_until < now() AS is_free
                    FROM ingest_source_runtime WHERE is_wanted)
    SELECT (SELECT count(*) FROM wanted) AS wanted,
           (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
              AND classid = CAST(:first AS bigint)::oid AND objid = CAST(:second AS bigint)::oid
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS pollers,
           free.tenant_id, free.source_id
    FROM (SELECT) one LEFT JOIN LATERAL
         (SELECT tenant_id, source_id FROM wanted WHERE is_free ORDER BY random() LIMIT :most) free ON true""")
_CLAIM = text("""
    UPDATE ingest_source_runtime r
    SET holder = :holder, epoch = r.epoch + 1, lease_until = now() + :seconds * interval '1 second',
        state = 'starting', since = now(), restarts = 0
    FROM (SELECT source_id, lease_until FROM ingest_source_runtime
          WHERE tenant_id = :tenant AND source_id = :source AND is_wanted
            AND (lease_until IS NULL OR lease_until < now())
          FOR UPDATE SKIP LOCKED) free
    WHERE r.tenant_id = :tenant AND r.source_id = free.source_id
    RETURNING r.epoch, r.version,
              greatest(r.last_reading_at, free.lease_until - :seconds * interval '1 second') AS unread_since""")
_RENEW = text("""
    UPDATE ingest_source_runtime r
    SET lease_until = now() + :seconds * interval '1 second', state = given.state, since = given.since,
        last_reading_at = greatest(given.reading_at, r.last_reading_at),
        readings = r.readings + given.readings, gaps = r.gaps + given.gaps, restarts = given.restarts
    FROM unnest(CAST(:sources AS uuid[]), CAST(:epochs AS bigint[]), CAST(:states AS text[]),
                CAST(:sinces AS timestamptz[]),
                CAST(:reading_ats AS timestamptz[]), CAST(:readings AS bigint[]), CAST(:gaps AS bigint[]),
                CAST(:restarts AS int[]))
         AS given (source_id, epoch, state, since, reading_at, readings, gaps, restarts)
    WHERE r.tenant_id = :tenant AND r.source_id = given.source_id AND r.holder = :holder AND r.epoch = given.epoch
    RETURNING r.source_id, r.version, r.is_wanted""")
_KEEP_ERRORS = text("""
    UPDATE ingest_source_runtime r SET last_error = given.error, last_error_at = given.error_at
    FROM unnest(CAST(:sources AS uuid[]), CAST(:epochs AS bigint[]), CAST(:errors AS text[]),
                CAST(:error_ats AS timestamptz[])) AS given (source_id, epoch, error, error_at)
    WHERE r.tenant_id = :tenant AND r.source_id = given.source_id AND r.holder = :holder AND r.epoch = given.epoch""")
_RELEASE = text("""
    UPDATE ingest_source_runtime SET holder = NULL, lease_until = NULL
    WHERE tenant_id = :tenant AND source_id = :source AND holder = :holder AND epoch = :epoch""")
_HIGHEST = text(f"""
    SELECT greatest(
        coalesce((SELECT max(sequence) FROM ingest_batch
                  WHERE tenant_no = {OWN_NUMBER} AND agent = :source AND stream = :stream), 0),
        coalesce((SELECT forgotten_through FROM ingest_stream
                  WHERE tenant_no = {OWN_NUMBER} AND agent = :source AND stream = :stream), 0)) AS sequence,
        {OWN_NUMBER} AS tenant_no""")  # noqa: S608 - the inserted text is a constant
_FENCE = text("""
    INSERT INTO ingest_batch (tenant_no, agent, stream, sequence, accepted, digest)
    VALUES (:tenant_no, :source, :stream, :sequence, 0, :digest)
    ON CONFLICT DO NOTHING RETURNING sequence""")
_NEWEST = text(f"""
    SELECT m.name, (extract(epoch FROM newest.time) * 1000)::bigint AS time_ms, newest.value
    FROM metric m
    CROSS JOIN LATERAL (SELECT max(start) AS start FROM segment
                        WHERE tenant_no = {OWN_NUMBER} AND series_id = m.series_id
                          AND start > now() - interval '2 days') last
    CROSS JOIN LATERAL (SELECT time, value FROM reading
                        WHERE tenant_no = {OWN_NUMBER} AND series_id = m.series_id AND segment_start = last.start
                        ORDER BY time DESC LIMIT 1) newest
    WHERE m.tenant_id = :tenant AND m.machine_id = :machine
      AND m.name = ANY (CAST(:names AS text[]))""")  # noqa: S608 - the inserted text is a constant
_KEEP_GAPS = text("""
    INSERT INTO ingest_source_gap (tenant_id, source_id, started_at, tag, reason, ended_at, count)
    SELECT :tenant, :source, given.*
    FROM unnest(CAST(:starts AS timestamptz[]), CAST(:tags AS text[]), CAST(:reasons AS text[]),
                CAST(:ends AS timestamptz[]), CAST(:counts AS int[])) AS given
    ON CONFLICT (tenant_id, source_id, started_at, tag, reason) DO UPDATE
    SET ended_at = excluded.ended_at, count = excluded.count""")
_FORGET_GAPS = text("""
    DELETE FROM ingest_source_gap WHERE tenant_id = :tenant AND source_id = :source
      AND started_at < (SELECT started_at FROM ingest_source_gap WHERE tenant_id = :tenant AND source_id = :source
                        ORDER BY started_at DESC OFFSET :kept LIMIT 1)""")


@dataclass(frozen=True, slots=True)
class Survey:
    """How many sources are to be polled, by how many processes, and some that nobody polls."""

    wanted: int
    pollers: int
    free: Sequence[tuple[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that is ours under this epoch; its next batch has the number `sequence`.

    `unread_since`: when its holder before was last known to poll it; None when it never had one.
    """

    epoch: int
    version: int
    tenant_no: int
    sequence: int
    unread_since: datetime | None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a renewal says of one source; `readings` and `gaps` have come since the last one."""

    source_id: UUID
    epoch: int
    state: str
    since: datetime
    error: str
    error_at: datetime | None
    reading_at: datetime | None
    readings: int
    gaps: int
    restarts: int


@dataclass(frozen=True, slots=True)
class Renewed:
    version: int
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class KeptGap:
    start: datetime
    end: datetime
    tag: str
    reason: str
    count: int


class Presence:
    """Counts the processes that poll: each holds a lock as long as its connection lives, however it ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None

    async def survey(self, most: int) -> Survey:
        """One question for all tenants; at most so many free sources."""
        try:
            connection = self._connection or await self._enter()
            rows = (await connection.execute(_SURVEY, {**_LOCK, "most": most})).all()
        except (DBAPIError, OSError):
            await self.leave()
            raise
        free = [(row.tenant_id, row.source_id) for row in rows if row.source_id is not None]
        return Survey(rows[0].wanted, rows[0].pollers, free)

    async def leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Not back to the pool: the lock is the connection's.
            await connection.invalidate()
            await connection.close()

    async def _enter(self) -> AsyncConnection:
        connection = await self._database.engine.connect()
        self._connection = connection
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(_ENTER, _LOCK)
        return connection


async def claim(work: UnitOfWork, source_id: UUID, holder: UUID, seconds: float) -> Claim | None:
    """Take the source and close its stream to whoever had it before; None when somebody else was faster.

    Numbers of a stream follow one on the other, and a number is used once. The row that is inserted here is the number
    that the holder before would use next: its readings, should it still send some, are refused.
    """
    parameters = {"tenant": work.tenant_id, "source": source_id, "holder": holder, "seconds": seconds}
    row = (await work.execute(_CLAIM, parameters)).one_or_none()
    if row is None:
        return None
    stream = {"source": source_id, "stream": STREAM}
    for _ in range(FENCE_ATTEMPTS):
        last = (await work.execute(_HIGHEST, stream)).one()
        fence = {**stream, "tenant_no": last.tenant_no, "sequence": last.sequence + 1, "digest": _digest(row.epoch)}
        if (await work.execute(_FENCE, fence)).one_or_none() is not None:
            return Claim(row.epoch, row.version, last.tenant_no, last.sequence + 2, row.unread_since)
    raise RuntimeError("somebody else writes the stream of the source as fast as it is closed")


async def renew(work: UnitOfWork, holder: UUID, beats: Sequence[Beat], seconds: float) -> dict[UUID, Renewed]:
    """What the configuration of each source that is still ours is by now."""
    parameters = {
        "tenant": work.tenant_id,
        "holder": holder,
        "seconds": seconds,
        "sources": [beat.source_id for beat in beats],
        "epochs": [beat.epoch for beat in beats],
        "states": [beat.state for beat in beats],
        "sinces": [beat.since for beat in beats],
        "reading_ats": [beat.reading_at for beat in beats],
        "readings": [beat.readings for beat in beats],
        "gaps": [beat.gaps for beat in beats],
        "restarts": [beat.restarts for beat in beats],
    }
    renewed = {row.source_id: Renewed(row.version, row.is_wanted) for row in await work.execute(_RENEW, parameters)}
    troubled = [beat for beat in beats if beat.error]
    if troubled:
        errors = {
            "tenant": work.tenant_id,
            "holder": holder,
            "sources": [beat.source_id for beat in troubled],
            "epochs": [beat.epoch for beat in troubled],
            "errors": [beat.error for beat in troubled],
            "error_ats": [beat.error_at for beat in troubled],
        }
        await work.execute(_KEEP_ERRORS, errors)
    return renewed


async def release(work: UnitOfWork, source_id: UUID, holder: UUID, epoch: int) -> None:
    """Let somebody else take it at once."""
    await work.execute(_RELEASE, {"tenant": work.tenant_id, "source": source_id, "holder": holder, "epoch": epoch})


async def newest_stored(work: UnitOfWork, machine_id: UUID, names: Sequence[str]) -> dict[str, tuple[int, float]]:
    """Time in milliseconds and value of the newest reading of each metric within the last two days."""
    parameters = {"tenant": work.tenant_id, "machine": machine_id, "names": list(names)}
    return {row.name: (row.time_ms, row.value) for row in await work.execute(_NEWEST, parameters)}


async def keep_gaps(work: UnitOfWork, source_id: UUID, gaps: Sequence[KeptGap], kept: int) -> None:
    """A gap that was kept before is made as long as it is now; of all, the newest so many stay."""
    parameters = {
        "tenant": work.tenant_id,
        "source": source_id,
        "starts": [gap.start for gap in gaps],
        "tags": [gap.tag for gap in gaps],
        "reasons": [gap.reason for gap in gaps],
        "ends": [gap.end for gap in gaps],
        "counts": [gap.count for gap in gaps],
    }
    await work.execute(_KEEP_GAPS, parameters)
    await work.execute(_FORGET_GAPS, {"tenant": work.tenant_id, "source": source_id, "kept": kept})


def _digest(epoch: int) -> bytes:
    return b"fence" + epoch.to_bytes(8, "big")
