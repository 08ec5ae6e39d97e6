"""What a window shows: raw or in buckets, spikes kept, gaps kept, corrections in force."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from numpy.typing import NDArray
from plantwright.assets.repository import find_machine
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.readings import repository
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.latest import LatestConsumer
from plantwright.readings.query.buckets import Buckets, Summaries
from plantwright.readings.query.plan import Grid, Level, Part
from plantwright.readings.query.range_repository import read_parts
from plantwright.readings.query.sampling import Sample
from plantwright.readings.query.service import SeriesData, query_readings

from tests.backend.readings.door import NOW, Door, PlainTenant, reading

HOUR = timedelta(hours=1)


async def machine_id(door: Door) -> UUID:
    async with door.databases.app.reading(door.tenant.id) as work:
        machine = await find_machine(work, "PUMP-1")
    assert machine is not None
    return machine.id


async def ask(door: Door, metrics: Sequence[str] | None = ("vibration_rms",), **window: Any) -> list[Sample]:
    return [series.points for series in await ask_series(door, metrics, **window)]


async def ask_series(door: Door, metrics: Sequence[str] | None, **window: Any) -> list[SeriesData]:
    machine = await machine_id(door)
    async with door.databases.app.snapshot(door.tenant.id) as work:
        result = await query_readings(work, machine, metrics, **({"start": NOW - HOUR, "end": NOW + HOUR} | window))
    assert result is not None
    return result.series


async def test_few_points_come_as_they_are(door: Door) -> None:
    await door.post([reading(1.1, seconds=3), reading(2.2, seconds=2), reading(3.3)])

    (found,) = await ask_series(door, ["vibration_rms"])

    series = found.points
    assert (found.metric, found.unit, series.level) == ("vibration_rms", "mm/s", Level.RAW)
    assert series.values.tolist() == [1.1, 2.2, 3.3]
    now_ms = int(NOW.timestamp() * 1000)
    assert series.times.tolist() == [now_ms - 3_000, now_ms - 2_000, now_ms]
    assert (series.minimums, series.maximums, series.bucket_ms) == (None, None, None)


async def test_the_window_begins_with_its_start_and_ends_before_its_end(door: Door) -> None:
    await door.post([reading(number, seconds=number) for number in range(5)])

    (series,) = await ask(door, start=NOW - timedelta(seconds=3), end=NOW - timedelta(seconds=1))
    assert series.values.tolist() == [3, 2]
    (series,) = await ask(
        door, start=NOW - timedelta(seconds=3, microseconds=-1), end=NOW - timedelta(seconds=1, microseconds=-1)
    )
    assert series.values.tolist() == [2, 1]


async def test_a_window_finds_segments_that_began_before_it(door: Door) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    times = [midnight + timedelta(hours=hour) for hour in (0, 1, 22, 23, 24, 25)]
    await door.post([reading(index, timestamp=time.isoformat()) for index, time in enumerate(times)])

    (series,) = await ask(door, start=midnight + timedelta(hours=23), end=midnight + timedelta(hours=25))

    assert series.values.tolist() == [3, 4]


async def test_one_spike_among_many_readings_is_drawn(door: Door) -> None:
    for batch in range(3):
        values = [1.0 + (number % 7) / 100 for number in range(1_000)]
        values[500] = 40.0 if batch == 1 else 1.0
        await door.post([reading(value, seconds=batch * 1_000 + index) for index, value in enumerate(values)])

    (series,) = await ask(door, max_points=100)

    assert (series.level, series.bucket_ms) == (Level.MINUTE, 120_000)
    assert len(series.times) <= 100
    assert series.minimums is not None
    assert series.maximums is not None
    assert np.nanmax(series.maximums) == 40
    assert np.nanmin(series.minimums) == 1
    spike = int(np.nanargmax(series.maximums))
    at = (NOW - timedelta(seconds=1_500)).timestamp() * 1000
    assert series.times[spike] <= at < series.times[spike] + 120_000


async def test_a_gap_stays_a_gap_in_buckets(door: Door) -> None:
    await door.post([reading(1, seconds=second) for second in range(100)])
    await door.post([reading(1, seconds=3_000 + second) for second in range(100)])

    (series,) = await ask(door, max_points=50)

    is_empty = np.isnan(series.values)
    assert is_empty.any()
    assert not is_empty[0]
    assert not is_empty[-1]
    assert series.maximums is not None
    assert (np.isnan(series.maximums) == is_empty).all()


@pytest.mark.parametrize("max_points", [1_000, 3])
async def test_the_latest_flush_wins(door: Door, max_points: int) -> None:
    """The correction begins later than the segment it corrects, and earlier in time than another flush."""
    await door.post([reading(9, seconds=10)])
    await door.post([reading(1, seconds=second) for second in (30, 20, 10, 0)])
    await door.post([reading(5, seconds=10), reading(6, seconds=10)])

    (series,) = await ask(door, max_points=max_points)

    if max_points == 3:
        assert series.maximums is not None
        assert np.nanmax(series.maximums) == 6
    else:
        assert series.values.tolist() == [1, 1, 6, 1]


async def test_bad_quality_is_a_gap_and_not_averaged(door: Door) -> None:
    await door.post(
        [reading(1, seconds=3), reading(999, seconds=2, quality="bad"), reading(3, seconds=1, quality="uncertain")]
    )

    (raw,) = await ask(door)
    (bucketed,) = await ask(door, max_points=1)

    assert np.isnan(raw.values).tolist() == [False, True, False]
    assert (bucketed.values.tolist(), bucketed.maximums) == ([2], np.array([3.0]))


async def test_all_metrics_or_the_ones_asked_for_in_their_order(door: Door) -> None:
    await door.post([reading(1, metric_name=name) for name in ("b", "a")])

    assert [series.metric for series in await ask_series(door, None)] == ["a", "b", "vibration_rms"]
    asked = await ask_series(door, ["vibration_rms", "a"])
    assert [series.metric for series in asked] == ["vibration_rms", "a"]
    with pytest.raises(NotFound, match="no metric named 'c'"):
        await ask(door, ["a", "c"])


async def test_an_unknown_machine_has_no_readings(door: Door) -> None:
    async with door.databases.app.snapshot(door.tenant.id) as work:
        assert await query_readings(work, uuid4(), None, start=NOW, end=NOW + HOUR) is None


@pytest.mark.parametrize(
    "bad",
    [
        {"start": NOW, "end": NOW},
        {"start": NOW - timedelta(days=3_661)},
        {"start": datetime(2026, 1, 1)},  # noqa: DTZ001 - the fault under test
        {"max_points": 0},
        {"max_points": 10_001},
        {"metrics": ["m"] * 101},
    ],
)
async def test_bounds_are_kept(door: Door, bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed):
        await ask(door, **bad)


async def test_long_windows_are_read_in_chunks(door: Door) -> None:
    """Whatever the cuts: each reading once, and all readings of one time together."""
    times = [index * 30_000 // 7 for index in range(200)]
    for flush in range(3):
        await door.post([reading(flush, seconds=time, metric_name=name) for time in times[flush::2] for name in "ab"])
    async with door.databases.app.reading(door.tenant.id) as work:
        log = await repository.read_flushes(work, 0, 10_000)
    ids = sorted(set(log.series.tolist()))
    now_ms = int(NOW.timestamp() * 1000)
    whole = [Part(Level.RAW, now_ms - 100 * DAY_MS, now_ms - DAY_MS), Part(Level.RAW, now_ms - DAY_MS, now_ms + 1)]

    async with door.databases.app.snapshot(door.tenant.id) as work:
        chunks = [chunk async for chunk in read_parts(work, ids, whole, chunk_readings=10)]

    assert len(chunks) > 10
    assert sum(map(len, chunks)) == len(log)
    settled = [settle_duplicates(chunk) for chunk in chunks]
    assert sum(map(len, settled)) == len(settle_duplicates(log))
    together = settle_duplicates(LogSlice.joined(settled))
    expected = settle_duplicates(log)
    assert together.time_ms.tolist() == expected.time_ms.tolist()
    assert together.value.tolist() == expected.value.tolist()


async def test_the_position_resumes_behind_the_result(door: Door) -> None:
    await door.post([reading(1)])
    machine = await machine_id(door)
    async with door.databases.app.snapshot(door.tenant.id) as work:
        result = await query_readings(work, machine, None, start=NOW - HOUR, end=NOW + HOUR)
    assert result is not None
    await door.post([reading(2, seconds=1)])

    async with door.databases.worker.reading(door.tenant.id) as work:
        log = await repository.read_flushes(work, result.position, 100)

    assert log.value.tolist() == [2]


async def test_the_newest_readings_of_machines_come_as_columns(door: Door, plain_tenant: PlainTenant) -> None:
    await door.post([reading(3.5), reading(1.5, seconds=9), reading(7, seconds=2, metric_name="a", quality="bad")])
    await run_readings_consumer(door.databases.worker, door.tenant.id, LatestConsumer())
    machine, unknown = await machine_id(door), uuid4()

    async with door.databases.app.reading(door.tenant.id) as work:
        found = await repository.latest_of_machines(work, [machine, unknown])

    assert list(found) == [machine]
    newest = found[machine]
    now_ms = int(NOW.timestamp() * 1000)
    assert (newest.metrics, newest.units, newest.quality) == (["a", "vibration_rms"], ["mm/s", "mm/s"], [2, 0])
    assert (newest.times.tolist(), newest.values.tolist()) == ([now_ms - 2_000, now_ms], [7, 3.5])

    other = await plain_tenant()
    async with door.databases.app.reading(other.id) as work:
        assert await repository.latest_of_machines(work, [machine]) == {}
        assert await query_readings(work, machine, None, start=NOW - HOUR, end=NOW + HOUR) is None


def singly(times: NDArray[np.int64], values: NDArray[np.float64]) -> Summaries:
    return Summaries(np.ones(len(times), np.int64), times, np.ones(len(times), np.int64), values, values, values)


def test_buckets_add_up_over_any_split() -> None:
    generator = np.random.default_rng(7)
    times = np.sort(generator.integers(0, 10_000, 500))
    values = generator.normal(size=500)
    grid = Grid(0, 100, 100)
    whole, parts = Buckets(grid, 2), Buckets(grid, 2)

    whole.add(singly(times, values))
    for low in reversed(range(0, 500, 37)):
        parts.add(singly(times[low : low + 37], values[low : low + 37]))

    for one, other in zip(whole.columns(1), parts.columns(1), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    of_first = values[times // 100 == times[0] // 100]
    _, means, minimums, maximums = whole.columns(1)
    assert (minimums[0], maximums[0]) == (of_first.min(), of_first.max())
    assert means[0] == pytest.approx(of_first.mean())
    assert [len(column) for column in whole.columns(0)] == [0, 0, 0, 0]
