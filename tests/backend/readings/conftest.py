"""The ingest door over real servers, with a tenant, its machine and a key."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
from plantwright.assets.series import SeriesCache
from plantwright.core.settings import Settings
from plantwright.identity.models import Tier
from plantwright.identity.registration import create_tenant
from plantwright.journal.service import Journal
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.rest.ingest import IngestEndpoint

from tests.backend.readings.door import Door, KeyRing, PlainTenant
from tests.backend.readings.plant import Plant, plant_of, served
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing()


@pytest.fixture
async def plain_tenant(databases: Databases, journal: Journal) -> PlainTenant:
    """Makes tenants without people: hashing their passwords would take longer than the test."""

    async def make() -> MadeTenant:
        made = await create_tenant(databases.app, journal, name="Plant", tier=Tier.ENTERPRISE)
        return MadeTenant(made.id, int(made.number or 0), f"plant-{made.id}", uuid4(), uuid4(), uuid4())

    return make


@pytest.fixture
async def pump_tenant(plain_tenant: PlainTenant, make_machine: MachineFactory) -> MadeTenant:
    tenant = await plain_tenant()
    await make_machine(tenant, "PUMP-1")
    return tenant


@pytest.fixture
async def door(settings: Settings, databases: Databases, keys: KeyRing, pump_tenant: MadeTenant) -> AsyncIterator[Door]:
    stored_for: list[UUID] = []
    writer = GroupCommitWriter(settings.role_url("ingest"), stored_for.extend)
    endpoint = IngestEndpoint(keys, SeriesCache(databases.app), writer, databases.app)
    await writer.start()
    transport = httpx.ASGITransport(endpoint)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Door(client, writer, endpoint, databases, pump_tenant, keys.add(pump_tenant), stored_for)
    await writer.stop()


@pytest.fixture
async def address(settings: Settings) -> AsyncIterator[str]:
    async with served(settings) as url:
        yield url


@pytest.fixture
async def plant(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory, address: str
) -> Plant:
    await make_machine(tenant, "PUMP-1")
    return await plant_of(databases, journal, tenant, address)
