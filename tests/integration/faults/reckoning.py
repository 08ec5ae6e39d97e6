"""The readings log and what is derived from it, compared with what was acknowledged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text

from tests.conftest import Databases
from tests.factories import MadeTenant
from tests.integration.audit import stored
from tests.integration.faults.numbered import Acknowledged, Reading

BUCKETS = (60, 3_600, 86_400)

_ROLLED_UP = text("""
    SELECT start, places, counts
    FROM rollup WHERE series_id = :series AND bucket_seconds = :seconds""")
_LATEST = text("""
    SELECT (extract(epoch FROM time) * 1000)::bigint AS time_ms, value FROM latest_reading WHERE series_id = :series""")


@dataclass
class Reckoning:
    """`lost` and `doubled` readings; `rollups` counts buckets whose number of readings is not that of the log."""

    batches: int = 0
    repetitions: int = 0
    readings: int = 0
    lost: int = 0
    doubled: int = 0
    rollups: int = 0
    latest: int = 0

    @property
    def is_right(self) -> bool:
        return not (self.lost or self.doubled or self.rollups or self.latest)

    def figures(self) -> dict[str, Any]:
        names = {"rollups": "wrong_rollup_buckets", "latest": "wrong_latest"}
        return {names.get(name, name): figure for name, figure in asdict(self).items()}


async def reckon(databases: Databases, tenant: MadeTenant, sent: Sequence[Acknowledged]) -> Reckoning:
    """Once the worker has merged everything."""
    result = Reckoning()
    for one in sent:
        metric, expected = one.sender.metrics[one.source.metric], one.expected()
        found = Counter(await stored(databases, tenant, metric))
        result.batches += len(one.batches)
        result.repetitions += one.repetitions
        result.readings += expected.total()
        result.lost += (expected - found).total()
        result.doubled += (found - expected).total()
        for seconds in BUCKETS:
            wanted = Counter(time_ms // 1000 // seconds for time_ms, _ in expected.elements())
            counted = await _rolled_up(databases, tenant, int(metric.series_id or 0), seconds)
            result.rollups += sum(wanted[bucket] != counted[bucket] for bucket in wanted | counted)
        result.latest += await _latest(databases, tenant, int(metric.series_id or 0)) != max(expected)
    return result


async def _rolled_up(databases: Databases, tenant: MadeTenant, series_id: int, seconds: int) -> Counter[int]:
    """Readings by number of the bucket since 1970."""
    counted: Counter[int] = Counter()
    async with databases.app.reading(tenant.id) as work:
        for row in await work.execute(_ROLLED_UP, {"series": series_id, "seconds": seconds}):
            first = int(row.start.timestamp()) // seconds
            counted.update({first + place: count for place, count in zip(row.places, row.counts, strict=True)})
    return counted


async def _latest(databases: Databases, tenant: MadeTenant, series_id: int) -> Reading | None:
    async with databases.app.reading(tenant.id) as work:
        row = (await work.execute(_LATEST, {"series": series_id})).one_or_none()
    return None if row is None else (row.time_ms, row.value)
