import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import plantwright
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from plantwright.core.database import Database, async_url
from plantwright.core.errors import ConfigurationError
from plantwright.core.migrate import migrate_async
from plantwright.core.roles import check_role
from plantwright.core.settings import DATABASE_ROLES, Settings
from plantwright.journal.service import Journal
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

_SHAPE = """
    SELECT 'column', table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
     WHERE table_schema = 'public'
    UNION ALL SELECT 'policy', tablename, policyname, qual, with_check, cmd FROM pg_policies
    UNION ALL SELECT 'index', tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'grant', table_name, grantee, privilege_type, '', '' FROM information_schema.table_privileges
     WHERE table_schema = 'public'
    ORDER BY 1, 2, 3, 4"""


def models() -> None:
    root = Path(plantwright.__file__).parent
    for file in root.glob("*/models.py"):
        import_module(f"plantwright.{file.parent.name}.models")


async def test_the_models_say_what_the_database_is(settings: Settings) -> None:
    models()
    engine = create_async_engine(async_url(settings.owner_url()))
    try:
        async with engine.connect() as connection:
            differences = await connection.run_sync(_differences)
    finally:
        await engine.dispose()
    assert differences == []


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _is_compared})
    return list(compare_metadata(context, SQLModel.metadata))


def _is_compared(thing: Any, name: str | None, kind: str, reflected: bool, _: Any) -> bool:
    """Constraints and indexes are the migrations' business; partitions have the shape of their table."""
    if kind not in {"table", "column"}:
        return False
    return not (reflected and kind == "table" and str(name).startswith(("segment_", "alembic_")))


async def test_every_table_has_a_model(owner: asyncpg.Connection) -> None:
    models()
    rows = await owner.fetch(
        """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
           AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"""
    )
    assert {row["relname"] for row in rows} == set(SQLModel.metadata.tables)


async def test_migrating_again_changes_nothing_and_keeps_the_data(
    *,
    settings: Settings,
    owner: asyncpg.Connection,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> None:
    machine, _ = await make_machine(tenant)
    before = await owner.fetch(_SHAPE)
    await migrate_async(settings)
    assert await owner.fetch(_SHAPE) == before
    async with databases.app.snapshot(tenant.id) as work:
        assert (await journal.verify(work)).is_intact
        assert (await work.session.get(type(machine), (tenant.id, machine.id))) == machine


MakeDatabase = Callable[..., Awaitable[Settings]]


@pytest.fixture
async def make_database(settings: Settings, owner: asyncpg.Connection) -> AsyncIterator[MakeDatabase]:
    """An empty database with an owner who is no superuser; both go at the end."""
    made: list[str] = []

    async def make(rights: str) -> Settings:
        name = f"plain_{uuid4().hex[:8]}"
        made.append(name)
        await owner.execute(f"CREATE ROLE {name} LOGIN {rights} PASSWORD 'plain'")
        await owner.execute(f"CREATE DATABASE {name} OWNER {name}")
        parts = urlsplit(settings.owner_url())
        address = parts.netloc.rpartition("@")[2]
        url = urlunsplit(parts._replace(netloc=f"{name}:plain@{address}", path=f"/{name}"))
        return settings.model_copy(update={"owner_database_url": type(settings.redis_url)(url)})

    yield make
    for name in made:
        await owner.execute(f"DROP DATABASE {name}")
        for role in (*(f"{name}_{role}" for role in DATABASE_ROLES), name):
            await owner.execute(f"DROP ROLE IF EXISTS {role}")


async def test_an_owner_who_is_no_superuser_migrates_twice_and_the_product_works(make_database: MakeDatabase) -> None:
    settings = await make_database("CREATEROLE BYPASSRLS")
    await asyncio.gather(migrate_async(settings), migrate_async(settings))
    await migrate_async(settings)
    pools = {role: Database(settings.role_url(role), pool_size=1) for role in DATABASE_ROLES}
    try:
        for role, pool in pools.items():
            await check_role(pool, role)
        journal = Journal(settings.audit_key_material())
        tenant = await TenantFactory(pools["app"], journal)()
        await MachineFactory(pools["app"], journal)(tenant)
        async with pools["worker"].snapshot(tenant.id) as work:
            assert (await journal.verify(work)).is_intact
    finally:
        for pool in pools.values():
            await pool.close()


@pytest.mark.parametrize("rights", ["", "CREATEROLE"])
async def test_an_owner_with_too_few_rights_is_told_which(make_database: MakeDatabase, rights: str) -> None:
    settings = await make_database(rights)
    with pytest.raises(ConfigurationError, match="CREATEROLE and BYPASSRLS"):
        await migrate_async(settings)


async def test_a_changed_secret_key_changes_the_passwords(make_database: MakeDatabase) -> None:
    settings = await make_database("CREATEROLE BYPASSRLS")
    await migrate_async(settings)
    changed = settings.model_copy(update={"secret_key": type(settings.secret_key)("another-key-" * 4)})
    await migrate_async(changed)
    pool = Database(changed.role_url("app"), pool_size=1)
    await pool.ping()
    await pool.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(settings.role_url("app"))
