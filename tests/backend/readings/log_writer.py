"""Readings straight into the log, a transaction per flush, as the ingest writer stores them."""

import io
from collections.abc import Sequence
from typing import Any

import asyncpg
import numpy as np
from plantwright.readings import repository
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.ingest.batch import SeriesColumns, StoreRequest
from plantwright.readings.ingest.segments import COPY_COLUMNS, build_segments, copy_payload
from plantwright.readings.latest import LatestConsumer
from sqlalchemy import text

from tests.conftest import Databases
from tests.factories import MadeTenant

# Series, milliseconds since 1970, value, quality.
Reading = tuple[int, int, float, int]
CONSUMERS = ("latest",)
_SERIES = text(
    f"SELECT {repository.SEGMENT_COLUMNS} FROM segment WHERE series_id = :series ORDER BY flush_id"  # noqa: S608
)


class LogWriter:
    """One tenant's log, seen by who writes, consumes and reads it."""

    def __init__(self, ingest: asyncpg.Connection, databases: Databases, tenant: MadeTenant) -> None:
        self.databases = databases
        self.tenant = tenant
        self._ingest = ingest

    async def flush(self, readings: Sequence[Reading]) -> None:
        columns = SeriesColumns(
            np.array([row[0] for row in readings], np.int32),
            np.array([row[1] for row in readings], np.int64),
            np.array([row[2] for row in readings], np.float64),
            np.array([row[3] for row in readings], np.int8),
        )
        payload = copy_payload(build_segments([StoreRequest(self.tenant.id, self.tenant.number, None, columns)]))
        await self._ingest.copy_to_table("segment", source=io.BytesIO(payload), columns=COPY_COLUMNS, format="binary")

    async def consume(self) -> None:
        await run_readings_consumer(self.databases.worker, self.tenant.id, LatestConsumer())

    async def read(self, series: int) -> list[tuple[int, str, int]]:
        """Time, bits of the value and quality of every reading in order of time; of the same time in flush order."""
        async with self.databases.app.reading(self.tenant.id) as work:
            rows = (await work.execute(_SERIES, {"series": series})).mappings().all()
        readings = repository.to_slice(0, rows)
        order = np.argsort(readings.time_ms, kind="stable")
        columns = (readings.time_ms[order].tolist(), readings.value[order].tolist(), readings.quality[order].tolist())
        return [(at, value.hex(), quality) for at, value, quality in zip(*columns, strict=True)]

    async def select(self, query: str, **parameters: Any) -> list[Any]:
        async with self.databases.app.reading(self.tenant.id) as work:
            return list(await work.execute(text(query), parameters))

    async def rows(self) -> list[Any]:
        return await self.select(
            "SELECT series_id, (date_part('epoch', start) * 1000)::bigint AS start_ms, level, period, "
            'cardinality("values") AS count FROM segment ORDER BY series_id, start, flush_id'
        )

    async def cursor(self, consumer: str) -> int:
        found = await self.select("SELECT position FROM consumer_cursor WHERE consumer = :name", name=consumer)
        return found[0].position if found else 0


def expected_order(flushes: Sequence[Sequence[Reading]], series: int) -> list[tuple[int, str, int]]:
    """What `read` gives of these flushes, stored in this order."""
    arrived = [row for flush in flushes for row in flush if row[0] == series]
    return [(at, float(value).hex(), quality) for _, at, value, quality in sorted(arrived, key=lambda row: row[1])]
