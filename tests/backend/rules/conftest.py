"""A tenant with a pump and a log of its own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from plantwright.core.settings import Settings
from plantwright.journal.service import Journal

from tests.backend.readings.log_writer import LogWriter
from tests.backend.rules.making import TEMPERATURE, VIBRATION, Plant
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
    machine, metrics = await make_machine(tenant, metrics={VIBRATION: "mm/s", TEMPERATURE: "celsius"})
    async with databases.app.transaction(tenant.id) as work:
        for metric in metrics.values():
            work.session.add(metric)
            await work.session.refresh(metric)
    return Plant(LogWriter(ingest, databases, tenant), databases, journal, tenant, machine, metrics)
