import asyncio

import pytest
from plantwright.core.errors import DomainError
from plantwright.journal import repository
from plantwright.journal.service import Fact, Journal
from plantwright.journal.verify import Verification
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Databases
from tests.factories import MadeTenant


def fact(number: int) -> Fact:
    return Fact(action="test.noted", resource_type="test", resource_id=str(number), payload={"value": number / 3})


async def verify(databases: Databases, journal: Journal, tenant: MadeTenant) -> Verification:
    async with databases.app.snapshot(tenant.id) as work:
        return await journal.verify(work)


async def test_rows_are_numbered_without_gaps_under_concurrency(
    databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    async def append(number: int) -> None:
        async with databases.app.transaction(tenant.id) as work:
            await journal.append(work, fact(number), fact(number + 100))

    await asyncio.gather(*(append(number) for number in range(20)))

    result = await verify(databases, journal, tenant)
    assert result.is_intact, result.detail
    async with databases.app.reading(tenant.id) as work:
        assert await repository.last_sequence(work) == result.records_checked


async def test_a_rolled_back_change_leaves_no_row_and_no_gap(
    databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    before = (await verify(databases, journal, tenant)).records_checked

    async def append_and_fail() -> None:
        async with databases.app.transaction(tenant.id) as work:
            await journal.append(work, fact(1))
            raise DomainError("no")

    with pytest.raises(DomainError):
        await append_and_fail()
    async with databases.app.transaction(tenant.id) as work:
        await journal.append(work, fact(2))
    after = await verify(databases, journal, tenant)
    assert after.is_intact
    assert after.records_checked == before + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET action = 'x'",
        "DELETE FROM audit_record",
        "TRUNCATE audit_record",
    ],
)
async def test_the_roles_may_not_change_rows(databases: Databases, tenant: MadeTenant, statement: str) -> None:
    for database in (databases.app, databases.worker):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction(tenant.id) as work:
                await work.execute(text(statement))
