"""A tenant with a pump and a log of its own."""

import asyncpg
import pytest
from plantwright.journal.service import Journal

from tests.backend.readings.log_writer import LogWriter
from tests.backend.rules.making import TEMPERATURE, VIBRATION, Plant
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
    machine, metrics = await make_machine(tenant, metrics={VIBRATION: "mm/s", TEMPERATURE: "celsius"})
    return Plant(LogWriter(ingest, databases, tenant), databases, journal, tenant, machine, metrics)
