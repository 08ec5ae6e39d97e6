"""Servers of their own: here a worker runs, and takes every job that a test of another folder would do itself."""

from collections.abc import Iterator

import pytest
from plantwright.core.settings import Settings

from tests.own_servers import services, settings
from tests.stack import Stack, running_stack

__all__ = ["services", "settings"]


@pytest.fixture(scope="session")
def stack(settings: Settings) -> Iterator[Stack]:
    """The API and the worker as processes of their own."""
    with running_stack(settings) as running:
        yield running
