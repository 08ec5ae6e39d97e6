"""A trial of the machine-level chart as the API shows it."""

from datetime import datetime
from typing import Self

import numpy as np
import strawberry

from plantwright.alerts.models import Severity
from plantwright.core.clock import from_milliseconds
from plantwright.detection.multivariate import trial, trial_outcome
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.detection.machine_chart_settings import MachineChartSettings
from plantwright.graphql.scalars import FloatColumn, IntColumn, TimeColumn, float_column, time_column


@strawberry.type(description="From the first violation to its end.")
class MachineChartEpisode:
    severity: Severity = strawberry.field(description="The worst that was reached.")
    started_at: datetime
    ended_at: datetime | None = strawberry.field(description="Null while it goes on at the end of the period.")
    peak_score: float
    message: str = strawberry.field(description="What was out of place, with the metrics that most of it comes from.")

    @classmethod
    def of(cls, episode: trial_outcome.MachineEpisode) -> Self:
        return cls(
            severity=Severity(episode.severity.value),
            started_at=from_milliseconds(episode.started_ms),
            ended_at=None if episode.ended_ms is None else from_milliseconds(episode.ended_ms),
            peak_score=episode.peak_score,
            message=episode.message,
        )


@strawberry.type(description="What settings find in a period.")
class MachineChartOutcome:
    settings: MachineChartSettings
    episodes: list[MachineChartEpisode]
    episodes_per_day: IntColumn = strawberry.field(description="Begun on each day of `days`.")

    @classmethod
    def of(cls, outcome: trial_outcome.MachineOutcome) -> Self:
        return cls(
            settings=MachineChartSettings.of(outcome.config),
            episodes=[MachineChartEpisode.of(episode) for episode in outcome.episodes],
            episodes_per_day=IntColumn(outcome.per_day),
        )


@strawberry.type(
    description="The frames in order of time, in buckets of equally many when there are more than asked for; of a "
    "bucket, the greatest. Null where nothing was judged."
)
class MachineChartPoints:
    times: TimeColumn
    scores: FloatColumn = strawberry.field(description="The greater of the two below.")
    t2_distances: FloatColumn = strawberry.field(description="Root of T² over its limit.")
    q_distances: FloatColumn = strawberry.field(description="Root of Q over its limit.")

    @classmethod
    def of(cls, points: trial_outcome.MachinePoints) -> Self:
        return cls(
            times=time_column(points.times),
            scores=FloatColumn(float_column(points.scores)),
            t2_distances=FloatColumn(float_column(points.t2)),
            q_distances=FloatColumn(float_column(points.q)),
        )


@strawberry.type(
    description="Settings tried on stored readings, beside what the present settings find and the alerts there were. "
    "Both begin with what the machine is known to be like now."
)
class MachineChartTrial:
    machine_id: strawberry.ID
    from_: datetime = strawberry.field(name="from")
    to: datetime
    reading_count: int = strawberry.field(description="Readings of good quality in the period, of all metrics.")
    frame_count: int = strawberry.field(description="Times at which something was read.")
    judged_count: int = strawberry.field(description="Frames in which all metrics of the reference were fresh.")
    metrics: list[str] = strawberry.field(description="Those it is judged by; empty while it is not known.")
    days: TimeColumn = strawberry.field(description="Starts of the UTC days that the period touches.")
    present: MachineChartOutcome
    proposed: MachineChartOutcome
    alerts: list[Alert] = strawberry.field(
        description="Of the machine as a whole, raised in the period; the 200 newest."
    )
    points: MachineChartPoints

    @classmethod
    def of(cls, found: trial.MachineTrial, alerts: list[Alert]) -> Self:
        return cls(
            machine_id=strawberry.ID(str(found.machine.id)),
            from_=from_milliseconds(found.period.start_ms),
            to=from_milliseconds(found.period.end_ms),
            reading_count=found.readings,
            frame_count=found.frames,
            judged_count=found.judged,
            metrics=found.metrics,
            days=time_column(np.array(found.days, np.int64)),
            present=MachineChartOutcome.of(found.present),
            proposed=MachineChartOutcome.of(found.proposed),
            alerts=alerts,
            points=MachineChartPoints.of(found.points),
        )
