"""Segments and rollups put into the log by hand, for tests of what becomes of old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from plantwright.assets.models import Metric
from plantwright.readings.models import Level

from tests.factories import MadeTenant

_SEGMENT = """
    INSERT INTO segment (tenant_no, series_id, start, offsets, "values", period, level)
    VALUES ($1, $2, $3, $4, $5, $6, $7)"""
_ROLLUP = """
    INSERT INTO rollup (tenant_no, bucket_seconds, series_id, start, places, counts, lasts)
    VALUES ($1, $2, $3, $4, '{0,1}', '{1,1}', '{1.5,2.5}')"""


@dataclass
class Shelf:
    """One series of one tenant; `owner` is a connection that stands above row-level security."""

    owner: asyncpg.Connection
    tenant: MadeTenant
    metric: Metric

    async def series_id(self) -> int:
        found = await self.owner.fetchval("SELECT series_id FROM metric WHERE id = $1", self.metric.id)
        assert isinstance(found, int)
        return found

    async def put_hours(self, start: datetime, hours: int, readings: int = 60) -> None:
        """A whole hour each, with one reading a minute."""
        series = await self.series_id()
        rows = [
            (self.tenant.number, series, start + timedelta(hours=hour), None, values(readings), 60_000, Level.HOUR)
            for hour in range(hours)
        ]
        await self.owner.executemany(_SEGMENT, rows)

    async def put_flush(self, start: datetime, offsets: Sequence[int], level: Level = Level.FLUSH) -> None:
        series = await self.series_id()
        row = (self.tenant.number, series, start, list(offsets), values(len(offsets)), None, level)
        await self.owner.execute(_SEGMENT, *row)

    async def put_rollup(self, bucket_seconds: int, *starts: datetime) -> None:
        series = await self.series_id()
        await self.owner.executemany(_ROLLUP, [(self.tenant.number, bucket_seconds, series, start) for start in starts])

    async def starts(self) -> list[datetime]:
        rows = await self.owner.fetch(
            "SELECT start FROM segment WHERE tenant_no = $1 ORDER BY start", self.tenant.number
        )
        return [row["start"] for row in rows]

    async def rollups(self, bucket_seconds: int) -> list[datetime]:
        rows = await self.owner.fetch(
            "SELECT start FROM rollup WHERE tenant_no = $1 AND bucket_seconds = $2 ORDER BY start",
            self.tenant.number,
            bucket_seconds,
        )
        return [row["start"] for row in rows]


def values(count: int) -> list[float]:
    return [20.0 + number % 7 / 10 for number in range(count)]
