"""A tenant with a log of its own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from plantwright.core.settings import Settings
from plantwright.journal.service import Journal

from tests.backend.detection.stored_plant import Plant
from tests.backend.readings.log_writer import LogWriter
from tests.conftest import Databases
from tests.factories import MachineFactory, TenantFactory


@pytest.fixture
async def ingest(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.role_url("ingest"))
    yield connection
    await connection.close()


@pytest.fixture
async def plant(
    ingest: asyncpg.Connection,
    databases: Databases,
    journal: Journal,
    make_tenant: TenantFactory,
    make_machine: MachineFactory,
) -> Plant:
    tenant = await make_tenant()
    _, metrics = await make_machine(tenant, metrics={"flow": "l/s", "pressure": "bar"})
    async with databases.app.transaction(tenant.id) as work:
        for metric in metrics.values():
            work.session.add(metric)
            await work.session.refresh(metric)
    return Plant(LogWriter(ingest, databases, tenant), databases, journal, tenant, metrics)
