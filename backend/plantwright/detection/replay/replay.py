"""All findings of a period derived again from the log, and compared with what the journal says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import numpy as np

from plantwright.core.clock import to_milliseconds
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.detection.columns import Ints
from plantwright.detection.replay import late_repository
from plantwright.detection.replay.late_rounds import CONSUMER
from plantwright.detection.replay.record import (
    ACTIONS,
    SUPERSEDED,
    Difference,
    Payload,
    compare,
    payload_of,
    standing_of,
)
from plantwright.detection.replay.walk import advance, start_walk

# Series that go through the engine together.
GROUP_SERIES = 256


@dataclass(frozen=True, slots=True)
class Period:
    """`start_ms <= time < end_ms`, milliseconds since 1970."""

    start_ms: int
    end_ms: int

    @classmethod
    def of(cls, start: datetime, end: datetime) -> "Period":
        """
        Raises:
            ValidationFailed: the end is not after the start.
        """
        if start >= end:
            raise ValidationFailed("The period must begin before it ends.", ["from"])
        return cls(to_milliseconds(start), to_milliseconds(end))


@dataclass(frozen=True, slots=True)
class Replayed:
    """Payloads by time, metric and detector; `late` are series with readings that still have to be derived anew."""

    payloads: list[Payload]
    readings: int
    late: int


async def find_series(work: UnitOfWork, metrics: Sequence[str]) -> list[int]:
    """Numbers of all series, or of those named by an id of a metric or as machine identifier/metric name.

    Raises:
        NotFound: nothing has one of the names.
    """
    rows = await late_repository.list_series(work)
    if not metrics:
        return sorted(row.series for row in rows)
    by_name = {name: row.series for row in rows for name in (str(row.metric_id), f"{row.machine}/{row.metric}")}
    unknown = next((name for name in metrics if name not in by_name), None)
    if unknown is not None:
        raise NotFound(f"There is no metric {unknown!r}: name it as MACHINE/METRIC or by its id.", ["metric"])
    return sorted({by_name[name] for name in metrics})


def in_groups(series: Sequence[int], workers: int) -> list[list[int]]:
    """Neighbouring series together; small enough that every worker has some."""
    size = max(1, min(GROUP_SERIES, -(-len(series) // max(1, workers))))
    return [list(series[low : low + size]) for low in range(0, len(series), size)]


async def replay_group(database: Database, tenant_id: UUID, series: Sequence[int], period: Period) -> Replayed:
    """Findings of some series within the period, of the readings that the detectors have passed."""
    async with database.reading(tenant_id) as work:
        position = await late_repository.position_of(work, CONSUMER)
        late = await late_repository.of_series(work, series)
        walk = await start_walk(work, series, dict.fromkeys(series, period.start_ms))
    horizon: Ints = np.full(len(walk.subject.series), period.end_ms - 1, np.int64)
    await advance(walk, partial(database.reading, tenant_id), horizon, until=position)
    numbers, metrics = walk.subject.series, walk.subject.metrics
    payloads = [
        payload_of(finding, metrics[int(numbers[finding.series])])
        for finding in walk.findings
        if finding.time_ms >= period.start_ms
    ]
    return Replayed(in_order(payloads), walk.readings, len(late))


def in_order(payloads: Sequence[Payload]) -> list[Payload]:
    return sorted(payloads, key=lambda found: (found["time_ms"], found["metric_id"], found["detector"]))


async def check(
    database: Database, tenant_id: UUID, series: Sequence[int], period: Period, derived: Sequence[Payload]
) -> tuple[Difference, int]:
    """How these findings differ from the record, and how many of the record it calls superseded itself."""
    async with database.reading(tenant_id) as work:
        wanted = set(series)
        metric_ids = [row.metric_id for row in await late_repository.list_series(work) if row.series in wanted]
        records = await late_repository.recorded_findings(work, metric_ids, ACTIONS)
    concerned = {
        identity: place
        for identity, place in standing_of(records).items()
        if period.start_ms <= identity.time_ms < period.end_ms
    }
    superseded = sum(
        period.start_ms <= entry["was"]["time_ms"] < period.end_ms
        for _, action, payload in records
        if action == SUPERSEDED
        for entry in payload["findings"]
    )
    return compare(derived, concerned), superseded
