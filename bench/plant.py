"""Servers, an API process and a tenant for benchmarks: the real ones, thrown away afterwards."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError

from plantwright.assets.models import MachineKind, Protocol
from plantwright.assets.service import create_machine
from plantwright.core.database import Database
from plantwright.core.ids import uuid7
from plantwright.core.migrate import migrate_async
from plantwright.core.settings import Settings
from plantwright.embedded.services import Services, start_services, throw_away_folder
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role, Tier
from plantwright.identity.principal import Principal
from plantwright.identity.registration import create_tenant, create_user
from plantwright.journal.service import Journal

START_SECONDS = 30.0
PRODUCT = "plantwright.app:create_app"
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Plant:
    services: Services
    settings: Settings
    environment: dict[str, str]


@contextmanager
def running_servers() -> Generator[Plant]:
    """Durable PostgreSQL (fsync as in earnest) and Valkey, migrated."""
    with throw_away_folder() as folder, start_services(folder) as services:
        environment = {
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "PLANTWRIGHT_SECRET_KEY": secrets.token_hex(32),
            "PLANTWRIGHT_AUDIT_HMAC_KEY": secrets.token_hex(32),
            "PLANTWRIGHT_LOG_LEVEL": "warning",
        }
        settings = Settings.model_validate(environment)
        asyncio.run(migrate_async(settings))
        yield Plant(services, settings, environment)


@contextmanager
def running_api(plant: Plant, application: str = PRODUCT) -> Generator[int]:
    """One API process as it is deployed, or another application of the same server; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "warning", "--app-dir", str(HERE)]
    process = subprocess.Popen(command, env=os.environ | plant.environment)
    try:
        _wait_until_ready(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the API process did not become ready")


async def make_tenant_with_key(plant: Plant, machines: int) -> str:
    """A tenant with machines BENCH-000 and on; gives a key with the scope ingest."""
    database = Database(plant.settings.role_url("app"))
    journal = Journal(plant.settings.audit_key_material())
    try:
        tenant = await create_tenant(database, journal, name="Bench", tier=Tier.ENTERPRISE)
        async with database.transaction(tenant.id) as work:
            user = await create_user(
                work,
                journal,
                email="admin@bench.example",
                full_name="Bench",
                password=f"Aa1-{secrets.token_hex(8)}",
                role=Role.ADMIN,
            )
            for number in range(machines):
                await create_machine(
                    work,
                    journal,
                    user.id,
                    name=f"Machine {number}",
                    identifier=f"BENCH-{number:03}",
                    kind=MachineKind.PUMP,
                    protocol=Protocol.OPC_UA,
                    location=None,
                )
            until = datetime.now(UTC) + timedelta(days=1)
            principal = Principal(tenant.id, user.id, Role.ADMIN, str(uuid7()), until)
            _, secret = await create_key(work, journal, principal, name="bench", scopes=["ingest"], expires_at=None)
    finally:
        await database.close()
    return secret
