"""What all tests of the backend share."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from argon2 import PasswordHasher
from plantwright.core.settings import Settings
from plantwright.identity import passwords


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Every tenant of a test has three users; at the product's cost their passwords would be most of the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
async def ingest(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """With the rights of ingest."""
    connection = await asyncpg.connect(settings.role_url("ingest"))
    yield connection
    await connection.close()


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """With the rights of whoever owns the tables."""
    connection = await asyncpg.connect(settings.owner_url())
    yield connection
    await connection.close()
