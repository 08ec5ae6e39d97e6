"""Every table of the migrated database, found in its catalogue, so that no new one can be forgotten."""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import pytest
from plantwright.core.database import Database
from plantwright.core.settings import DatabaseRole, Settings
from plantwright.identity import repository
from plantwright.identity.models import Role
from plantwright.journal.service import Journal
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.backend.core.conftest import Connect
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

# ruff: noqa: S608 - table names come from the catalogue

SHARED = {"alembic_version"}

_TABLES = """
    SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds,
           c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
           (SELECT min(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid
              AND a.attname IN ('tenant_id', 'tenant_no')) AS tenant_column,
           (SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int[], a.attnum::int))
              FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary) AS primary_key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1"""


@dataclass(frozen=True)
class World:
    """The database as its owner sees it, with a row of `mine` in every table."""

    owner: asyncpg.Connection
    mine: MadeTenant
    other: MadeTenant
    tables: list[asyncpg.Record]

    def tenant_tables(self) -> list[asyncpg.Record]:
        return [table for table in self.tables if table["name"] not in SHARED]


@pytest.fixture(scope="module")
def tenants(settings: Settings) -> tuple[MadeTenant, MadeTenant]:
    """Two tenants with a row in every table."""
    return asyncio.run(_two_tenants(settings))


async def _two_tenants(settings: Settings) -> tuple[MadeTenant, MadeTenant]:
    app, journal = Database(settings.role_url("app"), pool_size=1), Journal(settings.audit_key_material())
    owner = await asyncpg.connect(settings.owner_url())
    mine, other = [await TenantFactory(app, journal)() for _ in range(2)]
    tables = await owner.fetch(_TABLES)
    for tenant in (mine, other):
        await MachineFactory(app, journal)(tenant)
        await _fill(owner, tenant, [table for table in tables if table["name"] not in SHARED])
    await app.close()
    await owner.close()
    return mine, other


@pytest.fixture
async def world(owner: asyncpg.Connection, tenants: tuple[MadeTenant, MadeTenant]) -> World:
    return World(owner, *tenants, await owner.fetch(_TABLES))


_VALUES = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "boolean": "true",
    "jsonb": "'{}'",
    "bytea": "sha256(gen_random_uuid()::text::bytea)",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "ARRAY": "'{}'",
}
# Columns whose values a CHECK names.
_CHECKED = {
    "severity": "'info'",
    "priority": "'low'",
    "status": "'open'",
    "state": "'online'",
    "protocol": "'opc_ua'",
    "bucket_seconds": "60",
    "offsets": "'{}'",
    "machine_id": "gen_random_uuid()",
    "metric_id": "gen_random_uuid()",
}
# Of one table, where a name means something else.
_CHECKED_IN = {
    ("notification_delivery", "status"): "'pending'",
    ("alert_shelf", "kind"): "'timed'",
    ("alert_shelf", "state"): "'requested'",
    ("running_condition", "operator"): "'>'",
    ("escalation_policy", "steps"): "'[{}]'",
    ("on_call_rotation", "layers"): "'[{}]'",
    ("on_call_override", "ends_at"): "now() + interval '1 hour'",
    ("escalation", "state"): "'paused'",
    ("escalation", "reason"): "'flood'",
    ("quiet_hours", "scope"): "'tenant'",
    ("held_notice", "recipient_kind"): "'user'",
    ("held_notice", "reason"): "'flood'",
    ("invitation", "role"): "'viewer'",
}


async def _fill(owner: asyncpg.Connection, tenant: MadeTenant, tables: list[asyncpg.Record]) -> None:
    """A row in each table that the factories leave empty; foreign keys are not looked at."""
    await owner.execute(f"SET app.tenant_id = '{tenant.id}'")
    await owner.execute("SET session_replication_role = replica")
    for table in tables:
        column, own = _key_of(table, tenant)
        if not await owner.fetchval(f"SELECT count(*) FROM {table['name']} WHERE {column} = {own}"):
            columns = await owner.fetch(
                """SELECT column_name AS name, data_type AS type FROM information_schema.columns
                   WHERE table_name = $1 AND table_schema = 'public' AND is_identity = 'NO' AND column_default IS NULL
                     AND (is_nullable = 'NO' OR column_name = ANY ($2))""",
                table["name"],
                [*_CHECKED, *(name for of, name in _CHECKED_IN if of == table["name"])],
            )
            values = {c["name"]: _value_of(table["name"], c) for c in columns} | {column: own}
            if table["bounds"] is not None:
                # The lower bound of the partition; the default one takes what no other does.
                if table["name"].startswith("segment_merged"):
                    values["level"] = "2"
                values["start"] = (re.findall(r"FROM \(('[^']+')\)", table["bounds"]) or ["'1999-01-01'"])[0]
            names = ", ".join(f'"{name}"' for name in values)
            await owner.execute(f"INSERT INTO {table['name']} ({names}) VALUES ({', '.join(values.values())})")
    await owner.execute("RESET session_replication_role")
    await owner.execute("RESET app.tenant_id")


def _value_of(table: str, column: asyncpg.Record) -> str:
    of_name = _CHECKED.get(column["name"], _VALUES.get(column["type"], "1"))
    return _CHECKED_IN.get((table, column["name"]), of_name)


def _key_of(table: asyncpg.Record, tenant: MadeTenant) -> tuple[str, str]:
    column = table["tenant_column"] or "id"
    return column, str(tenant.number) if column == "tenant_no" else f"'{tenant.id}'"


async def test_every_table_is_protected(world: World) -> None:
    assert len(world.tenant_tables()) >= 15
    policies = await world.owner.fetch("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies")
    for table in world.tenant_tables():
        name = table["name"]
        assert table["enabled"], f"{name}: ENABLE ROW LEVEL SECURITY"
        assert table["forced"], f"{name}: FORCE ROW LEVEL SECURITY"
        isolation = [p for p in policies if (p["tablename"], p["policyname"]) == (name, "tenant_isolation")]
        assert len(isolation) == 1, name
        assert isolation[0]["cmd"] == "ALL", name
        assert "app.tenant_id" in isolation[0]["qual"], name
        assert isolation[0]["with_check"] == isolation[0]["qual"], name
    extra = {(p["tablename"], p["policyname"]) for p in policies if p["policyname"] != "tenant_isolation"}
    assert extra == {
        ("tenant", "tenant_list"),
        ("credential_directory", "by_hash"),
        ("ingest_source_runtime", "source_list"),
    }
    assert all(p["cmd"] == "SELECT" for p in policies if p["policyname"] != "tenant_isolation")


async def test_primary_keys_begin_with_the_tenant(world: World) -> None:
    # The two tables that are read before a tenant is known are found by what identifies them.
    for table in world.tenant_tables():
        if table["name"] not in {"tenant", "credential_directory"}:
            assert table["primary_key"][0] == table["tenant_column"], table["name"]


async def test_views_ask_as_the_reader(world: World) -> None:
    views = await world.owner.fetch(
        "SELECT relname, reloptions FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    )
    assert views
    assert all("security_invoker=true" in (view["reloptions"] or []) for view in views)


async def test_functions_with_the_rights_of_their_owner_cannot_be_misled(world: World) -> None:
    functions = await world.owner.fetch(
        """SELECT proname, proconfig, EXISTS (SELECT 1 FROM aclexplode(proacl) WHERE grantee = 0) AS open_to_all
           FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"""
    )
    assert {function["proname"] for function in functions} == {"ensure_segment_partitions", "drop_segment_partitions"}
    assert all("search_path=pg_catalog, public, pg_temp" in function["proconfig"] for function in functions)
    assert not any(function["open_to_all"] for function in functions)


@pytest.mark.parametrize("role", ["app", "worker"])
async def test_nothing_is_seen_without_a_tenant_and_only_ones_own_with_one(
    world: World, settings: Settings, connect: Connect, role: DatabaseRole
) -> None:
    connection = await connect(settings.role_url(role))
    seen = set()
    for table in world.tenant_tables():
        name, (column, mine) = table["name"], _key_of(table, world.mine)
        if not await connection.fetchval("SELECT has_any_column_privilege($1, 'SELECT')", name):
            continue
        counted = f"SELECT count(*), count(*) FILTER (WHERE {column} = {mine}) FROM {name}"
        everything = role == "worker" and name == "tenant"
        list_of_all = everything or (role == "worker" and name == "ingest_source_runtime")
        unset = await connection.fetchrow(counted)
        assert list_of_all or tuple(unset) == (0, 0), f"{name} without a tenant"
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{world.mine.id}'")
            own = await connection.fetchrow(counted)
        assert own[1] >= 1, f"{name}: the test put no row there"
        assert everything or own[0] == own[1], f"{name} shows rows of another tenant"
        seen.add(name)
    assert len(seen) >= 12


@pytest.mark.parametrize("role", ["app", "worker"])
async def test_rows_of_another_tenant_cannot_be_written(
    world: World, settings: Settings, connect: Connect, role: DatabaseRole
) -> None:
    connection = await connect(settings.role_url(role))
    tried = set()
    for table in world.tenant_tables():
        name, (column, other) = table["name"], _key_of(table, world.other)
        for right, statement in (
            ("UPDATE", f"UPDATE {name} SET {column} = {column} WHERE {column} = {other}"),
            ("DELETE", f"DELETE FROM {name} WHERE {column} = {other}"),
        ):
            if await connection.fetchval("SELECT has_table_privilege($1, $2)", name, right):
                async with connection.transaction():
                    await connection.execute(f"SET LOCAL app.tenant_id = '{world.mine.id}'")
                    assert await connection.execute(statement) == f"{right} 0", name
        if await connection.fetchval("SELECT has_table_privilege($1, 'INSERT')", name):
            assert await _insert_of(world, connection, table) == "row-level security", name
            tried.add(name)
    assert len(tried) >= 8


async def _insert_of(world: World, connection: asyncpg.Connection, table: asyncpg.Record) -> str:
    """Inserts a copy of a row of the other tenant while being `mine`; what refused it."""
    column, other = _key_of(table, world.other)
    async with world.owner.transaction():
        await world.owner.execute(f"SET LOCAL app.tenant_id = '{world.other.id}'")
        row = await world.owner.fetchval(
            f"SELECT to_jsonb(r)::text FROM {table['name']} r WHERE {column} = {other} LIMIT 1"
        )
    made_by_database = await world.owner.fetchval(
        """SELECT array_agg(attname::text) FROM pg_attribute
           WHERE attrelid = $1::regclass AND attnum > 0 AND (attidentity <> '' OR attgenerated <> '')""",
        table["name"],
    )
    names = [name for name in json.loads(row) if name not in (made_by_database or [])]
    listed = ", ".join(f'"{name}"' for name in names)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{world.mine.id}'")
            await connection.execute(
                f"INSERT INTO {table['name']} ({listed}) "
                f"SELECT {listed} FROM jsonb_populate_record(null::{table['name']}, $1::jsonb)",
                row,
            )
    except asyncpg.InsufficientPrivilegeError as error:
        return "row-level security" if "row-level security" in str(error) else str(error)
    return "nothing"


async def test_a_row_cannot_be_moved_to_another_tenant(world: World, databases: Databases) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with databases.app.transaction(world.mine.id) as work:
            await work.execute(text(f"UPDATE machine SET tenant_id = '{world.other.id}'"))


async def test_the_app_cannot_read_the_directory_of_credentials(world: World, databases: Databases) -> None:
    async with databases.app.transaction() as work:
        assert (await work.execute(text("SELECT count(*) FROM credential_directory"))).scalar_one() == 0
        digest = repository.lookup_hash("email", world.mine.email(Role.ADMIN))
        assert await repository.find_tenant_of(work, digest) == world.mine.id
        rows = (await work.execute(text("SELECT lookup_hash FROM credential_directory"))).scalars().all()
        assert [bytes(row) for row in rows] == [digest]
        assert await repository.find_tenant_of(work, repository.lookup_hash("email", "nobody@else.example")) is None
        assert (await work.execute(text("SELECT count(*) FROM credential_directory"))).scalar_one() == 0


async def test_the_directory_row_of_another_tenant_cannot_be_deleted(world: World, databases: Databases) -> None:
    digest = repository.lookup_hash("email", world.other.email(Role.ADMIN))
    async with databases.app.transaction(world.mine.id) as work:
        assert await repository.find_tenant_of(work, digest) == world.other.id
        assert (await work.execute(text("DELETE FROM credential_directory"))).rowcount == 3, "its own three users"
    async with databases.app.transaction() as work:
        assert await repository.find_tenant_of(work, digest) == world.other.id


async def test_the_tenant_ends_with_the_transaction(world: World, settings: Settings) -> None:
    database = Database(settings.role_url("app"), pool_size=1)
    async with database.transaction(world.mine.id) as work:
        assert (await work.execute(text("SELECT count(*) FROM machine"))).scalar_one() >= 1
    async with database.transaction() as work:
        assert (await work.execute(text("SELECT count(*) FROM machine"))).scalar_one() == 0
    await database.close()


class TestIngestRole:
    """It stands outside row-level security, so it may do next to nothing."""

    async def test_it_inserts_into_two_tables_and_sees_nothing(
        self, world: World, settings: Settings, connect: Connect
    ) -> None:
        connection = await connect(settings.role_url("ingest"))
        for table in world.tables:
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
                allowed = table["name"] in {"segment", "ingest_batch"} and right == "INSERT"
                held = await connection.fetchval("SELECT has_table_privilege($1, $2)", table["name"], right)
                assert held is allowed, f"{right} on {table['name']}"

    async def test_it_copies_segments_of_any_series_and_its_batches(
        self, world: World, settings: Settings, connect: Connect
    ) -> None:
        connection = await connect(settings.role_url("ingest"))
        start = datetime(2026, 3, 1, tzinfo=UTC)
        columns = ["tenant_no", "series_id", "start", "offsets", "values"]
        async with connection.transaction():
            await connection.copy_records_to_table(
                "segment", columns=columns, records=[(world.mine.number, 1, start, [0], [1.0])]
            )
