import pytest
from plantwright.journal.service import Journal

from tests.backend.agents.making import Plant, make_plant
from tests.conftest import Databases
from tests.factories import MadeTenant


@pytest.fixture
async def plant(databases: Databases, journal: Journal, tenant: MadeTenant) -> Plant:
    return await make_plant(databases, journal, tenant)
