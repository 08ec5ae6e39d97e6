"""Servers of their own: what is thrown at the API must not be in the way of other tests."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from plantwright.core.database import Database
from plantwright.core.settings import Settings
from plantwright.identity.models import Role
from plantwright.journal.service import Journal

from tests.factories import PASSWORD, MachineFactory, TenantFactory
from tests.own_servers import services, settings
from tests.stack import running_api

__all__ = ["services", "settings"]


@pytest.fixture(scope="session")
def api_url(settings: Settings) -> Iterator[str]:
    with running_api(settings) as url:
        yield url


@pytest.fixture(scope="session")
def headers(settings: Settings, api_url: str) -> dict[str, str]:
    """Of an admin, who may do everything."""

    async def make() -> str:
        database = Database(settings.role_url("app"))
        journal = Journal(settings.audit_key_material())
        tenant = await TenantFactory(database, journal)()
        await MachineFactory(database, journal)(tenant)
        await database.close()
        return tenant.email(Role.ADMIN)

    body = {"email": asyncio.run(make()), "password": PASSWORD}
    token = httpx.post(f"{api_url}/api/v1/auth/login", json=body).json()["access_token"]
    return {"authorization": f"Bearer {token}"}
