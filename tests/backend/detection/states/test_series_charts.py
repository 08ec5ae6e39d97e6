"""Shards under the consumer: however many workers take turns and whatever is rolled back, the same is found."""

from collections.abc import AsyncIterator

import asyncpg
import numpy as np
import pytest
from plantwright.core.database import UnitOfWork
from plantwright.core.ids import uuid7
from plantwright.core.settings import Settings
from plantwright.detection.consumer import DetectionConsumer
from plantwright.detection.states.series_states import read_states
from plantwright.detection.states.shard_cache import ShardCache
from plantwright.detection.states.shards import SHARD_SERIES
from plantwright.journal.service import Journal
from plantwright.readings.columns import LogSlice
from plantwright.readings.consumers import run_readings_consumer

from tests.backend.readings.log_writer import LogWriter
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

START_MS = 1_780_000_000_000 // 3_600_000 * 3_600_000
FLUSHES, PER_FLUSH, PERIOD_MS = 12, 60, 20_000
_METRIC = """
    INSERT INTO metric (tenant_id, id, machine_id, series_id, name, unit) OVERRIDING SYSTEM VALUE
    VALUES ($1, $2, $3, $4, $5, 'bar')"""
_FOUND = """
    SELECT action, payload - 'machine_id' - 'metric_id' AS payload FROM audit_record
    WHERE tenant_id = :tenant_id AND action LIKE 'finding.%' ORDER BY sequence"""


class Hall:
    """A tenant whose series lie in three shards, and its log: four hours with faults."""

    def __init__(self, log: LogWriter, journal: Journal, series_ids: list[int]) -> None:
        self.log, self.journal, self.series_ids = log, journal, series_ids
        self._random = np.random.default_rng(8)
        self._next_ms = START_MS

    def consumer(self, cache: ShardCache | None = None) -> DetectionConsumer:
        return DetectionConsumer(self.journal, cache)

    async def flush(self, number: int) -> None:
        readings = []
        for place, series in enumerate(self.series_ids):
            values = self._random.normal(20.0, 1.0, PER_FLUSH)
            values[30:40] += 40.0 if (number + place) % 5 == 4 else 0.0
            times = self._next_ms + PERIOD_MS * np.arange(PER_FLUSH)
            readings += [(series, at, value, 0) for at, value in zip(times.tolist(), values.tolist(), strict=True)]
        self._next_ms += PERIOD_MS * PER_FLUSH
        await self.log.flush(readings)

    async def catch_up(self, consumer: DetectionConsumer, batch: int = 50_000) -> None:
        await run_readings_consumer(self.log.databases.worker, self.log.tenant.id, consumer, batch=batch)

    async def outcome(self) -> tuple[list[tuple[str, str]], list[bytes]]:
        """Findings in the order of the journal, and the state of each series."""
        found = await self.log.select(_FOUND, tenant_id=self.log.tenant.id)
        async with self.log.databases.worker.reading(self.log.tenant.id) as work:
            states = await read_states(work, self.series_ids)
        return [(row.action, str(row.payload)) for row in found], [states[one].to_bytes() for one in self.series_ids]


class MakeHall:
    def __init__(self, settings: Settings, databases: Databases, journal: Journal) -> None:
        self._settings, self._databases, self._journal = settings, databases, journal
        self.connections: list[asyncpg.Connection] = []

    async def __call__(self) -> Hall:
        tenant: MadeTenant = await TenantFactory(self._databases.app, self._journal)()
        machine, _ = await MachineFactory(self._databases.app, self._journal)(tenant, metrics={})
        owner = await asyncpg.connect(self._settings.owner_url())
        ingest = await asyncpg.connect(self._settings.role_url("ingest"))
        self.connections += [owner, ingest]
        first = SHARD_SERIES * (100 + 3 * tenant.number)
        series_ids = [first + 5, first + SHARD_SERIES - 1, first + SHARD_SERIES, first + 2 * SHARD_SERIES + 7]
        for place, series in enumerate(series_ids):
            await owner.execute(_METRIC, tenant.id, uuid7(), machine.id, series, f"pressure_{place}")
        return Hall(LogWriter(ingest, self._databases, tenant), self._journal, series_ids)


@pytest.fixture
async def make_hall(settings: Settings, databases: Databases, journal: Journal) -> AsyncIterator[MakeHall]:
    make = MakeHall(settings, databases, journal)
    yield make
    for connection in make.connections:
        await connection.close()


async def test_workers_that_take_turns_find_what_one_finds(make_hall: MakeHall) -> None:
    alone, shared = await make_hall(), await make_hall()
    for number in range(FLUSHES):
        await alone.flush(number)
    await alone.catch_up(alone.consumer())

    workers = [shared.consumer(), shared.consumer(), shared.consumer(ShardCache(1))]
    for number in range(FLUSHES):
        await shared.flush(number)
        await shared.catch_up(workers[number % 3], batch=1)

    expected = await alone.outcome()
    assert len(expected[0]) > 10
    assert await shared.outcome() == expected


async def test_what_was_rolled_back_is_found_again_once(make_hall: MakeHall) -> None:
    alone, hall = await make_hall(), await make_hall()
    for number in range(FLUSHES):
        await alone.flush(number)
    await alone.catch_up(alone.consumer())

    consumer = hall.consumer()
    failing = Failing(consumer)
    for number in range(FLUSHES):
        await hall.flush(number)
        with pytest.raises(RuntimeError, match="lost"):
            await run_readings_consumer(hall.log.databases.worker, hall.log.tenant.id, failing)
        await hall.catch_up(consumer)

    assert await hall.outcome() == await alone.outcome()


class Failing:
    """Does all that the detectors do, and then its transaction is lost."""

    name = "detection"

    def __init__(self, inner: DetectionConsumer) -> None:
        self._inner = inner

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        await self._inner.consume(work, readings)
        raise RuntimeError("lost")


async def test_hours_are_stored_when_they_end(make_hall: MakeHall) -> None:
    hall = await make_hall()
    consumer = hall.consumer()
    stored = []
    for number in range(7):
        await hall.flush(number)
        await hall.catch_up(consumer)
        rows = await hall.log.select("SELECT count(DISTINCT slot) AS slots FROM detection_hour")
        stored.append(rows[0].slots)
    # A flush lasts twenty minutes.
    assert stored == [0, 0, 0, 1, 1, 1, 2]
