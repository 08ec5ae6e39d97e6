from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import asyncpg
import pytest
from plantwright.core.settings import Settings

Connect = Callable[[str], Awaitable[asyncpg.Connection]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connections that the end of the test closes."""
    async with AsyncExitStack() as stack:

        async def opened(url: str) -> asyncpg.Connection:
            connection = await asyncpg.connect(url)
            stack.push_async_callback(connection.close)
            return connection

        yield opened


@pytest.fixture
async def owner(settings: Settings, connect: Connect) -> asyncpg.Connection:
    return await connect(settings.owner_url())
