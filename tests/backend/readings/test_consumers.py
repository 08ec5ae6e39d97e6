"""Consumers catch up in whole flushes, and take more at once when they are behind."""

from collections.abc import AsyncIterator

import asyncpg
import numpy as np
import pytest
from plantwright.core.database import UnitOfWork
from plantwright.core.settings import Settings
from plantwright.readings import consumers
from plantwright.readings.columns import LogSlice
from plantwright.readings.consumers import run_readings_consumer

from tests.backend.readings.log_writer import LogWriter, Reading
from tests.conftest import Databases
from tests.factories import MadeTenant

START = 1_767_225_600_000
MONTH = 31 * 86_400_000


@pytest.fixture
async def log(databases: Databases, settings: Settings, tenant: MadeTenant) -> AsyncIterator[LogWriter]:
    ingest = await asyncpg.connect(settings.role_url("ingest"))
    yield LogWriter(ingest, databases, tenant)
    await ingest.close()


class Collecting:
    name = "collecting"

    def __init__(self) -> None:
        self.slices: list[LogSlice] = []

    async def consume(self, _work: UnitOfWork, readings: LogSlice) -> None:
        self.slices.append(readings)


async def caught_up(log: LogWriter, batch: int) -> Collecting:
    consumer = Collecting()
    await run_readings_consumer(log.databases.worker, log.tenant.id, consumer, batch=batch)
    return consumer


def some(rng: np.random.Generator, count: int) -> list[Reading]:
    """Regular and irregular series, good and bad, in months whose order is not that of the flushes."""
    readings = []
    for series in (7, 3, 900):
        at = START - int(rng.integers(0, 6)) * MONTH + int(rng.integers(0, 1_000))
        pace = [1_000] * count if series == 3 else rng.integers(1, 5_000, count).tolist()
        for step in pace:
            at += step
            quality = int(rng.integers(0, 3)) if series == 7 else 0
            readings.append((series, at, float(rng.normal()), quality))
    return readings


async def test_the_log_is_read_as_it_was_written(log: LogWriter) -> None:
    rng = np.random.default_rng(4)
    flushes = [some(rng, int(rng.integers(1, 40))) for _ in range(12)]
    for flush in flushes:
        await log.flush(flush)

    consumer = await caught_up(log, batch=50)

    assert len(consumer.slices) > 3
    read = [
        row
        for part in consumer.slices
        for row in zip(
            part.series.tolist(), part.time_ms.tolist(), part.value.tolist(), part.quality.tolist(), strict=True
        )
    ]
    assert read == [row for flush in flushes for row in sorted(flush, key=lambda row: row[:2])]


async def test_batches_grow_while_the_consumer_is_behind(log: LogWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MAX_BATCH_READINGS", 80)
    rng = np.random.default_rng(4)
    for _ in range(40):
        await log.flush([(5, START + number, float(rng.normal()), 0) for number in range(10)])

    consumer = await caught_up(log, batch=20)

    assert [len(part) for part in consumer.slices] == [20, 40, 80, 80, 80, 80, 20]
