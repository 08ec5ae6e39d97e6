import pytest
from plantwright.journal.service import Journal

from tests.backend.escalation.making import Plant, make_plant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


@pytest.fixture
async def plant(databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory) -> Plant:
    return await make_plant(databases, journal, tenant, make_machine)
