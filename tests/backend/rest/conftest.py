"""One started application and one event loop for all tests of this folder; a tenant of its own for each."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from plantwright.alerts.models import Alert
from plantwright.app import create_app
from plantwright.core.database import Database
from plantwright.core.settings import Settings
from plantwright.identity.models import Role, Tier, User
from plantwright.identity.registration import create_tenant
from plantwright.journal.service import Journal
from starlette.applications import Starlette

from tests.backend.alerts.making import Plant, at, finding
from tests.backend.rest.caller import Caller, PeopledTenant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(settings: Settings) -> AsyncIterator[Starlette]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(api: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(api, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://plantwright.test") as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def databases(settings: Settings) -> AsyncIterator[Databases]:
    pools = Databases(
        app=Database(settings.role_url("app"), pool_size=2), worker=Database(settings.role_url("worker"), pool_size=2)
    )
    yield pools
    await pools.app.close()
    await pools.worker.close()


@pytest.fixture(scope="session")
def journal(settings: Settings) -> Journal:
    return Journal(settings.audit_key_material())


@pytest.fixture(scope="session")
def make_machine(databases: Databases, journal: Journal) -> MachineFactory:
    return MachineFactory(databases.app, journal)


@pytest.fixture(scope="session")
def make_people(databases: Databases, journal: Journal) -> PeopledTenant:
    """Makes tenants whose people have tokens but no passwords: hashing those would take longer than the tests."""

    async def make() -> MadeTenant:
        slug = f"plant-{uuid4().hex[:10]}"
        made = await create_tenant(databases.app, journal, name=slug, tier=Tier.ENTERPRISE)
        people = {
            role: User(
                tenant_id=made.id,
                email=f"{role.value}@{slug}.example",
                full_name=f"{role.value.title()} of {slug}",
                password_hash="none",
                role=role.value,
            )
            for role in Role
        }
        async with databases.app.transaction(made.id) as work:
            work.session.add_all(people.values())
        ids = {role: person.id for role, person in people.items()}
        return MadeTenant(made.id, int(made.number or 0), slug, ids[Role.ADMIN], ids[Role.OPERATOR], ids[Role.VIEWER])

    return make


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(make_people: PeopledTenant) -> MadeTenant:
    return await make_people()


@pytest.fixture
def admin(client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant) -> Caller:
    return Caller.of(client, settings, tenant)


@pytest.fixture
def operator(client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant) -> Caller:
    return Caller.of(client, settings, tenant, Role.OPERATOR)


@pytest.fixture
def viewer(client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant) -> Caller:
    return Caller.of(client, settings, tenant, Role.VIEWER)


@pytest_asyncio.fixture(loop_scope="session")
async def alerts(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> list[Alert]:
    """A warning and a critical alert of two metrics, one after the other."""
    _, metrics = await make_machine(tenant, metrics={"vibration_rms": "mm/s", "temperature": "celsius"})
    plant = Plant(databases.worker, journal, tenant.id)
    return await plant.find(
        finding("started", metrics["vibration_rms"], at(0)),
        finding("started", metrics["temperature"], at(5), severity="critical"),
    )
