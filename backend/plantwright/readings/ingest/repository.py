"""SQL of batch keys and of how far each stream's keys have been forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from plantwright.core.database import UnitOfWork
from plantwright.readings.ingest.batch import BatchKey
from plantwright.readings.models import IngestBatch, IngestStream
from plantwright.readings.repository import OWN_NUMBER

# Each stream's keys are walked in order up to the first that is still kept. The first part finds the streams by
# stepping from one to the next, since there are few of them and many keys.
_OLD_KEYS = text(f"""
    WITH RECURSIVE streams AS (
        (SELECT agent, stream FROM ingest_batch WHERE tenant_no = {OWN_NUMBER} ORDER BY agent, stream LIMIT 1)
        UNION ALL
        SELECT next.agent, next.stream FROM streams CROSS JOIN LATERAL (
            SELECT agent, stream FROM ingest_batch
            WHERE tenant_no = {OWN_NUMBER} AND (agent, stream) > (streams.agent, streams.stream)
            ORDER BY agent, stream LIMIT 1) next)
    SELECT streams.agent, streams.stream, old.sequence
    FROM streams CROSS JOIN LATERAL (
        SELECT max(sequence) AS sequence FROM ingest_batch b
        WHERE b.tenant_no = {OWN_NUMBER} AND b.agent = streams.agent AND b.stream = streams.stream
          AND b.sequence < coalesce((
              SELECT sequence FROM ingest_batch kept
              WHERE kept.tenant_no = {OWN_NUMBER} AND kept.agent = streams.agent AND kept.stream = streams.stream
                AND kept.received_at >= :kept_since
              ORDER BY sequence LIMIT 1), (
              SELECT max(sequence) FROM ingest_batch newest
              WHERE newest.tenant_no = {OWN_NUMBER} AND newest.agent = streams.agent
                AND newest.stream = streams.stream))) old
    WHERE old.sequence IS NOT NULL""")  # noqa: S608 - the inserted text is a constant
_MOVE = text(f"""
    INSERT INTO ingest_stream (tenant_no, agent, stream, forgotten_through)
    SELECT {OWN_NUMBER}, given.agent, given.stream, given.sequence
    FROM unnest(CAST(:agents AS uuid[]), CAST(:streams AS text[]), CAST(:sequences AS bigint[]))
         AS given (agent, stream, sequence)
    ON CONFLICT (tenant_no, agent, stream) DO UPDATE
    SET forgotten_through = excluded.forgotten_through, updated_at = now()
    WHERE ingest_stream.forgotten_through < excluded.forgotten_through
      AND NOT EXISTS (SELECT FROM ingest_batch b
                      WHERE b.tenant_no = ingest_stream.tenant_no AND b.agent = ingest_stream.agent
                        AND b.stream = ingest_stream.stream
                        AND b.sequence <= ingest_stream.forgotten_through)""")  # noqa: S608 - a constant
_DELETE = text(f"""
    WITH gone AS (
        DELETE FROM ingest_batch WHERE tenant_no = {OWN_NUMBER} AND ctid = ANY (ARRAY(
            SELECT b.ctid FROM ingest_stream s JOIN ingest_batch b USING (tenant_no, agent, stream)
            WHERE s.tenant_no = {OWN_NUMBER} AND s.updated_at <= :told_before AND b.sequence <= s.forgotten_through
            LIMIT :rows))
        RETURNING 1)
    SELECT count(*) FROM gone""")  # noqa: S608 - the inserted text is a constant


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """The first answer to a batch."""

    accepted: int
    errors: list[tuple[int, str | None, str]]
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class OldKeys:
    """The keys of a stream up to `sequence` are all too old to keep."""

    agent: UUID
    stream: str
    sequence: int


async def find_old_keys(work: UnitOfWork, kept_since: datetime) -> Sequence[OldKeys]:
    """Of each stream the highest key that is older than this, below every younger one and not the stream's last."""
    return [OldKeys(**row) for row in (await work.execute(_OLD_KEYS, {"kept_since": kept_since})).mappings()]


async def move_forgotten(work: UnitOfWork, old: Sequence[OldKeys]) -> None:
    """Say of these keys that they will go; a stream of which some were told earlier and are still there waits."""
    parameters = {
        "agents": [keys.agent for keys in old],
        "streams": [keys.stream for keys in old],
        "sequences": [keys.sequence for keys in old],
    }
    await work.execute(_MOVE, parameters)


async def delete_forgotten(work: UnitOfWork, told_before: datetime, rows: int) -> int:
    """Delete at most so many keys of which it was told before this that they will go; returns how many."""
    return int((await work.execute(_DELETE, {"told_before": told_before, "rows": rows})).scalar_one())


async def forgotten_through(work: UnitOfWork, tenant_no: int, agent: UUID, stream: str) -> int:
    """The highest sequence whose key is forgotten, 0 when none is."""
    row = await work.session.get(IngestStream, (tenant_no, agent, stream))
    return 0 if row is None else row.forgotten_through


async def batch_outcome(work: UnitOfWork, tenant_no: int, key: BatchKey) -> BatchOutcome | None:
    """The answer a batch got when it was stored; None when it never was."""
    row = await work.session.get(IngestBatch, (tenant_no, key.agent, key.stream, key.sequence))
    if row is None:
        return None
    errors = [(index, machine, error) for index, machine, error in row.errors or ()]
    return BatchOutcome(row.accepted, errors, row.digest)
