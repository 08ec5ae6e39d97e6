"""Detector settings tried on stored readings, and what a machine is like as a whole."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from plantwright.alerts.models import Severity
from plantwright.assets.service import MACHINE_NOT_FOUND, METRIC_NOT_FOUND
from plantwright.detection.findings import Detector
from plantwright.detection.replay.trial import MAX_POINTS, MIN_POINTS
from plantwright.rest.documents import mutation
from plantwright.rest.route import Call, RestRoute, item, path_as
from plantwright.rest.routes.settings import DETECTION, Detection, DetectionChange
from plantwright.rest.shapes import FROM_NAME, Body, Milliseconds, Moment, Numbers, Payload

_OUTCOME = f"{{ settings {DETECTION} episodes {{ detector severity startedAt endedAt peakScore }} episodesPerDay }}"
_POINTS = "{ times values minimums maximums means lowers uppers baselineScores ewmaScores rateScores }"
_DOCUMENT = (
    "query DetectionTrial($metricId: ID!, $from: DateTime!, $to: DateTime!, $settings: DetectionSettingsInput, "
    "$maxPoints: Int! = 600) { detectionTrial(metricId: $metricId, from: $from, to: $to, settings: $settings, "
    f"maxPoints: $maxPoints) {{ metricId metric unit from to readingCount days present {_OUTCOME} proposed {_OUTCOME} "
    f"alerts {{ id cause severity raisedAt clearedAt message }} points {_POINTS} }} }}"
)


_REFERENCE = (
    "{ machineId isReady hoursLearnt metrics { name mean standardDeviation correlations } metricsLeftOut "
    "principalComponents t2Limit qLimit }"
)


class TrialRequest(Payload):
    """Settings left out are as they are now; docs/replay.md has the limits."""

    from_: Moment = Field(alias="from", serialization_alias="from", description="Included.")
    to: Moment = Field(description="Not included.")
    settings: DetectionChange | None = None
    max_points: int = Field(default=600, ge=MIN_POINTS, le=MAX_POINTS)


class Episode(Body):
    detector: Annotated[Detector, FROM_NAME]
    severity: Annotated[Severity, FROM_NAME]
    started_at: datetime
    ended_at: datetime | None = Field(description="Null while it goes on at the end of the period.")
    peak_score: float


class Outcome(Body):
    settings: Detection
    episodes: list[Episode]
    episodes_per_day: list[int] = Field(description="Begun on each of the days.")


class TrialAlert(Body):
    id: UUID
    cause: Annotated[str, FROM_NAME]
    severity: Annotated[Severity, FROM_NAME]
    raised_at: datetime
    cleared_at: datetime | None
    message: str


class Points(Body):
    times: Milliseconds
    values: Numbers = Field(description="Means of the buckets.")
    minimums: Numbers
    maximums: Numbers
    means: Numbers = Field(description="The baseline.")
    lowers: Numbers
    uppers: Numbers
    baseline_scores: Numbers
    ewma_scores: Numbers
    rate_scores: Numbers


class Trial(Body):
    metric_id: UUID
    metric_name: str = Field(validation_alias="metric")
    unit: str
    from_: datetime = Field(alias="from")
    to: datetime
    reading_count: int
    days: Milliseconds = Field(description="Starts of the UTC days of the period.")
    present: Outcome
    proposed: Outcome
    alerts: list[TrialAlert]
    points: Points


class VouchedPeriod(Payload):
    """It was normal operation; at most 31 days and 200,000 readings."""

    from_: Moment = Field(alias="from", serialization_alias="from", description="Included.")
    to: Moment = Field(description="Not included.")


class ReferenceMetric(Body):
    metric_name: str = Field(validation_alias="name")
    mean: float
    standard_deviation: float
    correlations: Numbers = Field(description="With each metric of the reference, in their order.")


class Reference(Body):
    machine_id: UUID
    is_ready: bool = Field(description="Whether the machine is judged by it.")
    hours_learnt: int = Field(description="It is drawn once 24 hours have been seen.")
    metrics: list[ReferenceMetric]
    metrics_left_out: list[str] = Field(description="Metrics without a settled level.")
    principal_components: int | None
    t2_limit: float | None = Field(validation_alias="t2Limit")
    q_limit: float | None = Field(description="Null where all components make T2.")


def _variables(call: Call) -> dict[str, object]:
    return {"metricId": call.path["metric_id"], **call.body}


ROUTES = (
    RestRoute(
        method="POST",
        path="/metrics/{metric_id}/detection/trial",
        summary="Try detector settings on stored readings, without saving them.",
        document=_DOCUMENT,
        body=TrialRequest,
        answer=Trial,
        variables=_variables,
        not_found=METRIC_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/reference",
        summary="How the metrics of a machine go together in normal operation.",
        document=f"query MachineReference($machineId: ID!) {{ machineReference(machineId: $machineId) {_REFERENCE} }}",
        answer=Reference,
        variables=path_as(machineId="machine_id"),
        not_found=MACHINE_NOT_FOUND,
    ),
    RestRoute(
        method="PUT",
        path="/machines/{machine_id}/reference",
        summary="Vouch for a period: the reference is drawn from it at once. Admins and operators.",
        document=mutation("machineReferenceVouch", f"reference {_REFERENCE}"),
        body=VouchedPeriod,
        answer=Reference,
        variables=lambda call: {"input": {"machineId": call.path["machine_id"], **call.body}},
        result=item("reference"),
    ),
    RestRoute(
        method="DELETE",
        path="/machines/{machine_id}/reference",
        summary="Forget what the machine was like, and learn it anew. Admins and operators.",
        document=mutation("machineReferenceRestart", f"reference {_REFERENCE}"),
        answer=Reference,
        variables=lambda call: {"input": {"machineId": call.path["machine_id"]}},
        result=item("reference"),
    ),
)
