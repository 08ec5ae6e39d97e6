"""Old readings and rollups go, by tier, in small steps; nothing else does."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from plantwright.core.database import UnitOfWork
from plantwright.identity.models import Tier
from plantwright.readings.storage.expiry import Deleted, delete_expired
from plantwright.readings.storage.service import measure, read_storage

from tests.backend.readings.stored import Shelf
from tests.conftest import Databases
from tests.factories import MachineFactory, TenantFactory

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MakeShelf = Callable[[Tier], Awaitable[Shelf]]


@pytest.fixture
async def make_shelf(owner: asyncpg.Connection, make_tenant: TenantFactory, make_machine: MachineFactory) -> MakeShelf:
    async def make(tier: Tier) -> Shelf:
        tenant = await make_tenant(tier)
        _, metrics = await make_machine(tenant)
        return Shelf(owner, tenant, metrics["vibration_rms"])

    return make


def day(number: int) -> datetime:
    """Midnight so many days before now."""
    return NOW.replace(hour=0, minute=0) - number * DAY


async def expire(databases: Databases, shelf: Shelf, now: datetime = NOW, **options: float) -> Deleted:
    await measure(databases.worker, shelf.tenant.id)
    return await delete_expired(databases.worker, shelf.tenant.id, now, **options)  # type: ignore[arg-type]


async def test_only_whole_days_beyond_the_tiers_retention_go(databases: Databases, make_shelf: MakeShelf) -> None:
    shelf, other = await make_shelf(Tier.FREE), await make_shelf(Tier.PRO)
    for kept in (shelf, other):
        await kept.put_hours(day(10), 24 * 10)

    deleted = await expire(databases, shelf)

    assert deleted == Deleted(segments=3 * 24, readings=3 * 24 * 60)
    assert await shelf.starts() == [day(7) + timedelta(hours=hour) for hour in range(24 * 7)]
    assert await expire(databases, other) == Deleted()
    assert len(await other.starts()) == 240
    assert await expire(databases, shelf) == Deleted()


async def test_rollups_outlive_readings_each_by_its_own_retention(databases: Databases, make_shelf: MakeShelf) -> None:
    shelf = await make_shelf(Tier.FREE)
    await shelf.put_hours(day(8), 1)
    await shelf.put_hours(day(31), 1)
    await shelf.put_hours(day(500), 1)
    await shelf.put_rollup(60, day(8), day(31), day(500))
    await shelf.put_rollup(3_600, day(8), day(31), day(500))
    month = day(500).replace(day=1)
    await shelf.put_rollup(86_400, month)

    deleted = await expire(databases, shelf)

    assert deleted == Deleted(segments=3, readings=180, rollups=3)
    assert await shelf.starts() == []
    assert await shelf.rollups(60) == [day(8)]
    assert await shelf.rollups(3_600) == [day(31), day(8)]
    assert await shelf.rollups(86_400) == [month]

    ten_years_on = datetime(month.year + 10, month.month, 27, tzinfo=UTC)
    assert (await expire(databases, shelf, ten_years_on)).rollups == 3
    assert await shelf.rollups(86_400) == [month]
    assert (await expire(databases, shelf, ten_years_on + 40 * DAY)).rollups == 1
    assert await shelf.rollups(86_400) == []


async def test_a_smaller_tier_loses_readings_at_the_next_clean_up(
    databases: Databases, owner: asyncpg.Connection, make_shelf: MakeShelf
) -> None:
    shelf = await make_shelf(Tier.PRO)
    await shelf.put_hours(day(100), 2)
    assert await expire(databases, shelf) == Deleted()

    await owner.execute("UPDATE tenant SET tier = 'free' WHERE id = $1", shelf.tenant.id)

    assert await expire(databases, shelf) == Deleted(segments=2, readings=120)


async def test_each_transaction_deletes_few_rows_and_tells(databases: Databases, make_shelf: MakeShelf) -> None:
    shelf = await make_shelf(Tier.FREE)
    await shelf.put_hours(day(10), 24)
    told: list[Deleted] = []

    async def tell(_: UnitOfWork, deleted: Deleted) -> None:
        told.append(deleted)

    await measure(databases.worker, shelf.tenant.id)
    await delete_expired(databases.worker, shelf.tenant.id, NOW, report=tell, most_rows=10)

    assert [deleted.segments for deleted in told] == [10, 10, 4]


async def test_goes_on_where_it_was_interrupted_oldest_first(databases: Databases, make_shelf: MakeShelf) -> None:
    shelf = await make_shelf(Tier.FREE)
    await shelf.put_hours(day(12), 48)
    steps = 0

    async def fail_at_the_third(_work: UnitOfWork, _deleted: Deleted) -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise ConnectionError("killed")

    await measure(databases.worker, shelf.tenant.id)
    with pytest.raises(ConnectionError):
        await delete_expired(databases.worker, shelf.tenant.id, NOW, report=fail_at_the_third, most_rows=10)
    left = await shelf.starts()
    assert len(left) == 28
    assert day(11) in left

    assert await expire(databases, shelf, seconds=0) == Deleted()
    assert await expire(databases, shelf) == Deleted(segments=28, readings=28 * 60)
    assert await shelf.starts() == []


async def test_what_is_gone_is_no_longer_counted_and_since_when_is_known(
    databases: Databases, make_shelf: MakeShelf
) -> None:
    shelf = await make_shelf(Tier.FREE)
    await shelf.put_hours(day(60), 24)
    await shelf.put_hours(day(1), 24)
    await expire(databases, shelf)
    await measure(databases.worker, shelf.tenant.id)

    async with databases.app.reading(shelf.tenant.id) as work:
        storage = await read_storage(work)

    assert [month.readings for month in storage.months] == [24 * 60]
    assert storage.state is not None
    assert storage.state.deleted_before == day(7)
