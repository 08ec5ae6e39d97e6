"""Real PostgreSQL and Valkey for every test, one migrated database per test process."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from argon2 import PasswordHasher
from plantwright.app import create_app
from plantwright.core.database import Database
from plantwright.core.migrate import migrate
from plantwright.core.settings import Settings
from plantwright.embedded.services import Services, start_services
from plantwright.identity import passwords
from plantwright.journal.service import Journal
from starlette.applications import Starlette

from tests.factories import MachineFactory, MadeTenant, TenantFactory
from tests.graphql_client import GraphQLClient

SECRET_KEY = "test-secret-key-0123456789-0123456789"
AUDIT_KEY = "test-audit-key-0123456789-0123456789"


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Real argon2id at its least cost: a hundred tests make three users each."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    with start_services() as running:
        yield running


@pytest.fixture(scope="session")
def settings(services: Services) -> Settings:
    return migrated(services)


def migrated(services: Services) -> Settings:
    """Settings of a migrated database."""
    made = Settings.model_validate(
        {
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "PLANTWRIGHT_SECRET_KEY": SECRET_KEY,
            "PLANTWRIGHT_AUDIT_HMAC_KEY": AUDIT_KEY,
            "PLANTWRIGHT_DATA_DIR": str(services.data_dir),
        }
    )
    migrate(made)
    return made


@dataclass(frozen=True)
class Databases:
    app: Database
    worker: Database


@pytest.fixture
async def databases(settings: Settings) -> AsyncIterator[Databases]:
    pools = Databases(
        app=Database(settings.role_url("app"), pool_size=3), worker=Database(settings.role_url("worker"), pool_size=3)
    )
    yield pools
    await pools.app.close()
    await pools.worker.close()


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return Journal(settings.audit_key_material())


@pytest.fixture
async def make_tenant(databases: Databases, journal: Journal) -> TenantFactory:
    return TenantFactory(databases.app, journal)


@pytest.fixture
async def tenant(make_tenant: TenantFactory) -> MadeTenant:
    return await make_tenant()


@pytest.fixture
async def make_machine(databases: Databases, journal: Journal) -> MachineFactory:
    return MachineFactory(databases.app, journal)


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[Starlette]:
    """The application, started, in this process."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(api: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(api, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://plantwright.test") as made:
        yield made


@pytest.fixture
def graphql(client: httpx.AsyncClient) -> GraphQLClient:
    return GraphQLClient(client)
