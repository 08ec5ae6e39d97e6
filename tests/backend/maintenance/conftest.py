import pytest
from plantwright.journal.service import Journal

from tests.backend.alerts.making import QuickTenantFactory
from tests.conftest import Databases


@pytest.fixture
def make_tenant(databases: Databases, journal: Journal) -> QuickTenantFactory:
    return QuickTenantFactory(databases.app, journal)
