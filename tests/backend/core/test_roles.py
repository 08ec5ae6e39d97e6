import asyncpg
import pytest
from plantwright.core.database import Database
from plantwright.core.errors import ConfigurationError
from plantwright.core.roles import check_role
from plantwright.core.settings import DATABASE_ROLES, DatabaseRole, Settings


async def checked(url: str, role: DatabaseRole) -> None:
    database = Database(url, pool_size=1)
    try:
        await check_role(database, role)
    finally:
        await database.close()


@pytest.mark.parametrize("role", DATABASE_ROLES)
async def test_the_migrated_roles_pass(settings: Settings, role: DatabaseRole) -> None:
    await checked(settings.role_url(role), role)


@pytest.mark.parametrize("role", DATABASE_ROLES)
async def test_the_owner_is_refused(settings: Settings, role: DatabaseRole) -> None:
    with pytest.raises(ConfigurationError, match=f"may do more than the {role} process should") as refusal:
        await checked(settings.owner_url(), role)
    assert "owns tables" in refusal.value.message


async def test_the_ingest_role_is_refused_for_others(settings: Settings) -> None:
    for role in ("app", "worker"):
        with pytest.raises(ConfigurationError, match="rolbypassrls"):
            await checked(settings.role_url("ingest"), role)


@pytest.mark.parametrize("right", ["BYPASSRLS", "CREATEDB", "CREATEROLE", "REPLICATION", "SUPERUSER"])
async def test_one_right_too_many_is_refused_by_name(settings: Settings, owner: asyncpg.Connection, right: str) -> None:
    name = await owner.fetchval("SELECT current_database() || '_worker'")
    await owner.execute(f'ALTER ROLE "{name}" {right}')
    try:
        with pytest.raises(ConfigurationError, match=f"rol{right.lower()[:5]}"):
            await checked(settings.role_url("worker"), "worker")
    finally:
        await owner.execute(f'ALTER ROLE "{name}" NO{right}')


@pytest.mark.parametrize(
    ("grant", "named"),
    [
        ("SELECT ON machine", "machine: SELECT"),
        ("UPDATE ON segment", "segment: UPDATE"),
        ("SELECT (id) ON tenant", "tenant"),
    ],
)
async def test_one_grant_too_many_to_ingest_is_refused(
    settings: Settings, owner: asyncpg.Connection, grant: str, named: str
) -> None:
    name = await owner.fetchval("SELECT current_database() || '_ingest'")
    await owner.execute(f'GRANT {grant} TO "{name}"')
    try:
        with pytest.raises(ConfigurationError, match=named):
            await checked(settings.role_url("ingest"), "ingest")
    finally:
        await owner.execute(f'REVOKE {grant} FROM "{name}"')


async def test_rights_that_come_with_membership_are_refused(settings: Settings, owner: asyncpg.Connection) -> None:
    name = await owner.fetchval("SELECT current_database() || '_app'")
    await owner.execute(f'GRANT pg_read_all_data TO "{name}"')
    try:
        with pytest.raises(ConfigurationError, match="pg_read_all_data"):
            await checked(settings.role_url("app"), "app")
    finally:
        await owner.execute(f'REVOKE pg_read_all_data FROM "{name}"')


async def test_a_way_past_the_journals_triggers_is_refused(settings: Settings, owner: asyncpg.Connection) -> None:
    name = await owner.fetchval("SELECT current_database() || '_app'")
    await owner.execute(f'GRANT DELETE ON audit_record TO "{name}"')
    try:
        with pytest.raises(ConfigurationError, match="audit_record: DELETE"):
            await checked(settings.role_url("app"), "app")
    finally:
        await owner.execute(f'REVOKE DELETE ON audit_record FROM "{name}"')
