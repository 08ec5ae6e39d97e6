"""Real PostgreSQL and Valkey for every test, one migrated database per test process."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from plantwright.core.database import Database
from plantwright.core.migrate import migrate
from plantwright.core.settings import Settings
from plantwright.embedded.services import Services, start_services
from plantwright.journal.service import Journal

from tests.factories import MachineFactory, TenantFactory

SECRET_KEY = "test-secret-key-0123456789-0123456789"
AUDIT_KEY = "test-audit-key-0123456789-0123456789"


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    with start_services() as running:
        yield running


@pytest.fixture(scope="session")
def settings(services: Services) -> Settings:
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
async def tenant(make_tenant: TenantFactory) -> "TenantFactory.Made":
    return await make_tenant()


@pytest.fixture
async def make_machine(databases: Databases, journal: Journal) -> MachineFactory:
    return MachineFactory(databases.app, journal)
