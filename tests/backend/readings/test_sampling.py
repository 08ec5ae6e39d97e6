"""Points against brute force over every reading: exact whatever the level, the edges, the frontier and retention."""

import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import asyncpg
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.readings.compaction.sweep import compact_tenant
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.models import Quality
from plantwright.readings.query.plan import HOUR_MS, MINUTE_MS, Level, Window
from plantwright.readings.query.sampling import Sample, sample

from tests.backend.readings.door import PlainTenant
from tests.backend.readings.log_writer import CONSUMERS, LogWriter, Reading
from tests.conftest import Databases

SERIES = [7, 8, 9]
DAY = 20_000 * DAY_MS
NOON = DAY + DAY_MS // 2
Settled = dict[int, tuple[float, int]]


@pytest.fixture
async def log(ingest: asyncpg.Connection, databases: Databases, plain_tenant: PlainTenant) -> LogWriter:
    return LogWriter(ingest, databases, await plain_tenant())


async def sweep(log: LogWriter, now_ms: int) -> None:
    await log.consume()
    await compact_tenant(log.databases.worker, log.tenant.id, from_milliseconds(now_ms), CONSUMERS)


async def ask(
    log: LogWriter, start_ms: int, end_ms: int, max_points: int = 1_000, series: Sequence[int] = SERIES[:1]
) -> list[Sample]:
    window = Window(start_ms, end_ms, await log.cursor("rollup"))
    async with log.databases.app.snapshot(log.tenant.id) as work:
        return await sample(work, series, window, max_points)


def settle(flushes: Sequence[Sequence[Reading]], series: int) -> Settled:
    return {at: (value, quality) for flush in flushes for one, at, value, quality in flush if one == series}


def check(points: Sample, readings: Settled, window: tuple[int, int], max_points: int) -> None:
    """Raw when it fits, else mean, minimum and maximum of each bucket, recomputed from nothing but the readings."""
    inside = {at: found for at, found in sorted(readings.items()) if window[0] <= at < window[1]}
    assert len(points.times) <= max_points
    if len(inside) <= max_points:
        assert (points.level, points.bucket_ms, points.minimums) == (Level.RAW, None, None)
        assert points.times.tolist() == list(inside)
        expected = [math.nan if quality == Quality.BAD else value for value, quality in inside.values()]
        np.testing.assert_array_equal(points.values, expected)
        return
    width = points.bucket_ms
    assert width is not None
    origin = window[0] if max_points == 1 else 0
    buckets: dict[int, list[float]] = {}
    for at, (value, quality) in inside.items():
        if quality != Quality.BAD:
            buckets.setdefault((at - origin) // width * width + origin, []).append(value)
    assert points.times.tolist() == (list(range(min(buckets), max(buckets) + 1, width)) if buckets else [])
    assert points.minimums is not None
    assert points.maximums is not None
    for place, start in enumerate(points.times.tolist()):
        values = buckets.get(start, [math.nan])
        assert points.minimums[place] == min(values) or math.isnan(values[0])
        assert points.maximums[place] == max(values) or math.isnan(values[0])
        assert points.values[place] == pytest.approx(math.fsum(values) / len(values), rel=1e-9, nan_ok=True)


def random_flushes(generator: np.random.Generator, low: int, high: int) -> list[list[Reading]]:
    """Bursts with gaps between them, some of them twice and in conflict, some bad."""
    flushes = []
    for _ in range(int(generator.integers(2, 12))):
        step = int(generator.choice([1, 250, 1_000, 60_000, 400_000]))
        count = int(generator.integers(1, 120))
        begin = int(generator.integers(low, high)) // step * step
        times = [begin + place * step for place in range(count) if begin + place * step < high]
        quality = generator.choice([0, 0, 0, 0, 1, 2], len(times)).tolist()
        values = generator.normal(scale=100, size=len(times)).tolist()
        series = int(generator.choice(SERIES))
        flushes.append([(series, at, value, state) for at, value, state in zip(times, values, quality, strict=True)])
    flushes += [[(series, at, value + 1, 0) for series, at, value, _ in flushes[0]]]
    return [flush for flush in flushes if flush]


@given(
    seed=st.integers(0, 2**32 - 1),
    windows=st.lists(
        st.tuples(
            st.integers(-HOUR_MS, 3 * DAY_MS),
            st.one_of(st.integers(1, 4 * DAY_MS), st.integers(1, 3 * MINUTE_MS)),
            st.sampled_from((1, 1, MINUTE_MS, HOUR_MS, DAY_MS)),
            st.sampled_from((1, 2, 3, 7, 20, 100, 10_000)),
        ),
        min_size=10,
        max_size=10,
    ),
)
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_points_are_exact(
    ingest: asyncpg.Connection,
    databases: Databases,
    plain_tenant: PlainTenant,
    seed: int,
    windows: list[tuple[int, int, int, int]],
) -> None:
    log = LogWriter(ingest, databases, await plain_tenant())
    generator = np.random.default_rng(seed)
    frontier = DAY + 2 * DAY_MS + int(generator.integers(0, 24)) * HOUR_MS
    flushes = random_flushes(generator, DAY, frontier)
    late = random_flushes(generator, DAY, frontier)
    fresh = random_flushes(generator, frontier, DAY + 3 * DAY_MS)
    for batch in (flushes, late):
        for flush in batch:
            await log.flush(flush)
        await sweep(log, frontier + 10 * MINUTE_MS)
    for flush in fresh:
        await log.flush(flush)
    everything = [*flushes, *late, *fresh]

    for start, length, unit, max_points in windows:
        begin = DAY + start // unit * unit
        window = (begin, begin + max(unit, length // unit * unit))
        found = await ask(log, *window, max_points=max_points, series=SERIES)
        for series, points in zip(SERIES, found, strict=True):
            check(points, settle(everything, series), window, max_points)


def every_minute(start_ms: int, days: int, series: int = SERIES[0]) -> list[list[Reading]]:
    return [
        [(series, start_ms + day * DAY_MS + minute * MINUTE_MS, 20 + minute % 7 / 10, 0) for minute in range(1_440)]
        for day in range(days)
    ]


async def test_one_spike_in_thirty_days_is_drawn(log: LogWriter) -> None:
    flushes = every_minute(DAY, 30)
    flushes.append([(SERIES[0], DAY + 17 * DAY_MS + 12_345, 400.5, 0), (SERIES[0], DAY + 9 * DAY_MS + 77, -9.5, 0)])
    for flush in flushes:
        await log.flush(flush)
    await sweep(log, DAY + 31 * DAY_MS)

    window = (DAY + 90_500, DAY + 30 * DAY_MS + 90_500)
    (points,) = await ask(log, *window)

    assert (points.level, points.bucket_ms) == (Level.HOUR, HOUR_MS)
    assert points.minimums is not None
    assert points.maximums is not None
    assert (points.minimums.min(), points.maximums.max()) == (-9.5, 400.5)
    assert points.times[int(points.maximums.argmax())] == DAY + 17 * DAY_MS
    check(points, settle(flushes, SERIES[0]), window, 1_000)


async def test_each_series_comes_from_its_own_level(log: LogWriter) -> None:
    """A slow one raw, quicker ones of minutes; and bursts that rollups hardly know of do not overflow."""
    slow = [[(SERIES[1], DAY + hour * HOUR_MS, float(hour), 0) for hour in range(24)]]
    burst = [[(SERIES[2], DAY + 20 * HOUR_MS + place, float(place), 0) for place in range(5_000)]]
    flushes = [*every_minute(DAY, 1), *slow]
    for flush in flushes:
        await log.flush(flush)
    await sweep(log, DAY + 20 * HOUR_MS + 6 * MINUTE_MS)
    await log.flush(burst[0])

    window = (DAY, DAY + DAY_MS)
    found = await ask(log, *window, max_points=800, series=SERIES)

    assert [points.level for points in found] == [Level.MINUTE, Level.RAW, Level.MINUTE]
    for series, points in zip(SERIES, found, strict=True):
        check(points, settle([*flushes, *burst], series), window, 800)


async def test_readings_after_the_frontier_count_at_once(log: LogWriter) -> None:
    for flush in every_minute(DAY, 1):
        await log.flush(flush)
    await sweep(log, NOON + 10 * MINUTE_MS)
    assert await log.cursor("rollup") == NOON
    await log.flush([(SERIES[0], NOON, 99.0, 0)])

    (points,) = await ask(log, DAY, DAY + DAY_MS, max_points=100)

    assert points.maximums is not None
    assert points.maximums[points.times.tolist().index(NOON)] == 99


@pytest.mark.parametrize(
    ("kept_seconds", "level"), [(60, Level.MINUTE), (3_600, Level.HOUR), (86_400, Level.DAY), (10**9, Level.RAW)]
)
async def test_what_retention_has_dropped_comes_from_the_finest_level_that_is_left(
    log: LogWriter, owner: asyncpg.Connection, kept_seconds: int, level: Level
) -> None:
    (flush,) = every_minute(DAY, 1)
    await log.flush(flush)
    await sweep(log, DAY + 2 * DAY_MS)
    await owner.execute("DELETE FROM segment WHERE tenant_no = $1", log.tenant.number)
    await owner.execute(
        "DELETE FROM rollup WHERE tenant_no = $1 AND bucket_seconds < $2", log.tenant.number, kept_seconds
    )

    window = (DAY, DAY + 2 * DAY_MS)
    (points,) = await ask(log, *window, max_points=1_440)

    assert points.level == level
    if level == Level.RAW:
        assert len(points.times) == 0
    else:
        width = max(level, 2 * MINUTE_MS)
        assert points.bucket_ms == width
        assert len(points.times) == DAY_MS // width
        assert points.values.mean() == pytest.approx(np.mean([value for _, _, value, _ in flush]))


async def test_an_hour_of_which_only_minutes_are_left(log: LogWriter, owner: asyncpg.Connection) -> None:
    """Few readings, so raw is asked first."""
    (flush,) = every_minute(DAY, 1)
    await log.flush(flush)
    await sweep(log, DAY + 2 * DAY_MS)
    await owner.execute("DELETE FROM segment WHERE tenant_no = $1", log.tenant.number)

    (points,) = await ask(log, NOON + 1, NOON + HOUR_MS + 1)

    assert (points.level, points.bucket_ms, len(points.times)) == (Level.MINUTE, MINUTE_MS, 59)


async def test_a_window_before_the_first_reading_stays_raw_and_empty(log: LogWriter) -> None:
    for flush in every_minute(DAY, 1):
        await log.flush(flush)
    await sweep(log, DAY + 2 * DAY_MS)

    (points,) = await ask(log, DAY - DAY_MS, DAY)

    assert (points.level, points.bucket_ms, len(points.times)) == (Level.RAW, None, 0)


async def test_a_merge_in_the_middle_of_a_query_changes_nothing(log: LogWriter) -> None:
    flushes = every_minute(DAY, 1)
    for flush in flushes:
        await log.flush(flush)
    readings = settle(flushes, SERIES[0])
    window = (DAY + 1, DAY + DAY_MS - 1)

    async with log.databases.app.snapshot(log.tenant.id) as work:
        frontier = await log.cursor("rollup")
        (before,) = await sample(work, SERIES[:1], Window(*window, frontier), 300)
        await sweep(log, DAY + 2 * DAY_MS)
        (during,) = await sample(work, SERIES[:1], Window(*window, frontier), 300)
    (after,) = await ask(log, *window, max_points=300)

    for points in (before, during, after):
        check(points, readings, window, 300)


async def test_a_window_without_closed_hours_is_read_raw(log: LogWriter) -> None:
    flushes = every_minute(DAY, 1)
    await log.flush(flushes[0])
    assert await log.cursor("rollup") == 0

    for max_points in (100, 10_000):
        (points,) = await ask(log, DAY, DAY + DAY_MS, max_points=max_points)
        check(points, settle(flushes, SERIES[0]), (DAY, DAY + DAY_MS), max_points)


async def test_a_sum_beyond_the_largest_number_has_no_mean_and_keeps_its_extremes(log: LogWriter) -> None:
    await log.flush([(SERIES[0], DAY + place, 1.7e308, 0) for place in range(3)])

    (points,) = await ask(log, DAY, DAY + DAY_MS, max_points=1)

    assert points.maximums is not None
    assert not np.isfinite(points.values).any()
    assert points.maximums.tolist() == [1.7e308]


async def test_another_tenant_sees_nothing(log: LogWriter, plain_tenant: PlainTenant) -> None:
    for flush in every_minute(DAY, 1):
        await log.flush(flush)
    await sweep(log, NOON)
    other = await plain_tenant()

    for max_points in (10, 10_000):
        async with log.databases.app.snapshot(other.id) as work:
            (points,) = await sample(work, SERIES[:1], Window(DAY, DAY + DAY_MS, NOON), max_points)
        assert len(points.times) == 0


class Counting(UnitOfWork):
    def __init__(self, work: UnitOfWork) -> None:
        super().__init__(work.session, work.tenant_id)
        self.statements = 0

    async def stream(self, sql: str, *arguments: object, rows: int) -> AsyncGenerator[list[Mapping[str, Any]]]:
        self.statements += 1
        async for batch in super().stream(sql, *arguments, rows=rows):
            yield batch


@pytest.mark.parametrize(("max_points", "statements"), [(100, 3), (10_000, 2)])
async def test_all_series_of_a_level_share_their_statements(log: LogWriter, max_points: int, statements: int) -> None:
    for series in SERIES:
        for flush in every_minute(DAY, 1, series):
            await log.flush(flush)
    await sweep(log, NOON)

    for asked in (SERIES[:1], SERIES):
        async with log.databases.app.snapshot(log.tenant.id) as work:
            counting = Counting(work)
            found = await sample(counting, asked, Window(DAY, DAY + DAY_MS, NOON), max_points)
        assert counting.statements == statements
        assert all(len(points.times) for points in found)
        assert all(one.times.tolist() == other.times.tolist() for one, other in pairwise(found))
