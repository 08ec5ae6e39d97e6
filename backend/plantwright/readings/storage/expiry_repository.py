"""SQL that deletes what retention no longer keeps: never more rows at once than asked for."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from plantwright.core.database import UnitOfWork
from plantwright.identity.models import Tier
from plantwright.readings.repository import OWN_NUMBER

_TIERS = text("SELECT DISTINCT tier FROM tenant")
_ENSURE_PARTITIONS = text("SELECT ensure_segment_partitions(:ahead)")
_DROP_PARTITION = text("SELECT drop_segment_partitions(:keep_from)")
_SERIES = text("SELECT series_id FROM metric WHERE tenant_id = :tenant_id ORDER BY series_id")
_DAYS = text(f"""
    SELECT day FROM storage_usage WHERE tenant_no = {OWN_NUMBER} AND segments > 0 AND day < :before
    ORDER BY day""")  # noqa: S608 - the inserted text is a constant
# The rows of a day at one level lie within one partition, so they are found by their place in it.
_DELETE_SEGMENTS = """
    WITH gone AS (
        DELETE FROM segment
        WHERE start >= :day AND start < :next AND {levels} AND tenant_no = {own} AND ctid = ANY (ARRAY(
            SELECT ctid FROM segment WHERE tenant_no = {own} AND series_id = ANY (CAST(:series AS integer[]))
               AND start >= :day AND start < :next AND {levels} LIMIT :rows))
        RETURNING coalesce(cardinality(offsets), cardinality("values")) AS readings)
    SELECT count(*) AS segments, coalesce(sum(readings), 0)::bigint AS readings FROM gone"""
_DELETE_MERGED = text(_DELETE_SEGMENTS.format(levels="level = 2", own=OWN_NUMBER))
_DELETE_RECENT = text(_DELETE_SEGMENTS.format(levels="level IN (0, 1)", own=OWN_NUMBER))
_FORGET_SEGMENTS = text(f"""
    UPDATE storage_usage SET segments = 0, unmerged = 0, readings = 0, bytes = 0, oldest = NULL, newest = NULL
    WHERE tenant_no = {OWN_NUMBER} AND day = :day""")  # noqa: S608 - the inserted text is a constant
_DELETED_BEFORE = text(f"""
    UPDATE storage_state SET deleted_before = greatest(deleted_before, :before)
    WHERE tenant_no = {OWN_NUMBER}""")  # noqa: S608 - the inserted text is a constant
_DELETE_ROLLUPS = text(f"""
    WITH gone AS (
        DELETE FROM rollup WHERE tenant_no = {OWN_NUMBER} AND ctid = ANY (ARRAY(
            SELECT ctid FROM rollup WHERE tenant_no = {OWN_NUMBER} AND bucket_seconds = :bucket_seconds
               AND series_id = ANY (CAST(:series AS integer[])) AND start >= :day AND start < :next LIMIT :rows))
        RETURNING 1)
    SELECT count(*) FROM gone""")  # noqa: S608 - the inserted text is a constant

_BYTES_OF = {60: "minute_bytes", 3_600: "hour_bytes", 86_400: "day_bytes"}


async def list_tiers(work: UnitOfWork) -> set[Tier]:
    """Tiers that some tenant has; only the worker's role sees more than its own."""
    return {Tier(tier) for tier in (await work.execute(_TIERS)).scalars()}


async def ensure_partitions(work: UnitOfWork, months_ahead: int) -> int:
    """Make the missing monthly partitions from this month on; returns how many were made."""
    return int((await work.execute(_ENSURE_PARTITIONS, {"ahead": months_ahead})).scalar_one())


async def drop_partition(work: UnitOfWork, keep_from: datetime) -> bool:
    """Drop the oldest monthly partition that ends before; False when there is none.

    Raises:
        DBAPIError: SQLSTATE 55P03 when somebody reads or writes the log for longer than a moment.
    """
    return bool((await work.execute(_DROP_PARTITION, {"keep_from": keep_from})).scalar_one())


async def list_series(work: UnitOfWork) -> Sequence[int]:
    return (await work.execute(_SERIES, {"tenant_id": work.tenant_id})).scalars().all()


async def days_of_segments(work: UnitOfWork, before: datetime) -> Sequence[datetime]:
    """Days (UTC) before this that are known to have segments, oldest first."""
    return (await work.execute(_DAYS, {"before": before})).scalars().all()


async def delete_segments(work: UnitOfWork, series: Sequence[int], day: datetime, rows: int) -> tuple[int, int]:
    """Delete at most so many segments of these series and day; returns how many, and their readings."""
    window = {"series": list(series), "day": day, "next": day + timedelta(days=1), "rows": rows}
    merged = (await work.execute(_DELETE_MERGED, window)).one()
    recent = (await work.execute(_DELETE_RECENT, window | {"rows": rows - merged.segments})).one()
    return merged.segments + recent.segments, merged.readings + recent.readings


async def forget_segments(work: UnitOfWork, day: datetime) -> None:
    await work.execute(_FORGET_SEGMENTS, {"day": day})


async def note_deletion(work: UnitOfWork, before: datetime) -> None:
    """Readings before this may be gone from now on."""
    await work.execute(_DELETED_BEFORE, {"before": before})


async def days_of_rollups(work: UnitOfWork, bucket_seconds: int, before: datetime) -> Sequence[datetime]:
    """Days (UTC) in which rollup rows start that end before this; a row of days spans a month."""
    span = "1 month" if bucket_seconds == 86_400 else "1 day"  # noqa: PLR2004 - a day
    statement = text(f"""
        SELECT day FROM storage_usage
        WHERE tenant_no = {OWN_NUMBER} AND {_BYTES_OF[bucket_seconds]} > 0
          AND (day AT TIME ZONE 'UTC' + interval '{span}') AT TIME ZONE 'UTC' <= :before
        ORDER BY day""")  # noqa: S608 - the inserted texts are constants
    return (await work.execute(statement, {"before": before})).scalars().all()


async def delete_rollups(work: UnitOfWork, bucket_seconds: int, series: Sequence[int], day: datetime, rows: int) -> int:
    """Delete at most so many rollup rows of these series and day; returns how many."""
    window = {"series": list(series), "day": day, "next": day + timedelta(days=1), "rows": rows}
    return int((await work.execute(_DELETE_ROLLUPS, window | {"bucket_seconds": bucket_seconds})).scalar_one())


async def forget_rollups(work: UnitOfWork, bucket_seconds: int, day: datetime) -> None:
    column = _BYTES_OF[bucket_seconds]
    statement = f"UPDATE storage_usage SET {column} = 0 WHERE tenant_no = {OWN_NUMBER} AND day = :day"  # noqa: S608 - constants
    await work.execute(text(statement), {"day": day})
