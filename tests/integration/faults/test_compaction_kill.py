"""The worker is killed while it merges: every reading stays there once, and the rollups end up right."""

import asyncio
import io
import random

import asyncpg
import numpy as np
from plantwright.core.clock import utc_now
from plantwright.core.settings import Settings
from plantwright.readings.compaction.merging import HOUR_MS
from plantwright.readings.ingest.batch import SeriesColumns, StoreRequest
from plantwright.readings.ingest.segments import COPY_COLUMNS, build_segments, copy_payload
from sqlalchemy import text

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.integration.audit import stored
from tests.integration.faults.rig import Rig

METRICS = [f"vibration_{number}" for number in range(40)]
HOURS, FLUSHES_PER_HOUR, PER_FLUSH = 24, 12, 10
PATIENCE_SECONDS = 60

# In the middle of a transaction: the rows are replaced, their rollups are not there yet.
_HOLD_ROLLUPS = "LOCK TABLE rollup IN SHARE MODE"
_IS_ROLLING_UP = """
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO rollup%')"""
_LEVELS = text("SELECT level, count(*) AS rows FROM segment GROUP BY level")
_COUNTED = text(
    "SELECT series_id, sum(n) AS readings FROM rollup, unnest(counts) AS n "
    "WHERE bucket_seconds = :seconds GROUP BY series_id"
)


async def test_a_worker_killed_while_it_merges_loses_and_doubles_nothing(
    rig: Rig, settings: Settings, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics=dict.fromkeys(METRICS, "mm/s"))
    rig.kill_worker()
    await store(settings, tenant, [int(metric.series_id or 0) for metric in metrics.values()])
    before = {name: sorted(await stored(databases, tenant, metric)) for name, metric in metrics.items()}
    moments = random.Random(11)  # noqa: S311 - reproducible moments, no secret

    await kill_while_it_rolls_up(rig)
    assert await levels(databases, tenant) == {0: HOURS * FLUSHES_PER_HOUR * len(METRICS)}
    for _ in range(3):
        rig.start_worker()
        await until_more_is_merged(databases, tenant)
        await asyncio.sleep(moments.uniform(0, 0.1))
        rig.kill_worker()
    if await unmerged(databases, tenant):
        await kill_while_it_rolls_up(rig)
    rig.start_worker()
    while await unmerged(databases, tenant):
        await until_more_is_merged(databases, tenant)

    assert {name: await stored(databases, tenant, metric) for name, metric in metrics.items()} == before
    assert await levels(databases, tenant) == {2: HOURS * len(METRICS)}
    expected = {metric.series_id: HOURS * FLUSHES_PER_HOUR * PER_FLUSH for metric in metrics.values()}
    for seconds in (60, 3_600, 86_400):
        async with databases.app.reading(tenant.id) as work:
            rows = await work.execute(_COUNTED, {"seconds": seconds})
            assert {row.series_id: row.readings for row in rows} == expected


async def store(settings: Settings, tenant: MadeTenant, series: list[int]) -> None:
    """A day of two days ago, a transaction per flush; each value is its own number."""
    start = (int(utc_now().timestamp() * 1000) // (24 * HOUR_MS) - 2) * 24 * HOUR_MS
    connection = await asyncpg.connect(settings.role_url("ingest"))
    try:
        for flush in range(HOURS * FLUSHES_PER_HOUR):
            numbers = flush * PER_FLUSH + np.arange(PER_FLUSH)
            columns = SeriesColumns(
                np.repeat(np.array(series, np.int32), PER_FLUSH),
                np.tile(start + numbers * (HOUR_MS // FLUSHES_PER_HOUR // PER_FLUSH), len(series)),
                np.tile(numbers.astype(np.float64), len(series)),
                np.zeros(len(series) * PER_FLUSH, np.int8),
            )
            payload = copy_payload(build_segments([StoreRequest(tenant.id, tenant.number, None, columns)]))
            await connection.copy_to_table("segment", source=io.BytesIO(payload), columns=COPY_COLUMNS, format="binary")
    finally:
        await connection.close()


async def kill_while_it_rolls_up(rig: Rig) -> None:
    holding, looking = [await asyncpg.connect(rig.services.database_url) for _ in range(2)]
    try:
        async with holding.transaction(), asyncio.timeout(PATIENCE_SECONDS):
            await holding.execute(_HOLD_ROLLUPS)
            rig.start_worker()
            while not await looking.fetchval(_IS_ROLLING_UP):
                assert rig.stack.worker.poll() is None
                await asyncio.sleep(0.02)
            rig.kill_worker()
    finally:
        await holding.close()
        await looking.close()


async def until_more_is_merged(databases: Databases, tenant: MadeTenant) -> None:
    before = await unmerged(databases, tenant)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while before and await unmerged(databases, tenant) == before:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.02)


async def levels(databases: Databases, tenant: MadeTenant) -> dict[int, int]:
    async with databases.app.reading(tenant.id) as work:
        return {row.level: row.rows for row in await work.execute(_LEVELS)}


async def unmerged(databases: Databases, tenant: MadeTenant) -> int:
    return sum(rows for level, rows in (await levels(databases, tenant)).items() if level < 2)
