"""A tenant with a log of its own."""

import asyncpg
import pytest
from plantwright.journal.service import Journal

from tests.backend.detection.stored_plant import Plant
from tests.backend.readings.log_writer import LogWriter
from tests.conftest import Databases
from tests.factories import MachineFactory, TenantFactory


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
    return Plant(LogWriter(ingest, databases, tenant), databases, journal, tenant, metrics)
