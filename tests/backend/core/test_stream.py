"""Bulk rows as the driver gives them: in batches, within the tenant, with errors that the doors understand."""

import pytest
from plantwright.core.database import Database
from plantwright.core.settings import Settings
from sqlalchemy.exc import OperationalError

from tests.conftest import Databases
from tests.factories import MadeTenant


async def test_rows_come_in_batches(databases: Databases, tenant: MadeTenant) -> None:
    async with databases.app.reading(tenant.id) as work:
        batches = [batch async for batch in work.stream("SELECT generate_series(1, $1::integer) AS n", 7, rows=3)]

    assert [[row["n"] for row in batch] for batch in batches] == [[1, 2, 3], [4, 5, 6], [7]]


async def test_only_rows_of_the_tenant_come(databases: Databases, tenant: MadeTenant) -> None:
    async with databases.app.reading(tenant.id) as work:
        batches = [batch async for batch in work.stream("SELECT id FROM tenant", rows=10)]

    assert [[row["id"] for row in batch] for batch in batches] == [[tenant.id]]


async def test_a_cancelled_statement_is_a_fault_of_the_database(settings: Settings, tenant: MadeTenant) -> None:
    database = Database(settings.role_url("app"), pool_size=1, statement_timeout_ms=100)
    try:
        async with database.reading(tenant.id) as work:
            with pytest.raises(OperationalError):
                async for _ in work.stream("SELECT pg_sleep($1)", 5.0, rows=1):
                    pass
        async with database.reading(tenant.id) as work:
            assert [row["one"] async for rows in work.stream("SELECT 1 AS one", rows=1) for row in rows] == [1]
    finally:
        await database.close()
