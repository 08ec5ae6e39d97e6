"""SQL that reads rollups of several series, all widths in one statement."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.readings.arrays import Float64s, Int64s
from plantwright.readings.compaction.rollups import row_start
from plantwright.readings.query.buckets import Summaries
from plantwright.readings.query.plan import Part
from plantwright.readings.repository import OWN_NUMBER

_ROWS = 2_000
_INT2 = np.dtype([("size", ">i4"), ("value", ">i2")])
_INT4 = np.dtype([("size", ">i4"), ("value", ">i4")])
_FLOAT8 = np.dtype([("size", ">i4"), ("value", ">f8")])

_FROM_PARTS = f"""
    FROM unnest($1::integer[], $2::timestamptz[], $3::timestamptz[])
         WITH ORDINALITY AS part (width, low, high, number)
    JOIN rollup ON bucket_seconds = part.width AND start >= part.low AND start < part.high
    WHERE tenant_no = {OWN_NUMBER} AND series_id = ANY($4::integer[])"""
_KEYS = """
    SELECT part.number AS part, series_id, (extract(epoch FROM start) * 1000)::bigint AS start_ms,
           substr(array_send(places), 21) AS places, substr(array_send(counts), 21) AS counts"""
_COUNTS = _KEYS + _FROM_PARTS
_SUMMARIES = f"""{_KEYS},
           substr(array_send(coalesce(sums, lasts)), 21) AS sums,
           substr(array_send(coalesce(minimums, lasts)), 21) AS minimums,
           substr(array_send(coalesce(maximums, lasts)), 21) AS maximums
    {_FROM_PARTS}"""


async def count_readings(work: UnitOfWork, series_ids: Sequence[int], parts: Sequence[Part]) -> tuple[Int64s, Int64s]:
    """Usable readings of each series within these parts, and the end of its first bucket; 0 and 0 without any."""
    counts, ends = np.zeros(len(series_ids), np.int64), np.full(len(series_ids), np.iinfo(np.int64).max)
    async for rows in _stream(work, _COUNTS, series_ids, parts):
        keys = _Keys(rows, series_ids, parts)
        np.add.at(counts, keys.lane, keys.counts)
        np.minimum.at(ends, keys.lane, keys.time_ms + keys.width_ms)
    return counts, np.where(counts > 0, ends, 0)


async def read_summaries(
    work: UnitOfWork, series_ids: Sequence[int], parts: Sequence[Part]
) -> AsyncGenerator[Summaries]:
    """The buckets of these series within these parts; `lane` is the place among `series_ids`."""
    async for rows in _stream(work, _SUMMARIES, series_ids, parts):
        keys = _Keys(rows, series_ids, parts)
        sums, minimums, maximums = (
            _column(rows, name, _FLOAT8)[keys.keep].astype(np.float64) for name in ("sums", "minimums", "maximums")
        )
        yield Summaries(keys.lane, keys.time_ms, keys.counts, sums, minimums, maximums)


class _Keys:
    """Of each bucket within its part: the place of its series, its start, width and number of readings."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], series_ids: Sequence[int], parts: Sequence[Part]) -> None:
        order = np.argsort(np.array(series_ids))
        sizes = np.array([len(row["places"]) // _INT2.itemsize for row in rows])
        part = np.array([row["part"] for row in rows]) - 1
        series = np.array([row["series_id"] for row in rows])
        lanes = order[np.searchsorted(np.array(series_ids), series, sorter=order)]
        widths, lows, highs = (
            np.repeat(np.array(bounds, np.int64)[part], sizes)
            for bounds in zip(*((part.level, part.start_ms, part.end_ms) for part in parts), strict=True)
        )
        starts = np.repeat(np.array([row["start_ms"] for row in rows], np.int64), sizes)
        time_ms = starts + _column(rows, "places", _INT2) * widths
        self.keep: NDArray[np.bool_] = (time_ms >= lows) & (time_ms < highs)
        self.lane: Int64s = np.repeat(lanes, sizes)[self.keep]
        self.time_ms: Int64s = time_ms[self.keep]
        self.width_ms: Int64s = widths[self.keep]
        self.counts: Int64s = _column(rows, "counts", _INT4)[self.keep].astype(np.int64)


async def _stream(
    work: UnitOfWork, sql: str, series_ids: Sequence[int], parts: Sequence[Part]
) -> AsyncGenerator[list[Mapping[str, Any]]]:
    if not parts:
        return
    seconds = [part.level // 1000 for part in parts]
    starts = [int(row_start(np.array([part.start_ms]), part.level // 1000)[0]) for part in parts]
    lows, highs = map(from_milliseconds, starts), (from_milliseconds(part.end_ms) for part in parts)
    async for rows in work.stream(sql, seconds, list(lows), list(highs), series_ids, rows=_ROWS):
        yield rows


def _column(rows: Sequence[Mapping[str, Any]], name: str, element: np.dtype[np.void]) -> Int64s | Float64s:
    column: Int64s | Float64s = np.frombuffer(b"".join(row[name] for row in rows), element)["value"]
    return column
