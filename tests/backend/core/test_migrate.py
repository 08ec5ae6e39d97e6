import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import plantwright
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from plantwright.core.database import Database, async_url
from plantwright.core.errors import ConfigurationError
from plantwright.core.migrate import migrate_async
from plantwright.core.roles import check_role
from plantwright.core.settings import DATABASE_ROLES, Settings
from plantwright.detection.charts.state import NEVER, DetectionState
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.settings import settings_history
from plantwright.detection.states.series_states import read_states
from plantwright.detection.states.shards import SHARD_SERIES
from plantwright.health.history_repository import HealthPoint, points
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.identity.settings import change_settings
from plantwright.journal.service import Fact, Journal
from plantwright.readings.ingest.batch import BatchKey
from plantwright.readings.ingest.repository import BatchOutcome, batch_outcome
from plantwright.readings.repository import read_flushes
from plantwright.readings.storage.service import measure, read_storage
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from tests.backend.core.conftest import Connect
from tests.backend.detection.support import feed, regular
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
    for file in root.rglob("models.py"):
        import_module(".".join(("plantwright", *file.relative_to(root).with_suffix("").parts)))


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


_READINGS = """
    SELECT tenant_no, series_id, time, value, quality, flush_id FROM reading
    ORDER BY series_id, time, flush_id, value"""
# Without what the alerts of the first shape did not have.
_ALERTS = """
    SELECT to_jsonb(alert) - ARRAY['agent_id', 'rule_id', 'source_id', 'site', 'group_id', 'shelf_id', 'shelved_until',
        'design_reasons', 'out_of_service_id', 'assignee_id', 'assigned_at', 'chatters', 'fleetings', 'changes',
        'opened_at', 'acknowledged_unopened', 'outcome']
    FROM alert"""
_KEPT = (_READINGS, _ALERTS, "TABLE machine", "TABLE audit_record")
_FIRST_SEGMENT = """
    INSERT INTO segment (tenant_no, series_id, start, offsets, "values", quality) VALUES ($1, $2, $3, $4, $5, $6)"""


async def _fill_the_first_shape(owner: asyncpg.Connection, tenant: MadeTenant, metric_id: UUID) -> None:
    """Readings of this month and of years ago, a batch key, and an alert."""
    series = await owner.fetchval("SELECT series_id FROM metric WHERE id = $1", metric_id)
    now = await owner.fetchval("SELECT date_trunc('day', now())")
    for start, values, quality in (
        (now, [1.5, float(2**53), -0.0], None),
        (now, [1.25], [2]),
        (now - timedelta(days=2_000), [5e-324, 7.0], [0, 1]),
    ):
        offsets = [position * 250 for position in range(len(values))]
        await owner.execute(_FIRST_SEGMENT, tenant.number, series, start, offsets, values, quality)
    await owner.execute(
        "INSERT INTO ingest_batch (tenant_no, agent, stream, sequence, accepted) VALUES ($1, $2, 'press', 7, 3)",
        tenant.number,
        tenant.admin_id,
    )
    await owner.execute(
        """INSERT INTO alert (tenant_id, id, machine_id, metric_id, cause, severity, message, value, score, threshold,
                              occurrences, evidence, raised_at, last_seen_at)
           SELECT tenant_id, gen_random_uuid(), machine_id, id, 'ewma', 'warning', 'Too fast', 9, 7, 5, 1, '{}',
                  now(), now() FROM metric WHERE id = $1""",
        metric_id,
    )


async def test_a_database_of_the_first_shape_keeps_everything(make_database: MakeDatabase, connect: Connect) -> None:
    settings = await make_database("CREATEROLE BYPASSRLS")
    await migrate_async(settings, "0001")
    app = Database(settings.role_url("app"), pool_size=1)
    worker = Database(settings.role_url("worker"), pool_size=1)
    owner = await connect(settings.owner_url())
    try:
        journal = Journal(settings.audit_key_material())
        tenant = await TenantFactory(app, journal)()
        _, metrics = await MachineFactory(app, journal)(tenant)
        await _fill_the_first_shape(owner, tenant, metrics["vibration_rms"].id)
        before = [await owner.fetch(query) for query in _KEPT]
        assert [len(rows) for rows in before[:3]] == [6, 1, 1]

        await migrate_async(settings)
        await owner.reload_schema_state()

        after = [await owner.fetch(query) for query in _KEPT]
        assert after == before
        async with worker.snapshot(tenant.id) as work:
            log = await read_flushes(work, 0, 1_000)
            assert (await journal.verify(work)).is_intact
        assert log.value.tolist() == [1.5, float(2**53), -0.0, 1.25, 5e-324, 7.0]
        assert log.quality.tolist() == [0, 0, 0, 2, 0, 1]
        async with app.reading(tenant.id) as work:
            kept = await batch_outcome(work, tenant.number, BatchKey(tenant.admin_id, "press", 7))
        assert kept == BatchOutcome(3, [], None)
        await measure(worker, tenant.id)
        async with app.reading(tenant.id) as work:
            assert sum(month.readings for month in (await read_storage(work)).months) == 6
    finally:
        await app.close()
        await worker.close()
        await owner.close()


_AGENT = """
    INSERT INTO agent (tenant_id, id, name, version, platform, api_key_id, state, started_at, first_seen_at,
                       last_seen_at, silent_since, interval_seconds, uplink, buffer, sources)
    VALUES ($1, gen_random_uuid(), 'hall-3', '1', 'x', $2, $3, now(), now(), $4, $5, 60, '{}', '{}', '[]')"""


async def test_an_agent_of_an_older_database_is_in_its_state_since_that_was_last_known(
    make_database: MakeDatabase, connect: Connect
) -> None:
    settings = await make_database("CREATEROLE BYPASSRLS")
    await migrate_async(settings, "0004")
    app = Database(settings.role_url("app"), pool_size=1)
    owner = await connect(settings.owner_url())
    heard, missed = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC)
    try:
        journal = Journal(settings.audit_key_material())
        tenant = await TenantFactory(app, journal)()
        principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", heard)
        async with app.transaction(tenant.id) as work:
            key, _ = await create_key(work, journal, principal, name="agent", scopes=["agent"], expires_at=None)
        await owner.execute(_AGENT, tenant.id, key.id, "degraded", heard, None)
        await owner.execute(_AGENT, tenant.id, key.id, "silent", heard, missed)
        await migrate_async(settings)
        assert dict(await owner.fetch("SELECT state, state_since FROM agent")) == {"degraded": heard, "silent": missed}
    finally:
        await app.close()
        await owner.close()


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


async def test_what_detection_has_learnt_is_carried_into_shards(make_database: MakeDatabase, connect: Connect) -> None:
    settings = await make_database("CREATEROLE BYPASSRLS")
    await migrate_async(settings, "0006")
    app = Database(settings.role_url("app"), pool_size=1)
    worker = Database(settings.role_url("worker"), pool_size=1)
    owner = await connect(settings.owner_url())
    try:
        tenants = [await TenantFactory(app, Journal(settings.audit_key_material()))() for _ in range(2)]
        numbers = [3, SHARD_SERIES + 1, 2, 5 * SHARD_SERIES]
        states = [_learnt(seed, len(numbers)) for seed in range(2)]
        for tenant, state in zip(tenants, states, strict=True):
            data = state.to_bytes()
            cut = len(data) - state.buckets.nbytes
            await owner.execute(
                "INSERT INTO detection_state VALUES ($1, 0, $2, $3, $4)", tenant.id, numbers, data[:cut], data[cut:]
            )

        await migrate_async(settings)

        for tenant, state in zip(tenants, states, strict=True):
            async with worker.reading(tenant.id) as work:
                found = await read_states(work, numbers)
            assert {series: one.to_bytes() for series, one in found.items()} == {
                series: state.take(np.array([row])).to_bytes() for row, series in enumerate(numbers)
            }
    finally:
        await owner.close()
        await app.close()
        await worker.close()


def _learnt(seed: int, rows: int) -> DetectionState:
    values = np.random.default_rng(seed).normal(0.0, 1.0, (300, rows))
    values[-4:, 1] += 40.0
    state, findings = feed(regular(300, 240_000), values)
    assert findings
    return state


async def test_scores_that_the_journal_knows_are_history(make_database: MakeDatabase, connect: Connect) -> None:
    settings = await make_database("CREATEROLE BYPASSRLS")
    await migrate_async(settings, "0012")
    app = Database(settings.role_url("app"), pool_size=1)
    owner = await connect(settings.owner_url())
    try:
        journal = Journal(settings.audit_key_material())
        tenant = await TenantFactory(app, journal)()
        machine, _ = await MachineFactory(app, journal)(tenant)
        at = datetime(2026, 3, 1, 12, tzinfo=UTC)
        payload = {
            "machine_id": machine.id,
            "old_score": 100,
            "score": 85,
            "alert_score": 81,
            "anomaly_score": 95,
            "computed_at": at,
        }
        fact = Fact(action="health.changed", resource_type="machine", resource_id=str(machine.id), payload=payload)
        async with app.transaction(tenant.id) as work:
            [record] = await journal.append(work, fact)
            sequence = record.sequence
        await migrate_async(settings)
        async with app.reading(tenant.id) as work:
            [point] = await points(work, machine.id, at, at + timedelta(seconds=1), 10)
        assert point == HealthPoint(at, 85, 85, 100, 81, 95, 1)
        assert await owner.fetchval("SELECT sequence FROM machine_health_change") == sequence
    finally:
        await app.close()
        await owner.close()


async def test_the_machine_level_chart_keeps_what_it_took_from_the_others(
    make_database: MakeDatabase, connect: Connect
) -> None:
    settings = await make_database("CREATEROLE BYPASSRLS")
    await migrate_async(settings, "0015")
    app = Database(settings.role_url("app"), pool_size=1)
    owner = await connect(settings.owner_url())
    try:
        journal = Journal(settings.audit_key_material())
        changed, other = [await TenantFactory(app, journal)() for _ in range(2)]
        told = {"confirm_readings": 7, "critical_factor": 3.5, "ewma_lambda": 0.1}
        for tenant, setting in ((changed, told), (other, {"ewma_lambda": 0.1})):
            async with app.transaction(tenant.id) as work:
                await change_settings(work, journal, tenant.admin_id, {"detection": setting})
        await migrate_async(settings)
        found = []
        for tenant in (changed, other):
            async with app.reading(tenant.id) as work:
                found.append((await settings_history(work, [])).spans(tenant.id))
        taken = MultivariateConfig(confirm_frames=7, critical_factor=3.5)
        assert found == [[(NEVER, MultivariateConfig()), (0, taken)], [(NEVER, MultivariateConfig())]]
    finally:
        await app.close()
        await owner.close()
