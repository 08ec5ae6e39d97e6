"""The health score as the API shows it."""

from datetime import datetime
from typing import Self

import strawberry

from plantwright.health.formula import Deduction
from plantwright.health.service import HealthReport


@strawberry.type(description="A row of the published table of deductions.")
class HealthDeduction:
    rule: str
    description: str
    points_each: int
    counted: int = strawberry.field(description="Events that count, at most `cap`.")
    cap: int
    points: int = strawberry.field(description="`counted` times `pointsEach`.")

    @classmethod
    def of(cls, deduction: Deduction) -> Self:
        return cls(
            rule=deduction.rule,
            description=deduction.description,
            points_each=deduction.points_each,
            counted=deduction.counted,
            cap=deduction.cap,
            points=deduction.points,
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

    @classmethod
    def of(cls, report: HealthReport) -> Self:
        return cls(
            score=report.score,
            alert_score=report.alert_score,
            anomaly_score=report.anomaly_score,
            anomaly_weight=report.anomaly_weight,
            anomaly_episodes=report.anomaly_episodes,
            deductions=[HealthDeduction.of(deduction) for deduction in report.deductions],
            computed_at=report.computed_at,
        )
