"""Scores over time, and of many machines together."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from plantwright.assets.models import MachineStatus
from plantwright.graphql.assets.health import HealthDeduction
from plantwright.graphql.context import Info
from plantwright.health import fleet, history
from plantwright.health.anomalies import AnomalySummary
from plantwright.health.history_repository import HealthPoint, MachineScore


@strawberry.type(description="A score that came into force; of a reduced history the last of several.")
class MachineHealthPoint:
    at: datetime
    score: int
    lowest: int = strawberry.field(description="Lowest in force since the point before.")
    highest: int = strawberry.field(description="Highest in force since the point before.")
    alert_score: int
    anomaly_score: int
    changes: int = strawberry.field(description="Changes that the point stands for.")

    @classmethod
    def of(cls, point: HealthPoint) -> Self:
        return cls(**point._asdict())


@strawberry.type(description="A change of the score as the journal has it.")
class MachineHealthChange:
    sequence: int = strawberry.field(description="Of the row `health.changed` in the journal.")
    at: datetime
    old_score: int
    score: int
    alert_score: int
    anomaly_score: int
    anomaly_weight: float
    anomaly_episodes: int
    deductions: list[HealthDeduction] = strawberry.field(description="Rows that found something.")

    @classmethod
    def of(cls, change: history.HealthChange) -> Self:
        return cls(
            sequence=change.sequence,
            at=change.changed_at,
            old_score=change.old_score,
            score=change.score,
            alert_score=change.alert_score,
            anomaly_score=change.anomaly_score,
            anomaly_weight=change.anomaly_weight,
            anomaly_episodes=change.anomaly_episodes,
            deductions=[HealthDeduction.of(deduction) for deduction in change.deductions],
        )


@strawberry.type(description="The score of a machine over time: a step at each point.")
class MachineHealthHistory:
    machine_id: strawberry.ID
    from_: datetime = strawberry.field(name="from", description="Start of the window, or when the machine came.")
    to: datetime
    start_score: int = strawberry.field(description="In force at `from`.")
    is_reduced: bool = strawberry.field(description="Whether some points stand for several changes.")
    points: list[MachineHealthPoint]
    key: strawberry.Private[UUID]
    start: strawberry.Private[datetime]

    @classmethod
    def of(cls, found: history.HealthHistory) -> Self:
        return cls(
            machine_id=strawberry.ID(str(found.machine_id)),
            from_=found.start,
            to=found.end,
            start_score=found.start_score,
            is_reduced=found.is_reduced,
            points=[MachineHealthPoint.of(point) for point in found.points],
            key=found.machine_id,
            start=found.start,
        )

    @strawberry.field(description="The newest changes of the window, newest first; at most 200.")
    async def changes(self, info: Info, first: int = 20) -> list[MachineHealthChange]:
        async with info.context.reading() as work:
            found = await history.health_changes(work, self.key, self.start, self.to, first)
        return [MachineHealthChange.of(change) for change in found]


@strawberry.type
class MachineStatusCount:
    status: MachineStatus
    machines: int


@strawberry.type(description="A machine in a roll-up.")
class ScoredMachine:
    machine_id: strawberry.ID
    name: str
    status: MachineStatus
    score: int

    @classmethod
    def of(cls, machine: MachineScore) -> Self:
        return cls(
            machine_id=strawberry.ID(str(machine.id)),
            name=machine.name,
            status=MachineStatus(machine.status),
            score=machine.score,
        )


@strawberry.type(description="Scores of several machines. Figures are null when there is no machine to take them from.")
class HealthRollup:
    site: str | None = strawberry.field(description="The machines' location; null for those without one, and for all.")
    machines: int
    by_status: list[MachineStatusCount] = strawberry.field(description="Every status.")
    mean_score: float | None
    lowest_score: int | None
    trend_24h: float | None = strawberry.field(
        name="trend24h", description="Mean score now less that of 24 h ago, of the machines there were then."
    )
    trend_7d: float | None = strawberry.field(name="trend7d", description="The same over 7 days.")
    worst: list[ScoredMachine] = strawberry.field(description="Lowest scores first.")

    @classmethod
    def of(cls, rollup: fleet.HealthRollup) -> Self:
        return cls(
            site=rollup.site,
            machines=rollup.machines,
            by_status=[MachineStatusCount(status=status, machines=n) for status, n in rollup.by_status.items()],
            mean_score=rollup.mean_score,
            lowest_score=rollup.lowest_score,
            trend_24h=rollup.trend_day,
            trend_7d=rollup.trend_week,
            worst=[ScoredMachine.of(machine) for machine in rollup.worst],
        )


@strawberry.type(description="Health of all machines of the tenant.")
class FleetHealth:
    at: datetime
    whole: HealthRollup
    sites: list[HealthRollup] = strawberry.field(description="The site with the lowest mean first.")

    @classmethod
    def of(cls, found: fleet.FleetHealth) -> Self:
        return cls(
            at=found.at,
            whole=HealthRollup.of(found.whole),
            sites=[HealthRollup.of(site) for site in found.sites],
        )


@strawberry.type(description="Episodes that detectors found in a metric, or in the metrics together when it is null.")
class MetricAnomalies:
    metric_name: str | None
    count: int
    latest_at: datetime


@strawberry.type(description="Episodes of the past days by metric, the most first.")
class MachineAnomalies:
    machine_id: strawberry.ID
    period_hours: int
    anomalies: list[MetricAnomalies]
    total_count: int

    @classmethod
    def of(cls, found: AnomalySummary) -> Self:
        return cls(
            machine_id=strawberry.ID(str(found.machine_id)),
            period_hours=found.period_hours,
            anomalies=[
                MetricAnomalies(metric_name=one.metric, count=one.count, latest_at=one.latest_at)
                for one in found.anomalies
            ],
            total_count=found.total_count,
        )
