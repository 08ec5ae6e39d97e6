"""SQL of exports: which series there are, about how many readings, and the readings of a series piece by piece."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from sqlalchemy import RowMapping, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from plantwright.assets.models import Machine, Metric
from plantwright.assets.series import SeriesName
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import Database, UnitOfWork
from plantwright.readings import repository as log
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.ingest.segments import DAY_MS

ESTIMATE_SECONDS = 2

# A segment lies within one UTC day: those that reach into the window begin on its first day.
_PIECE = text(f"""
    SELECT {log.SEGMENT_COLUMNS} FROM segment
    WHERE tenant_no = {log.OWN_NUMBER} AND series_id = :series_id AND start >= :first_day AND start < :to
      AND (start >= :from OR start + interval '1 millisecond' * coalesce(
            offsets[cardinality(offsets)], period * (cardinality("values") - 1)) >= :from)
    ORDER BY segment.start, flush_id""")  # noqa: S608 - the inserted text is a constant
_ESTIMATE = text(f"""
    WITH own AS MATERIALIZED (SELECT {log.OWN_NUMBER} AS number),
    frontier AS MATERIALIZED (
        SELECT to_timestamp(coalesce(max(position), 0) / 1000.0) AS time FROM consumer_cursor WHERE consumer = 'rollup')
    SELECT coalesce((
        SELECT sum(bucket.count) FROM rollup, unnest(places, counts) AS bucket (place, count)
        WHERE tenant_no = (SELECT number FROM own) AND bucket_seconds = 3600 AND series_id = ANY(:series)
          AND start >= :first_day AND start < least(:to, (SELECT time FROM frontier))
          AND start + bucket.place * interval '1 hour' >= :first_hour
          AND start + bucket.place * interval '1 hour' < :to), 0)
    + coalesce((
        SELECT sum(cardinality("values")) FROM segment
        WHERE tenant_no = (SELECT number FROM own) AND series_id = ANY(:series)
          AND start >= greatest(:first_hour, (SELECT time FROM frontier)) AND start < :to), 0)
    """)  # noqa: S608 - the inserted text is a constant
_LIMIT_TIME = text(f"SET LOCAL statement_timeout = '{ESTIMATE_SECONDS}s'")
_QUERY_CANCELED = "57014"

_FETCH_BYTES = 4_000_000
_MAX_FETCH = 2_000
_GROWTH = 16
_FLOAT8_SIZE = 12


async def find_series(
    work: UnitOfWork, machines: Sequence[str], metrics: Sequence[str]
) -> list[tuple[int, SeriesName]]:
    """Series of these machines (identifiers) and metrics (names), of all where nothing is named, in order of names."""
    statement = (
        select(Metric.series_id, Machine.identifier, Metric.name, Metric.unit)
        .where(Metric.tenant_id == work.tenant_id, Machine.tenant_id == work.tenant_id)
        .where(col(Metric.machine_id) == Machine.id)
        .order_by(col(Machine.identifier), col(Metric.name))
    )
    if machines:
        statement = statement.where(col(Machine.identifier).in_(machines))
    if metrics:
        statement = statement.where(col(Metric.name).in_(metrics))
    rows = (await work.session.exec(statement)).all()
    return [(int(number or 0), (machine, metric, unit)) for number, machine, metric, unit in rows]


async def estimate_readings(
    database: Database, tenant_id: UUID, series: Sequence[int], start: datetime, end: datetime
) -> int | None:
    """About how many readings these series have in the window; None when counting takes longer than two seconds.

    Hours that are rolled up count as there, so without readings of bad quality; the others by their segments, with
    readings that were sent twice. At both ends of the window whole hours count.
    """
    first_hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    parameters = {"series": list(series), "first_hour": first_hour, "first_day": first_hour.replace(hour=0), "to": end}
    try:
        async with database.reading(tenant_id) as work:
            await work.execute(_LIMIT_TIME)
            return int((await work.execute(_ESTIMATE, parameters)).scalar_one())
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED:
            return None
        raise


async def read_piece(work: UnitOfWork, series_id: int, from_ms: int, end_ms: int, limit: int) -> tuple[LogSlice, int]:
    """The next readings of a series with `from_ms <= time < end_ms`, settled, and the time up to which they go.

    About `limit` readings, more where segments overlap: a piece ends where a segment begins, since every reading
    before that time is in segments that begin before it.
    """
    rows: list[RowMapping] = []
    fresh = 0
    async with aclosing(_segments(work, series_id, from_ms, end_ms)) as segments:
        async for row in segments:
            start_ms = int(row["start_ms"])
            if fresh >= limit and start_ms > from_ms:
                return _settled(rows, from_ms, start_ms), start_ms
            rows.append(row)
            fresh += _count(row) if start_ms >= from_ms else 0
    return _settled(rows, from_ms, end_ms), end_ms


async def _segments(work: UnitOfWork, series_id: int, from_ms: int, end_ms: int) -> AsyncGenerator[RowMapping]:
    """In order of their start, fetched a few megabytes at a time."""
    window = {
        "first_day": from_milliseconds(from_ms // DAY_MS * DAY_MS),
        "from": from_milliseconds(from_ms),
        "to": from_milliseconds(end_ms),
    }
    result = await work.session.stream(_PIECE, {"series_id": series_id, **window})
    try:
        rows, size = result.mappings(), 1
        while fetched := await rows.fetchmany(size):
            for row in fetched:
                yield row
            largest = max(len(row["values"]) for row in fetched)
            size = max(1, min(_FETCH_BYTES // largest, size * _GROWTH, _MAX_FETCH))
    finally:
        await result.close()


def _count(row: RowMapping) -> int:
    return len(row["values"]) // _FLOAT8_SIZE


def _settled(rows: Sequence[RowMapping], from_ms: int, end_ms: int) -> LogSlice:
    readings = log.to_slice(0, sorted(rows, key=lambda row: int(row["flush_id"])))
    keep = np.flatnonzero((readings.time_ms >= from_ms) & (readings.time_ms < end_ms))
    return settle_duplicates(
        LogSlice(0, readings.series[keep], readings.time_ms[keep], readings.value[keep], readings.quality[keep])
    )
