"""Servers of their own for the tests of a folder: its `conftest` imports these in the place of the common ones."""

from collections.abc import Iterator

import pytest
from plantwright.core.settings import Settings
from plantwright.embedded.services import Services, start_services

from tests.conftest import migrated


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    with start_services() as running:
        yield running


@pytest.fixture(scope="session")
def settings(services: Services) -> Settings:
    return migrated(services)
