import pytest
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, TenantFactory
from tests.isolation.world import Property, furnish


@pytest.fixture
async def theirs(
    databases: Databases, journal: Journal, make_tenant: TenantFactory, make_machine: MachineFactory
) -> Property:
    return await furnish(databases, journal, await make_tenant(), make_machine)


@pytest.fixture
async def mine(
    databases: Databases, journal: Journal, make_tenant: TenantFactory, make_machine: MachineFactory
) -> Property:
    return await furnish(databases, journal, await make_tenant(), make_machine)
