"""SQL that reads the readings of several series over parts of a window, in one statement and in bounded memory."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from uuid import UUID

import numpy as np

from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.readings.columns import LogSlice
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.query.plan import HOUR_MS, Part
from plantwright.readings.repository import OWN_NUMBER, SEGMENT_COLUMNS, to_slice

CHUNK_READINGS = 500_000
_ROWS = 64
_FLOAT8_BYTES = 12
_NOWHERE = (-1, 0)

# Sorted before the arrays are unpacked: what is sorted are references to them. `OFFSET 0` keeps it so.
_PARTS = f"""
    SELECT part, {SEGMENT_COLUMNS} FROM (
        SELECT part.number AS part, segment.*
        FROM unnest($1::timestamptz[], $2::timestamptz[], $3::timestamptz[])
             WITH ORDINALITY AS part (day, hour, high, number)
        JOIN segment ON segment.start >= part.day AND segment.start < part.high
        WHERE segment.tenant_no = {OWN_NUMBER} AND segment.series_id = ANY($4::integer[])
          AND (segment.start >= part.hour OR segment.level < 2)
          AND ($5::bigint IS NULL OR segment.flush_id <= $5)
        ORDER BY segment.series_id, segment.start OFFSET 0
    ) AS found"""  # noqa: S608 - the inserted texts are constants
_SCOPE = """
    SELECT settled_flush_id() AS position, metric.series_id, metric.name, metric.unit,
           (SELECT c.position FROM consumer_cursor c
            WHERE c.tenant_id = machine.tenant_id AND c.consumer = 'rollup') AS frontier_ms
    FROM machine LEFT JOIN metric ON metric.tenant_id = machine.tenant_id AND metric.machine_id = machine.id
    WHERE machine.tenant_id = $1 AND machine.id = $2
    ORDER BY metric.name"""


@dataclass(frozen=True, slots=True)
class SeriesKey:
    series_id: int
    metric: str
    unit: str


@dataclass(frozen=True, slots=True)
class Scope:
    """A machine's series in order of their names; the log's settled position; and from when on there are no rollups."""

    position: int
    frontier_ms: int
    series: list[SeriesKey]


async def find_scope(work: UnitOfWork, machine_id: UUID) -> Scope | None:
    """None for an unknown machine."""
    rows = [row async for rows in work.stream(_SCOPE, work.tenant_id, machine_id, rows=1_000) for row in rows]
    if not rows:
        return None
    series = [SeriesKey(row["series_id"], row["name"], row["unit"]) for row in rows if row["series_id"] is not None]
    return Scope(rows[0]["position"], rows[0]["frontier_ms"] or 0, series)


async def read_parts(
    work: UnitOfWork,
    series_ids: Sequence[int],
    parts: Sequence[Part],
    *,
    until: int | None = None,
    chunk_readings: int = CHUNK_READINGS,
) -> AsyncGenerator[LogSlice]:
    """Readings of these series within these parts, which do not overlap; series by series, and in order of time.

    All readings of one series and time are in the same chunk, the one of the latest flush last. None behind the
    position `until` of the log, if one is given.
    """
    if not parts:
        return
    held: list[Mapping[str, Any]] = []
    low = _NOWHERE
    size, limit = 0, chunk_readings
    # A segment lies within one UTC day, and one of a merged hour within that hour.
    arguments = (
        [from_milliseconds(part.start_ms // DAY_MS * DAY_MS) for part in parts],
        [from_milliseconds(part.start_ms // HOUR_MS * HOUR_MS) for part in parts],
        [from_milliseconds(part.end_ms) for part in parts],
    )
    async for rows in work.stream(_PARTS, *arguments, series_ids, until, rows=_ROWS):
        for row in rows:
            here = row["series_id"], row["start_ms"]
            if size >= limit and here > low:
                chunk, held = _cut(held, parts, low, here)
                yield chunk
                low, size = here, sum(map(_readings, held))
                limit = size + chunk_readings
            held.append(row)
            size += _readings(row)
    if held:
        yield _cut(held, parts, low, _NOWHERE)[0]


def _cut(
    rows: Sequence[Mapping[str, Any]], parts: Sequence[Part], low: tuple[int, int], high: tuple[int, int]
) -> tuple[LogSlice, list[Mapping[str, Any]]]:
    """What the rows hold from `low` on and before `high`, each a series and a time; and the rows that go on there.

    Rows come in order of their start, so before that of the next one nothing can be missing any more.
    """
    ordered = sorted(rows, key=itemgetter("flush_id"))
    readings = to_slice(0, ordered)
    counts = np.array([_readings(row) for row in ordered])
    series = np.array([row["series_id"] for row in ordered])
    part = np.array([row["part"] for row in ordered]) - 1
    lows = np.array([part.start_ms for part in parts])[part]
    highs = np.array([part.end_ms for part in parts])[part]
    lows = np.where(series == low[0], np.maximum(lows, low[1]), lows)
    highs = np.where(series == high[0], np.minimum(highs, high[1]), highs)
    keep = (readings.time_ms >= np.repeat(lows, counts)) & (readings.time_ms < np.repeat(highs, counts))
    newest = readings.time_ms[np.cumsum(counts) - 1]
    goes_on = (series == high[0]) & (newest >= high[1])
    return readings.where(keep), [ordered[place] for place in np.flatnonzero(goes_on).tolist()]


def _readings(row: Mapping[str, Any]) -> int:
    return len(row["values"]) // _FLOAT8_BYTES
