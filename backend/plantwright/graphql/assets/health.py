"""The health score as the API shows it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from plantwright.alerts.service import ALERT_NOT_FOUND
from plantwright.core.errors import NotFound
from plantwright.graphql.context import Info
from plantwright.health.evidence import Evidence
from plantwright.health.formula import Deduction
from plantwright.health.service import HealthReport

if TYPE_CHECKING:
    from plantwright.graphql.alerts.types import Alert


@strawberry.type(description="A row of the published table of deductions.")
class HealthDeduction:
    rule: str
    description: str
    points_each: int
    found: int = strawberry.field(description="Events that there were.")
    counted: int = strawberry.field(description="Events that count, at most `cap`.")
    cap: int
    points: int = strawberry.field(description="`counted` times `pointsEach`.")

    @classmethod
    def of(cls, deduction: Deduction) -> Self:
        return cls(
            rule=deduction.rule,
            description=deduction.description,
            points_each=deduction.points_each,
            found=deduction.found,
            counted=deduction.counted,
            cap=deduction.cap,
            points=deduction.points,
        )


@strawberry.type(description="An alert that a row of the table counts; one alert may be in two rows.")
class DeductedAlert:
    rule: str
    key: strawberry.Private[UUID]

    @strawberry.field
    async def alert(self, info: Info) -> Annotated["Alert", strawberry.lazy("plantwright.graphql.alerts.types")]:
        from plantwright.graphql.alerts.types import Alert  # noqa: PLC0415 - alerts name their machine, and it them

        found = await info.context.loaders.alert.load(self.key)
        if found is None:
            raise NotFound(ALERT_NOT_FOUND)
        return Alert.of(found)


@strawberry.type(description="Episodes of the past 7 days; metric is null for what the metrics show together.")
class HealthEpisodes:
    metric: str | None
    detector: str
    found: int
    counted: int = strawberry.field(description="At most 4.")
    latest_at: datetime


@strawberry.type(description="What the score in force counts.")
class HealthEvidence:
    alerts: list[DeductedAlert] = strawberry.field(description="Newest first, at most 20 of each row.")
    episodes: list[HealthEpisodes]

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        return cls(
            alerts=[DeductedAlert(rule=one.rule, key=one.id) for one in evidence.alerts],
            episodes=[
                HealthEpisodes(
                    metric=one.metric,
                    detector=one.detector,
                    found=one.found,
                    counted=one.counted,
                    latest_at=one.latest_at,
                )
                for one in evidence.episodes
            ],
        )


@strawberry.type(description="score = (1 - anomalyWeight) * alertScore + anomalyWeight * anomalyScore; docs/health.md.")
class Health:
    score: int
    alert_score: float
    anomaly_score: float
    anomaly_weight: float
    anomaly_episodes: int = strawberry.field(description="Episodes of the past 7 days that the anomaly score counts.")
    deductions: list[HealthDeduction]
    computed_at: datetime
    machine_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, machine_id: UUID, report: HealthReport) -> Self:
        return cls(
            score=report.score,
            alert_score=report.alert_score,
            anomaly_score=report.anomaly_score,
            anomaly_weight=report.anomaly_weight,
            anomaly_episodes=report.anomaly_episodes,
            deductions=[HealthDeduction.of(deduction) for deduction in report.deductions],
            computed_at=report.computed_at,
            machine_id=machine_id,
        )

    @strawberry.field(description="The alerts and episodes behind the score.")
    async def evidence(self, info: Info) -> HealthEvidence:
        found = await info.context.loaders.health_evidence.load(self.machine_id)
        return HealthEvidence.of(found or Evidence((), ()))
