"""Points of several series over a window, each from the level that suits it; see docs/queries.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from plantwright.core.database import UnitOfWork
from plantwright.readings.arrays import Float64s, Int64s
from plantwright.readings.columns import LogSlice, settle_duplicates, usable
from plantwright.readings.query.buckets import Buckets, Summaries
from plantwright.readings.query.plan import Level, Window, choose_grid, split
from plantwright.readings.query.range_repository import read_parts
from plantwright.readings.query.rollup_repository import count_readings, read_summaries


@dataclass(frozen=True, slots=True)
class Sample:
    """Points of one series: `times` in milliseconds since 1970, ascending; NaN stands for null.

    Without `bucket_ms`: `values` as stored. With it: `times` are the starts of the buckets, `values` their means, and
    `level` is the coarsest of which such buckets can be made.
    """

    level: Level
    bucket_ms: int | None
    times: Int64s
    values: Float64s
    minimums: Float64s | None = None
    maximums: Float64s | None = None


async def sample(work: UnitOfWork, series_ids: Sequence[int], window: Window, max_points: int) -> list[Sample]:
    """At most `max_points` of each series. `work` has to be a snapshot: rows move between two statements.

    A series is read raw when rollups know of no more than `max_points` readings, else from the level of the grid.
    Where that lacks what rollups know of, since it is kept for a shorter time, the next coarser level is asked.
    """
    counts, first_ends = await count_readings(work, series_ids, split(window, Level.DAY, finest=Level.MINUTE))
    planned = choose_grid(window, max_points).level
    first_level = np.where(counts <= max_points, Level.RAW, planned)
    found: dict[int, Sample] = {}
    lacking: list[int] = []
    for level in Level:
        lanes = lacking + np.flatnonzero(first_level == level).tolist()
        if not lanes:
            continue
        read = await _read(work, [series_ids[lane] for lane in lanes], window, max_points, level)
        for lane, points in zip(lanes, read, strict=True):
            if lane not in found or _begins_before(points, _begin(found[lane])):
                found[lane] = points
        lacking = [lane for lane in lanes if first_ends[lane] and not _begins_before(found[lane], first_ends[lane])]
    return [found[lane] for lane in range(len(series_ids))]


def raw_sample(settled: LogSlice) -> Sample:
    """All readings of one series, one per time; null where the quality is bad."""
    return Sample(Level.RAW, None, settled.time_ms, np.where(usable(settled.quality), settled.value, np.nan))


async def _read(
    work: UnitOfWork, series_ids: Sequence[int], window: Window, max_points: int, level: Level
) -> list[Sample]:
    if level == Level.RAW:
        return await _read_raw(work, series_ids, window, max_points)
    grid = choose_grid(window, max_points, level)
    buckets = Buckets(grid, len(series_ids))
    parts = split(window, max(level, grid.level))
    async for summaries in read_summaries(work, series_ids, [part for part in parts if part.level > Level.RAW]):
        buckets.add(summaries)
    async for chunk in read_parts(work, series_ids, [part for part in parts if part.level == Level.RAW]):
        for lane, settled in _by_lane(chunk, series_ids):
            buckets.add(_singly(lane, settled))
    return [_bucketed(buckets, lane) for lane in range(len(series_ids))]


async def _read_raw(work: UnitOfWork, series_ids: Sequence[int], window: Window, max_points: int) -> list[Sample]:
    """The readings of each series while they fit, else their buckets, so that memory does not grow with the window."""
    grid = choose_grid(window, max_points)
    held: list[list[LogSlice]] = [[] for _ in series_ids]
    folded: dict[int, Buckets] = {}
    async for chunk in read_parts(work, series_ids, split(window, Level.RAW)):
        for lane, settled in _by_lane(chunk, series_ids):
            held[lane].append(settled)
            if lane in folded or sum(map(len, held[lane])) > max_points:
                buckets = folded.setdefault(lane, Buckets(grid, 1))
                for part in held[lane]:
                    buckets.add(_singly(0, part))
                held[lane].clear()
    return [
        _bucketed(folded[lane], 0) if lane in folded else raw_sample(LogSlice.joined(held[lane]))
        for lane in range(len(series_ids))
    ]


def _by_lane(chunk: LogSlice, series_ids: Sequence[int]) -> Iterator[tuple[int, LogSlice]]:
    """The settled readings of each series in the chunk, and its place."""
    lanes = {series_id: lane for lane, series_id in enumerate(series_ids)}
    settled = settle_duplicates(chunk)
    bounds = np.flatnonzero(np.diff(settled.series, prepend=-1, append=-1))
    for low, high in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        yield lanes[int(settled.series[low])], settled.between(low, high)


def _singly(lane: int, settled: LogSlice) -> Summaries:
    keep = usable(settled.quality)
    value = settled.value[keep]
    lanes, ones = np.full(len(value), lane, np.int64), np.ones(len(value), np.int64)
    return Summaries(lanes, settled.time_ms[keep], ones, value, value, value)


def _bucketed(buckets: Buckets, lane: int) -> Sample:
    return Sample(buckets.grid.level, buckets.grid.width_ms, *buckets.columns(lane))


def _begin(points: Sample) -> int | None:
    return int(points.times[0]) if len(points.times) else None


def _begins_before(points: Sample, moment: int | None) -> bool:
    begin = _begin(points)
    return begin is not None and (moment is None or begin < moment)
