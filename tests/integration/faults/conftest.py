"""Servers and processes of their own, so that killing them disturbs no other test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from plantwright.core.settings import Settings
from plantwright.embedded.services import Services, start_services

from tests.conftest import migrated
from tests.integration.faults.rig import Rig

# As durable as in service: what is killed in the middle of a write must find its log whole.
DURABLE = {"fsync": "on", "full_page_writes": "on"}


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    with start_services(settings=DURABLE) as running:
        yield running


@pytest.fixture(scope="session")
def settings(services: Services) -> Settings:
    return migrated(services)


@pytest.fixture(scope="session")
def only_rig(services: Services, settings: Settings) -> Iterator[Rig]:
    rig = Rig(services, settings)
    yield rig
    rig.stop()


@pytest.fixture
async def rig(only_rig: Rig) -> AsyncIterator[Rig]:
    """Everything runs when a test begins, whatever the one before it killed."""
    only_rig.restore()
    yield only_rig
    only_rig.restore()
