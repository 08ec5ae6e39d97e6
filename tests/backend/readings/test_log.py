"""The read side of consumers: whole flushes, in order, none skipped."""

from datetime import UTC, datetime, timedelta

import asyncpg
import numpy as np
import pytest
from plantwright.core.settings import Settings
from plantwright.readings import repository
from plantwright.readings.columns import LogSlice
from plantwright.readings.latest import keep_latest
from plantwright.readings.storage.partitions import MONTHS_AHEAD, ensure_partitions

from tests.backend.readings.door import NOW, Door, reading
from tests.conftest import Databases


async def read(door: Door, after: int = 0, limit: int = 1_000) -> LogSlice:
    async with door.databases.worker.reading(door.tenant.id) as work:
        return await repository.read_flushes(work, after, limit)


async def test_gives_flushes_in_order_and_series_by_time(door: Door) -> None:
    await door.post([reading(2, seconds=1), reading(9, metric_name="other"), reading(1, seconds=5, quality="bad")])
    await door.post([reading(0, seconds=100)])

    log = await read(door)

    assert log.value.tolist() in ([1, 2, 9, 0], [9, 1, 2, 0])
    assert log.quality.sum() == 2
    ages = ((NOW.timestamp() * 1000 - log.time_ms) / 1000).tolist()
    assert sorted(ages) == [0, 1, 5, 100]
    again = await read(door, log.position)
    assert (len(again), again.position) == (0, log.position)


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 100])
async def test_any_limit_gives_the_same_log_in_whole_flushes(door: Door, limit: int) -> None:
    """Each post is a flush of its own; one is larger than the limit and still comes, whole."""
    for size in (1, 3, 8, 2, 1):
        batch = [reading(size, seconds=day * 86_400) for day in range(size)]
        assert (await door.post(batch)).json()["accepted_count"] == size

    sizes, position = [], 0
    while len(log := await read(door, position, limit)):
        assert log.position > position
        position = log.position
        values, counts = np.unique(log.value, return_counts=True)
        sizes += log.value.tolist()
        assert all(count % value == 0 for value, count in zip(values, counts, strict=True))

    assert sizes == [1] + [3] * 3 + [8] * 8 + [2] * 2 + [1]


async def test_skips_nothing_that_commits_late(door: Door, settings: Settings) -> None:
    """A transaction with a smaller number commits after one with a greater one was already stored."""
    await door.post([reading(1)])
    start = await read(door)
    series = int(start.series[0])
    late = await asyncpg.connect(settings.role_url("ingest"))
    await late.execute("BEGIN")
    insert = 'INSERT INTO segment (tenant_no, series_id, start, offsets, "values") VALUES ($1, $2, $3, $4, $5)'
    await late.execute(insert, door.tenant.number, series, datetime(2026, 1, 1, tzinfo=UTC), [0], [2.0])
    await door.post([reading(3)])

    during = await read(door, start.position)
    await late.execute("COMMIT")
    await late.close()
    after = await read(door, during.position)

    assert during.value.tolist() == []
    assert after.value.tolist() == [2, 3]


async def test_shows_only_the_current_tenants_log(door: Door) -> None:
    await door.post([reading(1)])

    async with door.databases.worker.reading(door.tenant.admin_id) as work:
        log = await repository.read_flushes(work, 0, 100)

    assert len(log) == 0


async def consume_latest(door: Door, log: LogSlice) -> dict[int, tuple[float, datetime, int]]:
    async with door.databases.worker.transaction(door.tenant.id) as work:
        await keep_latest(work, log)
    async with door.databases.app.reading(door.tenant.id) as work:
        latest = await repository.latest_readings(work, sorted(set(log.series.tolist())))
    return {series: (row.value, row.time, row.quality) for series, row in latest.items()}


async def test_latest_follows_the_readings_own_time(door: Door) -> None:
    await door.post([reading(1, seconds=60), reading(2, seconds=30), reading(5, metric_name="other", quality="bad")])
    log = await read(door)
    first = await consume_latest(door, log)
    assert sorted(first.values()) == [(2, NOW - timedelta(seconds=30), 0), (5, NOW, 2)]

    await door.post([reading(3, seconds=45)])
    await door.post([reading(4, metric_name="other")])
    second = await consume_latest(door, await read(door, log.position))

    assert sorted(second.values()) == [(2, NOW - timedelta(seconds=30), 0), (4, NOW, 0)]


async def test_latest_takes_nothing_twice_or_backwards(door: Door) -> None:
    await door.post([reading(1, seconds=60)])
    log = await read(door)

    assert await consume_latest(door, log) == await consume_latest(door, log)


async def test_partitions_are_made_ahead_once_and_are_shut(databases: Databases, settings: Settings) -> None:
    owner = await asyncpg.connect(settings.owner_url())
    try:
        newest = f"segment_merged_{_month_ahead(MONTHS_AHEAD):%Y_%m}"
        await owner.execute(f"DROP TABLE {newest}")

        assert await ensure_partitions(databases.worker) == 1
        assert await ensure_partitions(databases.worker) == 0

        rows = await owner.fetch(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS is_shut, "
            "       (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) AS policies, c.relacl::text AS rights "
            "FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'segment_merged'::regclass"
        )
    finally:
        await owner.close()
    assert newest in {row["relname"] for row in rows}
    assert len(rows) == MONTHS_AHEAD + 2
    assert all(row["is_shut"] and row["policies"] == 1 for row in rows)
    assert not any("_app=" in (row["rights"] or "") or "_ingest=" in (row["rights"] or "") for row in rows)


def _month_ahead(months: int) -> datetime:
    now = datetime.now(UTC)
    year, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


async def test_readings_of_planned_and_other_months_are_read_alike(door: Door) -> None:
    await door.post([reading(1), reading(2, seconds=400 * 86_400)])

    assert sorted((await read(door)).value.tolist()) == [1, 2]
