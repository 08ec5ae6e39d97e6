"""Servers of their own: here a worker runs, and takes every job that a test of another folder would do itself."""

from collections.abc import Iterator

import pytest
from plantwright.core.settings import Settings
from plantwright.embedded.services import Services, start_services

from tests.conftest import migrated
from tests.stack import Stack, running_stack


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    with start_services() as running:
        yield running


@pytest.fixture(scope="session")
def settings(services: Services) -> Settings:
    return migrated(services)


@pytest.fixture(scope="session")
def stack(settings: Settings) -> Iterator[Stack]:
    """The API and the worker as processes of their own."""
    with running_stack(settings) as running:
        yield running
