import pytest
from plantwright.assets.models import Metric
from plantwright.journal.service import Journal

from tests.backend.alerts.making import Plant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


@pytest.fixture
def plant(databases: Databases, journal: Journal, tenant: MadeTenant) -> Plant:
    return Plant(databases.worker, journal, tenant.id)


@pytest.fixture
async def vibration(make_machine: MachineFactory, tenant: MadeTenant) -> Metric:
    _, metrics = await make_machine(tenant, metrics={"vibration_rms": "mm/s"})
    return metrics["vibration_rms"]
