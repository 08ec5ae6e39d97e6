"""The command line of imports against the real application on a socket."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from plantwright.app import create_app
from plantwright.core.settings import Settings
from plantwright.embedded.ports import free_port
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from plantwright.readings.exchange.import_cli import app as cli
from sqlalchemy import text
from typer.testing import CliRunner, Result

from tests.conftest import Databases
from tests.factories import MadeTenant


@dataclass
class Plant:
    databases: Databases
    tenant: MadeTenant
    door: list[str]

    async def run(self, file: Path, *options: str) -> Result:
        """Imports a file in the wide form."""
        return await self.bring("csv", file, "--machine", "PUMP-1", *options)

    async def bring(self, command: str, file: Path, *options: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, [command, str(file), *self.door, *options])

    async def rows(self) -> list[tuple[str, str, datetime, float]]:
        async with self.databases.app.reading(self.tenant.id) as work:
            found = await work.execute(
                text(
                    "SELECT m.name, m.unit, r.time, r.value FROM reading r JOIN metric m USING (series_id) "
                    "ORDER BY r.time, m.name"
                )
            )
            return [(row.name, row.unit, row.time, row.value) for row in found]


@asynccontextmanager
async def served(settings: Settings) -> AsyncGenerator[str]:
    """The application in a thread of its own; gives its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    end = time.monotonic() + 20
    while not server.started and time.monotonic() < end:  # noqa: ASYNC110 - another thread sets it
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await asyncio.to_thread(thread.join)


async def plant_of(databases: Databases, journal: Journal, tenant: MadeTenant, url: str) -> Plant:
    """With a key for the tenant."""
    async with databases.app.transaction(tenant.id) as work:
        person = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "t", datetime.now(UTC) + timedelta(hours=1))
        _, secret = await create_key(work, journal, person, name="import", scopes=["ingest"], expires_at=None)
    return Plant(databases, tenant, ["--url", url, "--api-key", secret])
