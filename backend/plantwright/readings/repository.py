"""SQL of the readings log.

Arrays come back in their binary wire form without the header (`substr(array_send(…), 21)`), so that whole columns
are read with one array operation instead of an object per reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import RowMapping, text

from plantwright.core.database import UnitOfWork
from plantwright.readings.arrays import Float64s, Int8s, Int64s
from plantwright.readings.columns import LogSlice

OWN_NUMBER = "(SELECT number FROM tenant WHERE id = nullif(current_setting('app.tenant_id', true), '')::uuid)"
SEGMENT_COLUMNS = """
    series_id, (extract(epoch FROM start) * 1000)::bigint AS start_ms, flush_id, level, period,
    substr(array_send(offsets), 21) AS offsets, substr(array_send("values"), 21) AS values,
    substr(array_send(quality), 21) AS quality"""
# What a segment has one of; no quality means that all of its readings are good, a period that they have no offsets.
_FIELDS = {
    "flush_ids": "flush_id",
    "series_ids": "series_id",
    "starts": "(extract(epoch FROM start) * 1000)::bigint",
    "counts": 'cardinality("values")',
    "periods": "coalesce(period, 0)",
    "has_offsets": "(offsets IS NOT NULL)::integer",
    "has_quality": "(quality IS NOT NULL)::integer",
}

_INT2 = np.dtype([("size", ">i4"), ("value", ">i2")])
_INT4 = np.dtype([("size", ">i4"), ("value", ">i4")])
_INT8 = np.dtype([("size", ">i4"), ("value", ">i8")])
_FLOAT8 = np.dtype([("size", ">i4"), ("value", ">f8")])
_LONG = frozenset({"flush_ids", "starts"})

_SETTLED = text("SELECT settled_flush_id()")
_NEXT_FLUSHES = text(f"""
    SELECT flush_id, sum(readings)::bigint AS readings, count(*) AS segments
    FROM (SELECT flush_id, coalesce(cardinality(offsets), cardinality("values")) AS readings FROM segment
          WHERE tenant_no = {OWN_NUMBER} AND flush_id > :after
            AND flush_id <= least(settled_flush_id(), CAST(:until AS bigint))
          ORDER BY flush_id LIMIT :segments) AS listed
    GROUP BY flush_id ORDER BY flush_id""")  # noqa: S608 - the inserted text is a constant
# One row whatever is asked for: an object per segment would cost more than all the readings in it.
_FIELD_COLUMNS = ", ".join(f"substr(array_send(array_agg({column})), 21) AS {name}" for name, column in _FIELDS.items())
_FLUSHES = text(f"""
    SELECT {_FIELD_COLUMNS},
           string_agg(substr(array_send(offsets), 21), ''::bytea) AS offsets,
           string_agg(substr(array_send("values"), 21), ''::bytea) AS values,
           string_agg(substr(array_send(quality), 21), ''::bytea) AS quality
    FROM segment WHERE tenant_no = {OWN_NUMBER} AND flush_id > :after AND flush_id <= :last""")  # noqa: S608 - constants
_KEEP_LATEST = text(f"""
    INSERT INTO latest_reading AS kept (tenant_no, series_id, time, value, quality)
    SELECT {OWN_NUMBER}, given.series_id, to_timestamp(0) + given.time_ms * interval '1 millisecond',
           given.value, given.quality
    FROM unnest(CAST(:series AS integer[]), CAST(:times AS bigint[]), CAST(:values AS float8[]),
                CAST(:qualities AS smallint[])) AS given (series_id, time_ms, value, quality)
    ON CONFLICT (tenant_no, series_id) DO UPDATE
    SET time = excluded.time, value = excluded.value, quality = excluded.quality
    WHERE excluded.time >= kept.time""")  # noqa: S608 - the inserted text is a constant
_LATEST = f"""
    SELECT series_id, time, value, quality FROM latest_reading
    WHERE tenant_no = {OWN_NUMBER} AND series_id = ANY($1::integer[])"""  # noqa: S608 - the inserted text is a constant
_LATEST_OF_MACHINES = f"""
    SELECT machine_id, array_agg(name ORDER BY name) AS names, array_agg(unit ORDER BY name) AS units,
           substr(array_send(array_agg((extract(epoch FROM time) * 1000)::bigint ORDER BY name)), 21) AS times,
           substr(array_send(array_agg(value ORDER BY name)), 21) AS "values",
           array_agg(quality ORDER BY name) AS qualities
    FROM metric JOIN latest_reading USING (series_id)
    WHERE metric.tenant_id = $1 AND machine_id = ANY($2::uuid[]) AND latest_reading.tenant_no = {OWN_NUMBER}
    GROUP BY machine_id"""  # noqa: S608 - the inserted text is a constant

# Segments hold at least one reading each; asking for more of them at once than this only costs memory.
_MAX_SEGMENTS = 50_000


@dataclass(frozen=True, slots=True)
class NewestReading:
    time: datetime
    value: float
    quality: int


@dataclass(frozen=True, slots=True)
class NewestColumns:
    """The newest reading of several metrics, in order of their names; `times` in milliseconds since 1970."""

    metrics: list[str]
    units: list[str]
    times: Int64s
    values: Float64s
    quality: list[int]


async def settled_position(work: UnitOfWork) -> int:
    """The newest position below which nothing can appear any more."""
    return int((await work.execute(_SETTLED)).scalar_one())


async def read_flushes(work: UnitOfWork, after: int, limit_readings: int, until: int | None = None) -> LogSlice:
    """The next whole flushes of the current tenant after a position: about `limit_readings`, at least one flush.

    None behind the position `until`, if one is given.

    Only settled flushes are seen: none with a smaller number can still commit, so none is skipped.
    An empty slice keeps the position.
    """
    parameters = {"after": after, "until": until, "segments": min(limit_readings, _MAX_SEGMENTS)}
    listed = (await work.execute(_NEXT_FLUSHES, parameters)).all()
    if not listed:
        return to_slice(after, [])
    flush_ids = np.array([row.flush_id for row in listed])
    totals = np.cumsum([row.readings for row in listed])
    last = int(flush_ids[max(0, int(np.searchsorted(totals, limit_readings, side="right")) - 1)])
    is_cut = sum(row.segments for row in listed) == parameters["segments"]
    if is_cut and last == flush_ids[-1] != flush_ids[0]:
        # The flush at the cut may go on behind it; it comes whole the next time.
        last = int(flush_ids[-2])
    row = (await work.execute(_FLUSHES, {"after": after, "last": last})).mappings().one()
    return _joined(last, row)


async def latest_readings(work: UnitOfWork, series_ids: Sequence[int]) -> dict[int, NewestReading]:
    """The newest reading of each of these series that has any."""
    found = [row async for rows in work.stream(_LATEST, series_ids, rows=_MAX_SEGMENTS) for row in rows]
    return {row["series_id"]: NewestReading(row["time"], row["value"], row["quality"]) for row in found}


async def latest_of_machines(work: UnitOfWork, machine_ids: Sequence[UUID]) -> dict[UUID, NewestColumns]:
    """The newest reading of each metric of these machines that has any, a column each."""
    arguments = (work.tenant_id, machine_ids)
    found = [row async for rows in work.stream(_LATEST_OF_MACHINES, *arguments, rows=_MAX_SEGMENTS) for row in rows]
    return {
        row["machine_id"]: NewestColumns(
            metrics=row["names"],
            units=row["units"],
            times=np.frombuffer(row["times"], _INT8)["value"].astype(np.int64),
            values=np.frombuffer(row["values"], _FLOAT8)["value"].astype(np.float64),
            quality=row["qualities"],
        )
        for row in found
    }


async def upsert_latest(work: UnitOfWork, newest: LogSlice) -> None:
    """Keep these readings, one per series, as the latest, except where a newer one is kept already."""
    await work.execute(
        _KEEP_LATEST,
        {
            "series": newest.series.tolist(),
            "times": newest.time_ms.tolist(),
            "values": newest.value.tolist(),
            "qualities": newest.quality.tolist(),
        },
    )


def to_slice(position: int, rows: Sequence[RowMapping] | Sequence[Mapping[str, Any]]) -> LogSlice:
    """Rows of `SEGMENT_COLUMNS`, in their order."""
    counts = np.array([len(row["values"]) // _FLOAT8.itemsize for row in rows], np.int64)
    starts = np.array([row["start_ms"] for row in rows], np.int64)
    return LogSlice(
        position=position,
        series=np.repeat(np.array([row["series_id"] for row in rows], np.int32), counts),
        time_ms=np.repeat(starts, counts) + _offsets(rows, counts),
        value=np.frombuffer(b"".join(row["values"] for row in rows), _FLOAT8)["value"].astype(np.float64),
        quality=_qualities([row["quality"] for row in rows], counts),
    )


def _joined(position: int, row: RowMapping) -> LogSlice:
    """The row of `_FLUSHES`."""
    fields = {name: np.frombuffer(row[name], _INT8 if name in _LONG else _INT4)["value"] for name in _FIELDS}
    fields = {name: column.astype(np.int64) for name, column in fields.items()}
    counts, has_offsets, has_quality = fields["counts"], fields["has_offsets"] > 0, fields["has_quality"] > 0
    times = np.repeat(fields["starts"], counts) + _turns(counts) * np.repeat(fields["periods"], counts)
    if has_offsets.any():
        times[np.repeat(has_offsets, counts)] += np.frombuffer(row["offsets"], _INT4)["value"]
    quality = np.zeros(len(times), np.int8)
    if has_quality.any():
        quality[np.repeat(has_quality, counts)] = np.frombuffer(row["quality"], _INT2)["value"]
    series = np.repeat(fields["series_ids"].astype(np.int32), counts)
    value = np.frombuffer(row["values"], _FLOAT8)["value"].astype(np.float64)
    joined = LogSlice(position, series, times, value, quality)
    order = np.lexsort((fields["starts"], fields["series_ids"], fields["flush_ids"]))
    if (order[1:] > order[:-1]).all():
        return joined
    firsts = np.cumsum(counts) - counts
    return joined.where(np.repeat(firsts[order], counts[order]) + _turns(counts[order]))


def _turns(counts: Int64s) -> Int64s:
    """0, 1, 2 and so on within each segment."""
    firsts = np.cumsum(counts) - counts
    turns: Int64s = np.arange(int(counts.sum())) - np.repeat(firsts, counts)
    return turns


def _offsets(rows: Sequence[RowMapping] | Sequence[Mapping[str, Any]], counts: Int64s) -> Int64s:
    """Milliseconds after the start of its segment, of each reading."""
    periods = np.array([row["period"] or 0 for row in rows], np.int64)
    offsets = _turns(counts) * np.repeat(periods, counts)
    is_irregular = np.array([row["period"] is None for row in rows], np.bool_)
    stored = b"".join(row["offsets"] for row in rows if row["offsets"] is not None)
    offsets[np.repeat(is_irregular, counts)] = np.frombuffer(stored, _INT4)["value"]
    return offsets


def _qualities(fields: Sequence[bytes | None], counts: Int64s) -> Int8s:
    quality = np.zeros(int(counts.sum()), np.int8)
    ends = np.cumsum(counts)
    for place, field in enumerate(fields):
        if field is not None:
            low, high = ends[place] - counts[place], ends[place]
            quality[low:high] = np.frombuffer(field, _INT2)["value"]
    return quality
