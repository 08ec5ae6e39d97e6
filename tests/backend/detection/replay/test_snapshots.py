"""Snapshots over a real database: what is kept of them, and what is void."""

from datetime import timedelta

import numpy as np
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.detection.replay import snapshots_repository
from plantwright.detection.replay.snapshots import ROW_SERIES, rows_of
from plantwright.detection.replay.snapshots_keeping import keep_snapshots
from plantwright.detection.replay.steps import Snapshot
from sqlalchemy import text

from tests.backend.detection.support import HOUR_MS, START_MS, feed
from tests.conftest import Databases
from tests.factories import MadeTenant

DAY_MS = 24 * HOUR_MS
_COUNT = text("SELECT count(*), sum(cardinality(series_ids)) FROM detection_snapshot")


def snapshot(day: int, series: list[int], *, is_daily: bool = True) -> Snapshot:
    """States that last knew the evening before a day."""
    last = START_MS + day * DAY_MS - HOUR_MS
    state, _ = feed([last], [[float(number) for number in series]])
    size = len(series)
    return Snapshot(np.array(series), state, np.full(size, last + 2 * HOUR_MS), np.full(size, is_daily))


async def put(work: UnitOfWork, *snapshots: Snapshot) -> None:
    await snapshots_repository.add(work, rows_of(snapshots))


async def found(databases: Databases, tenant: MadeTenant, series: int, day: float) -> float | None:
    """Day of the last reading that the newest snapshot before a time knows."""
    async with databases.worker.reading(tenant.id) as work:
        states = await snapshots_repository.newest_before(work, {series: START_MS + int(day * DAY_MS)})
    if series not in states:
        return None
    assert states[series].series.last_value[0] == series
    return (int(states[series].series.last_time[0]) + HOUR_MS - START_MS) / DAY_MS


async def test_the_newest_before_a_time_is_found(databases: Databases, tenant: MadeTenant) -> None:
    async with databases.worker.transaction(tenant.id) as work:
        await put(work, snapshot(1, [4, 7]), snapshot(2, [7]), snapshot(5, [4]))
    assert [await found(databases, tenant, 7, day) for day in (0.5, 1, 2, 9)] == [None, 1, 2, 2]
    assert [await found(databases, tenant, 4, day) for day in (1, 4, 5)] == [1, 1, 5]
    assert await found(databases, tenant, 5, 9) is None


async def test_many_series_take_several_rows(databases: Databases, tenant: MadeTenant) -> None:
    series = list(range(1, 2 * ROW_SERIES + 2))
    async with databases.worker.transaction(tenant.id) as work:
        await put(work, snapshot(1, series))
        assert tuple((await work.execute(_COUNT)).one()) == (3, len(series))
    assert await found(databases, tenant, series[-1], 2) == 1


async def test_what_knows_of_a_time_that_was_derived_anew_is_void(databases: Databases, tenant: MadeTenant) -> None:
    async with databases.worker.transaction(tenant.id) as work:
        await put(work, snapshot(1, [4, 7]), snapshot(2, [4, 7]), snapshot(3, [4, 7]))
        await snapshots_repository.make_void(work, {7: START_MS + int(1.5 * DAY_MS)})
    assert [await found(databases, tenant, number, 9) for number in (4, 7)] == [3, 1]
    async with databases.worker.transaction(tenant.id) as work:
        await put(work, snapshot(2, [7]))
    assert await found(databases, tenant, 7, 9) == 2


async def test_old_months_keep_the_first_of_each_series(databases: Databases, tenant: MadeTenant) -> None:
    """START_MS is the first of January."""
    now = from_milliseconds(START_MS) + timedelta(days=31 + 28 + 35)
    async with databases.worker.transaction(tenant.id) as work:
        await put(work, *(snapshot(day, [4, 7] if day > 10 else [4]) for day in range(1, 90)))
        await put(work, snapshot(3, [9], is_daily=False), snapshot(88, [9], is_daily=False))
    for _ in range(2):
        await keep_snapshots(databases.worker, tenant.id, now)
        assert [await found(databases, tenant, 4, day) for day in (20, 50, 62.5, 89.5)] == [1, 31, 62, 89]
        assert [await found(databases, tenant, 7, day) for day in (5, 20, 50)] == [None, 11, 31]
        assert [await found(databases, tenant, 9, day) for day in (50, 92)] == [None, 88]
    async with databases.worker.reading(tenant.id) as work:
        counted = tuple((await work.execute(_COUNT)).one())
    days_kept = 90 - (31 + 28)
    assert counted == (3 + days_kept + 1, 4 + 2 * days_kept + 1)


async def test_states_of_another_release_are_passed_over(databases: Databases, tenant: MadeTenant) -> None:
    async with databases.worker.transaction(tenant.id) as work:
        await put(work, snapshot(1, [4]), snapshot(2, [4]))
        older = text("UPDATE detection_snapshot SET state = decode('00', 'hex') WHERE day = :day")
        await work.execute(older, {"day": from_milliseconds(START_MS + 2 * DAY_MS).date()})
    assert await found(databases, tenant, 4, 9) == 1
