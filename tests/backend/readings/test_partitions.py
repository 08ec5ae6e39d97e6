"""Partitions are dropped when no tier keeps them, and nobody waits long for that."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from plantwright.core.settings import Settings
from plantwright.identity.models import Tier
from plantwright.readings.storage.partitions import drop_partitions
from plantwright.readings.storage.retention import RETENTION

from tests.backend.readings.stored import Shelf
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

# Years ago, so that no other test has anything there; and longer ago than any tier keeps, as seen from LATER.
MONTHS = (datetime(2001, 1, 1, tzinfo=UTC), datetime(2001, 2, 1, tzinfo=UTC), datetime(2001, 3, 1, tzinfo=UTC))


def later(keep_from: datetime) -> datetime:
    """The time at which the longest retention reaches back to this."""
    return keep_from + timedelta(days=RETENTION[Tier.ENTERPRISE].raw_days)


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.owner_url())
    for start, end in zip(MONTHS, (*MONTHS[1:], datetime(2001, 4, 1, tzinfo=UTC)), strict=True):
        await connection.execute(
            f"CREATE TABLE segment_merged_{start:%Y_%m} PARTITION OF segment_merged "
            f"FOR VALUES FROM ('{start}') TO ('{end}')"
        )
    yield connection
    for start in MONTHS:
        await connection.execute(f"DROP TABLE IF EXISTS segment_merged_{start:%Y_%m}")
    await connection.close()


async def months_there(owner: asyncpg.Connection) -> list[datetime]:
    found = [await owner.fetchval(f"SELECT to_regclass('segment_merged_{start:%Y_%m}')") for start in MONTHS]
    return [start for start, name in zip(MONTHS, found, strict=True) if name is not None]


async def test_months_wholly_older_than_the_longest_retention_are_dropped(
    databases: Databases, owner: asyncpg.Connection, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant)
    shelf = Shelf(owner, tenant, metrics["vibration_rms"])
    for start in MONTHS:
        await shelf.put_hours(start, 1)

    assert await drop_partitions(databases.worker, later(MONTHS[2] - timedelta(seconds=1))) == 1
    assert await months_there(owner) == list(MONTHS[1:])
    assert await drop_partitions(databases.worker, later(MONTHS[2])) == 1
    assert await drop_partitions(databases.worker, later(MONTHS[2])) == 0
    assert await shelf.starts() == [MONTHS[2]]


async def test_somebody_reading_makes_the_drop_give_up_and_others_go_on(
    databases: Databases, owner: asyncpg.Connection, settings: Settings, tenant: MadeTenant
) -> None:
    reader = await asyncpg.connect(settings.owner_url())
    try:
        await reader.execute("BEGIN")
        await reader.fetch(f"SELECT count(*) FROM segment_merged_{MONTHS[0]:%Y_%m}")  # noqa: S608 - a date

        dropping = asyncio.create_task(drop_partitions(databases.worker, later(MONTHS[2])))
        while not dropping.done():
            # Without giving up, the drop would wait for the reader, and these for the drop: for good.
            await owner.fetchval("SELECT count(*) FROM segment WHERE start >= $1", MONTHS[2])

        assert await dropping == 0
        assert await months_there(owner) == list(MONTHS)
        await reader.execute("COMMIT")
    finally:
        await reader.close()
    assert await drop_partitions(databases.worker, later(MONTHS[2])) == 2


async def test_nobody_can_have_young_partitions_dropped(databases: Databases, tenant: MadeTenant) -> None:
    assert tenant
    soon = datetime.now(UTC) + timedelta(days=RETENTION[Tier.ENTERPRISE].raw_days)
    with pytest.raises(Exception, match="younger than the shortest retention"):
        await drop_partitions(databases.worker, soon)
