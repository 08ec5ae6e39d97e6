"""How often the detectors found something in a machine lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.health import repository
from plantwright.health.formula import RECENT

PERIOD_HOURS: Final = RECENT // timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MetricAnomalies:
    """Episodes of all detectors in a metric; None stands for the machine's metrics together."""

    metric: str | None
    count: int
    latest_at: datetime


@dataclass(frozen=True, slots=True)
class AnomalySummary:
    machine_id: UUID
    period_hours: int
    anomalies: Sequence[MetricAnomalies]

    @property
    def total_count(self) -> int:
        return sum(one.count for one in self.anomalies)


async def anomaly_summary(work: UnitOfWork, machine_id: UUID, now: datetime | None = None) -> AnomalySummary | None:
    """Of the past 7 days, the metric with the most first; None for an unknown machine. No caps as in the score."""
    if not await repository.exists(work, machine_id):
        return None
    episodes = (await repository.episodes_since(work, {machine_id: (now or utc_now()) - RECENT}))[machine_id]
    by_metric: dict[str | None, MetricAnomalies] = {}
    for one in episodes:
        found = by_metric.get(one.metric_id, MetricAnomalies(one.metric, 0, one.latest_at))
        by_metric[one.metric_id] = MetricAnomalies(
            one.metric, found.count + one.found, max(found.latest_at, one.latest_at)
        )
    anomalies = sorted(by_metric.values(), key=lambda found: (-found.count, found.metric or ""))
    return AnomalySummary(machine_id, PERIOD_HOURS, anomalies)
