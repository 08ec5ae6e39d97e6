"""Servers of their own: what is compared before and after must not be what a worker of other tests changes."""

from collections.abc import Iterator

import pytest
from plantwright.core.settings import Settings
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, TenantFactory
from tests.isolation.world import Property, furnish
from tests.own_servers import services, settings
from tests.stack import running_api

__all__ = ["services", "settings"]


@pytest.fixture(scope="session")
def api_url(settings: Settings) -> Iterator[str]:
    with running_api(settings) as url:
        yield url


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
