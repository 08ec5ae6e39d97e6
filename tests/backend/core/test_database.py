"""Connections that the server has ended are replaced before anybody notices."""

import asyncio
import threading

import asyncpg
import pytest
from plantwright.core.database import Database
from plantwright.core.settings import Settings
from sqlalchemy import text

from tests.factories import MadeTenant


@pytest.mark.parametrize("connections", [1, 3])
async def test_a_connection_ended_by_the_server_is_replaced(
    settings: Settings, tenant: MadeTenant, connections: int
) -> None:
    database = Database(settings.role_url("app"), pool_size=connections)
    owner = await asyncpg.connect(settings.owner_url())
    try:
        before = await sessions(database, tenant, connections)
        for pid in before:
            await owner.execute("SELECT pg_terminate_backend($1, 2000)", pid)

        after = await sessions(database, tenant, connections)
    finally:
        await owner.close()
        await database.close()
    assert len(after) == connections
    assert not before & after


@pytest.mark.parametrize("rounds", [0, 1, 2, 3])
async def test_it_is_so_at_every_moment_of_its_end(settings: Settings, tenant: MadeTenant, rounds: int) -> None:
    """The end comes in two parts, last words and closing; each is heard in a round of the event loop of its own."""
    database = Database(settings.role_url("app"), pool_size=1)
    try:
        before = await sessions(database, tenant, 1)
        ending = threading.Thread(target=lambda: asyncio.run(end(settings, before)))
        ending.start()
        ending.join()
        for _ in range(rounds):
            await asyncio.sleep(0)
        assert not before & await sessions(database, tenant, 1)
    finally:
        await database.close()


async def end(settings: Settings, pids: set[int]) -> None:
    owner = await asyncpg.connect(settings.owner_url())
    for pid in pids:
        await owner.execute("SELECT pg_terminate_backend($1, 2000)", pid)
    await owner.close()


async def sessions(database: Database, tenant: MadeTenant, count: int) -> set[int]:
    """Process numbers of as many sessions, in use at the same time."""
    async with database.reading(tenant.id) as work:
        pid = int((await work.execute(text("SELECT pg_backend_pid()"))).scalar_one())
        return {pid} | (await sessions(database, tenant, count - 1) if count > 1 else set())
