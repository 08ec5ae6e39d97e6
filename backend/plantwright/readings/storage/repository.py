"""SQL of what is stored: measured by day (UTC), shown by month; and of the clean-up that an admin asked for.

Counted as bytes of a row are its columns as stored, compressed ones compressed, its header and its pointer in the
page. Indexes, free space and the headers of rows of out-of-line values are not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.identity.models import Tier
from plantwright.readings.models import StorageCleanup, StorageState
from plantwright.readings.repository import OWN_NUMBER

# 24 bytes of header, 4 of pointer; then the columns of fixed size with their padding.
_SEGMENT_BYTES = """(28 + 32 + coalesce(pg_column_size(s.offsets), 0) + pg_column_size(s."values")
                     + coalesce(pg_column_size(s.quality), 0))"""
_ROLLUP_BYTES = """(28 + 24 + pg_column_size(r.places) + pg_column_size(r.counts) + pg_column_size(r.lasts)
                    + coalesce(pg_column_size(r.sums), 0) + coalesce(pg_column_size(r.minimums), 0)
                    + coalesce(pg_column_size(r.maximums), 0))"""

_TIER = text("SELECT tier FROM tenant WHERE id = :tenant_id")
_SETTLED = text("SELECT settled_flush_id()")
# A day changes by new flushes, and by merging what had not been merged when it was measured.
_CHANGED_DAYS = text(f"""
    SELECT DISTINCT date_trunc('day', start, 'UTC') AS day FROM segment
    WHERE tenant_no = {OWN_NUMBER} AND flush_id > :through
    UNION
    SELECT day FROM storage_usage WHERE tenant_no = {OWN_NUMBER} AND unmerged > 0""")  # noqa: S608 - a constant
_SEGMENTS_OF_DAY = text(f"""
    SELECT count(*) AS segments, count(*) FILTER (WHERE s.level < 2) AS unmerged,
           coalesce(sum(coalesce(cardinality(s.offsets), cardinality(s."values"))), 0)::bigint AS readings,
           coalesce(sum({_SEGMENT_BYTES}), 0)::bigint AS bytes, min(s.start) AS oldest,
           max(s.start + coalesce(s.offsets[cardinality(s.offsets)], s.period * (cardinality(s."values") - 1))
                       * interval '1 millisecond') AS newest
    FROM metric m CROSS JOIN LATERAL (
        SELECT * FROM segment WHERE tenant_no = {OWN_NUMBER} AND series_id = m.series_id
          AND start >= :day AND start < :next) s
    WHERE m.tenant_id = :tenant_id""")  # noqa: S608 - the inserted text is a constant
_ROLLUPS_OF_DAY = text(f"""
    SELECT coalesce(sum({_ROLLUP_BYTES}) FILTER (WHERE r.bucket_seconds = 60), 0)::bigint AS minute_bytes,
           coalesce(sum({_ROLLUP_BYTES}) FILTER (WHERE r.bucket_seconds = 3600), 0)::bigint AS hour_bytes,
           coalesce(sum({_ROLLUP_BYTES}) FILTER (WHERE r.bucket_seconds = 86400), 0)::bigint AS day_bytes
    FROM metric m CROSS JOIN (VALUES (60), (3600), (86400)) AS bucket (seconds) CROSS JOIN LATERAL (
        SELECT * FROM rollup WHERE tenant_no = {OWN_NUMBER} AND bucket_seconds = bucket.seconds
          AND series_id = m.series_id AND start >= :day AND start < :next) r
    WHERE m.tenant_id = :tenant_id""")  # noqa: S608 - the inserted text is a constant
_KEEP_USAGE = text(f"""
    INSERT INTO storage_usage AS kept (tenant_no, day, segments, unmerged, readings, bytes, minute_bytes, hour_bytes,
                                       day_bytes, oldest, newest)
    VALUES ({OWN_NUMBER}, :day, :segments, :unmerged, :readings, :bytes, :minute_bytes, :hour_bytes, :day_bytes,
            :oldest, :newest)
    ON CONFLICT (tenant_no, day) DO UPDATE
    SET (segments, unmerged, readings, bytes, minute_bytes, hour_bytes, day_bytes, oldest, newest, measured_at) =
        (excluded.segments, excluded.unmerged, excluded.readings, excluded.bytes, excluded.minute_bytes,
         excluded.hour_bytes, excluded.day_bytes, excluded.oldest, excluded.newest, now())""")  # noqa: S608 - a constant
_DROP_EMPTY = text(f"""
    DELETE FROM storage_usage WHERE tenant_no = {OWN_NUMBER} AND segments = 0
      AND minute_bytes + hour_bytes + day_bytes = 0""")  # noqa: S608 - the inserted text is a constant
_KEEP_STATE = text(f"""
    INSERT INTO storage_state (tenant_no, measured_through) VALUES ({OWN_NUMBER}, :through)
    ON CONFLICT (tenant_no) DO UPDATE SET measured_through = :through, measured_at = now()""")  # noqa: S608 - a constant
_MONTHS = text(f"""
    SELECT date_trunc('month', day, 'UTC') AS month, sum(segments)::bigint AS segments,
           sum(unmerged)::bigint AS unmerged, sum(readings)::bigint AS readings, sum(bytes)::bigint AS bytes,
           sum(minute_bytes + hour_bytes + day_bytes)::bigint AS rollup_bytes,
           min(oldest) AS oldest, max(newest) AS newest
    FROM storage_usage WHERE tenant_no = {OWN_NUMBER} GROUP BY 1 ORDER BY 1""")  # noqa: S608 - a constant

_REQUEST = text(f"""
    INSERT INTO storage_cleanup AS last (tenant_no, requested_by) VALUES ({OWN_NUMBER}, :requested_by)
    ON CONFLICT (tenant_no) DO UPDATE
    SET requested_at = now(), requested_by = :requested_by, started_at = NULL, claimed_until = NULL,
        finished_at = NULL, segments = 0, readings = 0, rollups = 0
    WHERE last.finished_at IS NOT NULL
    RETURNING tenant_no""")  # noqa: S608 - the inserted text is a constant
_CLAIM = text(f"""
    UPDATE storage_cleanup SET started_at = coalesce(started_at, now()), claimed_until = now() + interval '1 minute'
    WHERE tenant_no = {OWN_NUMBER} AND finished_at IS NULL AND coalesce(claimed_until, '-infinity') < now()
    RETURNING tenant_no""")  # noqa: S608 - the inserted text is a constant
_ADVANCE = text(f"""
    UPDATE storage_cleanup SET segments = segments + :segments, readings = readings + :readings,
           rollups = rollups + :rollups, claimed_until = now() + interval '1 minute'
    WHERE tenant_no = {OWN_NUMBER} AND finished_at IS NULL""")  # noqa: S608 - the inserted text is a constant
_FINISH = text(f"""
    UPDATE storage_cleanup SET finished_at = now(), claimed_until = NULL
    WHERE tenant_no = {OWN_NUMBER} AND finished_at IS NULL
    RETURNING requested_by, segments, readings, rollups""")  # noqa: S608 - the inserted text is a constant


@dataclass(frozen=True, slots=True)
class MonthUsage:
    """Of one month (UTC); `oldest` and `newest` are None when only rollups are left."""

    month: datetime
    segments: int
    unmerged: int
    readings: int
    bytes: int
    rollup_bytes: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class FinishedCleanup:
    """Who asked for it, and what it deleted."""

    requested_by: UUID
    segments: int
    readings: int
    rollups: int


async def read_tier(work: UnitOfWork) -> Tier:
    return Tier((await work.execute(_TIER, {"tenant_id": work.tenant_id})).scalar_one())


async def changed_days(work: UnitOfWork) -> tuple[int, Sequence[datetime]]:
    """Days (UTC) that are to be measured, and the flush up to which nothing will be new after that."""
    settled = int((await work.execute(_SETTLED)).scalar_one())
    state = await read_state(work)
    through = 0 if state is None else state.measured_through
    rows = await work.execute(_CHANGED_DAYS, {"through": through})
    return settled, sorted(rows.scalars())


async def measure_day(work: UnitOfWork, day: datetime) -> Mapping[str, Any]:
    """What the readings of the day take, and the rollup rows that start within it; see `StorageUsage`."""
    window = {"tenant_id": work.tenant_id, "day": day, "next": day + timedelta(days=1)}
    segments: RowMapping = (await work.execute(_SEGMENTS_OF_DAY, window)).mappings().one()
    rollups: RowMapping = (await work.execute(_ROLLUPS_OF_DAY, window)).mappings().one()
    return {"day": day, **segments, **rollups}


async def keep_usage(work: UnitOfWork, usage: Mapping[str, Any]) -> None:
    await work.execute(_KEEP_USAGE, usage)


async def keep_state(work: UnitOfWork, through: int) -> None:
    """The log has been measured up to this flush; days of which nothing is left are forgotten."""
    await work.execute(_DROP_EMPTY)
    await work.execute(_KEEP_STATE, {"through": through})


async def read_state(work: UnitOfWork) -> StorageState | None:
    statement = select(StorageState).where(col(StorageState.tenant_no) == text(OWN_NUMBER))
    return (await work.session.exec(statement)).one_or_none()


async def read_months(work: UnitOfWork) -> Sequence[MonthUsage]:
    """Months that have something, oldest first."""
    return [MonthUsage(**row) for row in (await work.execute(_MONTHS)).mappings()]


async def read_cleanup(work: UnitOfWork) -> StorageCleanup | None:
    statement = select(StorageCleanup).where(col(StorageCleanup.tenant_no) == text(OWN_NUMBER))
    return (await work.session.exec(statement.execution_options(populate_existing=True))).one_or_none()


async def request_cleanup(work: UnitOfWork, requested_by: UUID) -> bool:
    """Whether it is a new one; while one waits or runs, asking again changes nothing."""
    return (await work.execute(_REQUEST, {"requested_by": requested_by})).first() is not None


async def claim_cleanup(work: UnitOfWork) -> bool:
    """Whether there is one to do that no other worker is at; it is the caller's for a minute at a time."""
    return (await work.execute(_CLAIM)).first() is not None


async def advance_cleanup(work: UnitOfWork, *, segments: int, readings: int, rollups: int) -> None:
    """Add what was deleted, and keep the claim."""
    await work.execute(_ADVANCE, {"segments": segments, "readings": readings, "rollups": rollups})


async def finish_cleanup(work: UnitOfWork) -> FinishedCleanup | None:
    """None when another worker has finished it."""
    row = (await work.execute(_FINISH)).mappings().first()
    return None if row is None else FinishedCleanup(**row)
