"""The findings of the charts of single series derived again from the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import numpy as np

from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import NotFound
from plantwright.detection.columns import Ints
from plantwright.detection.replay import late_repository
from plantwright.detection.replay.derivation import Filters, Period, Record, Replayed
from plantwright.detection.replay.late_rounds import CONSUMER
from plantwright.detection.replay.record import ACTIONS, OF_SERIES, in_order, payload_of
from plantwright.detection.replay.walk import advance, start_walk


@dataclass(frozen=True, slots=True)
class SeriesDerivation:
    """Its units are numbers of series."""

    name = "series"
    # More at once are quicker per reading and take more memory.
    together = 256
    detectors = OF_SERIES

    async def units(self, work: UnitOfWork, filters: Filters) -> list[int]:
        rows = await late_repository.list_series(work)
        if not filters.metrics and not filters.machines:
            return [row.series for row in rows]
        by_name: dict[str, list[int]] = {}
        for row in rows:
            for name in (str(row.metric_id), f"{row.machine}/{row.metric}"):
                by_name[name] = [row.series]
        unknown = next((name for name in filters.metrics if name not in by_name), None)
        if unknown is not None:
            raise NotFound(f"There is no metric {unknown!r}: name it as MACHINE/METRIC or by its id.", ["metric"])
        of_machines = {row.series for row in rows if {row.machine, str(row.machine_id)} & set(filters.machines)}
        return sorted(of_machines.union(*(by_name[name] for name in filters.metrics)))

    async def derive(self, database: Database, tenant_id: UUID, units: Sequence[int], period: Period) -> Replayed:
        async with database.reading(tenant_id) as work:
            position = await late_repository.position_of(work, CONSUMER)
            late = await late_repository.of_series(work, units)
            walk = await start_walk(work, units, dict.fromkeys(units, period.start_ms))
        horizon: Ints = np.full(len(walk.subject.series), period.end_ms - 1, np.int64)
        await advance(walk, partial(database.reading, tenant_id), horizon, until=position)
        numbers, metrics = walk.subject.series, walk.subject.metrics
        payloads = [
            payload_of(finding, metrics[int(numbers[finding.series])])
            for finding in walk.findings
            if finding.time_ms >= period.start_ms
        ]
        return Replayed(in_order(payloads), walk.readings, len(late))

    async def recorded(self, work: UnitOfWork, units: Sequence[int]) -> Sequence[Record]:
        wanted = set(units)
        metric_ids = [row.metric_id for row in await late_repository.list_series(work) if row.series in wanted]
        return await late_repository.recorded_findings(work, metric_ids, ACTIONS)
