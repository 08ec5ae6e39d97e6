"""A trial of detector settings as the API shows it."""

from datetime import datetime
from typing import Self

import numpy as np
import strawberry

from plantwright.alerts.models import Severity
from plantwright.core.clock import from_milliseconds
from plantwright.detection.findings import Detector
from plantwright.detection.replay import trial
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.scalars import FloatColumn, IntColumn, TimeColumn, float_column, time_column
from plantwright.graphql.settings.types import DetectionSettings

strawberry.enum(Detector, name="Detector", description="A chart that watches readings; docs/detectors.md.")


@strawberry.type(description="From the first violation of a limit to its end.")
class DetectionEpisode:
    detector: Detector
    severity: Severity = strawberry.field(description="The worst that was reached.")
    started_at: datetime
    ended_at: datetime | None = strawberry.field(description="Null while it goes on at the end of the period.")
    peak_score: float

    @classmethod
    def of(cls, episode: trial.Episode) -> Self:
        return cls(
            detector=episode.detector,
            severity=Severity(episode.severity.value),
            started_at=from_milliseconds(episode.started_ms),
            ended_at=None if episode.ended_ms is None else from_milliseconds(episode.ended_ms),
            peak_score=episode.peak_score,
        )


@strawberry.type(description="What settings find in a period.")
class DetectionOutcome:
    settings: DetectionSettings
    episodes: list[DetectionEpisode]
    episodes_per_day: IntColumn = strawberry.field(description="Begun on each day of `days`.")

    @classmethod
    def of(cls, outcome: trial.Outcome) -> Self:
        return cls(
            settings=DetectionSettings.of(outcome.config),
            episodes=[DetectionEpisode.of(episode) for episode in outcome.episodes],
            episodes_per_day=IntColumn(outcome.per_day),
        )


@strawberry.type(
    description="The readings in order of time, in buckets of equally many when there are more than asked for. Limits "
    "and scores are those of the proposed settings, null where nothing was judged; of a bucket, its greatest scores."
)
class DetectionPoints:
    times: TimeColumn
    values: FloatColumn = strawberry.field(description="Means of the buckets.")
    minimums: FloatColumn
    maximums: FloatColumn
    means: FloatColumn = strawberry.field(description="The baseline.")
    lowers: FloatColumn = strawberry.field(description="The lower limit of the static baseline.")
    uppers: FloatColumn = strawberry.field(description="The upper limit of the static baseline.")
    baseline_scores: FloatColumn
    ewma_scores: FloatColumn
    rate_scores: FloatColumn

    @classmethod
    def of(cls, points: trial.Points) -> Self:
        return cls(
            times=time_column(points.times),
            values=_column(points.values),
            minimums=_column(points.minimums),
            maximums=_column(points.maximums),
            means=_column(points.means),
            lowers=_column(points.lowers),
            uppers=_column(points.uppers),
            baseline_scores=_column(points.scores[Detector.STATIC_BASELINE]),
            ewma_scores=_column(points.scores[Detector.EWMA]),
            rate_scores=_column(points.scores[Detector.RATE_OF_CHANGE]),
        )


@strawberry.type(
    description="Settings tried on stored readings: what they find as if saved at the start of the period, "
    "beside what the present settings find and the alerts there were."
)
class DetectionTrial:
    metric_id: strawberry.ID
    metric: str
    unit: str
    from_: datetime = strawberry.field(name="from")
    to: datetime
    reading_count: int = strawberry.field(description="Readings of good quality in the period.")
    days: TimeColumn = strawberry.field(description="Starts of the UTC days that the period touches.")
    present: DetectionOutcome
    proposed: DetectionOutcome
    alerts: list[Alert] = strawberry.field(description="Of the metric, raised in the period; the 200 newest.")
    points: DetectionPoints

    @classmethod
    def of(cls, found: trial.Trial, alerts: list[Alert]) -> Self:
        return cls(
            metric_id=strawberry.ID(str(found.metric.id)),
            metric=found.metric.name,
            unit=found.metric.unit,
            from_=from_milliseconds(found.period.start_ms),
            to=from_milliseconds(found.period.end_ms),
            reading_count=found.readings,
            days=time_column(np.array(found.days, np.int64)),
            present=DetectionOutcome.of(found.present),
            proposed=DetectionOutcome.of(found.proposed),
            alerts=alerts,
            points=DetectionPoints.of(found.points),
        )


def _column(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> FloatColumn:
    return FloatColumn(float_column(values))
