"""Health over time, of the fleet and of its sites; what the detectors found."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from plantwright.assets.models import MachineStatus
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.health.fleet import MAX_WORST
from plantwright.health.history import MAX_POINTS
from plantwright.rest.route import RestRoute, path_as
from plantwright.rest.shapes import FROM_NAME, Body, Moment, Parameters

_POINT = "points { at score lowest highest alertScore anomalyScore changes }"
_ROLLUP = (
    "fragment RollupFields on HealthRollup { site machines byStatus { status machines } meanScore lowestScore "
    "trend24h trend7d worst { machineId name status score } }"
)


class HistoryParameters(Parameters):
    from_: Moment = Field(alias="from", description="Included.")
    to: Moment = Field(description="Not included.")
    max_points: int = Field(default=500, ge=1, le=MAX_POINTS, description="More changes are put into buckets.")


class FleetParameters(Parameters):
    worst: int = Field(default=5, ge=0, le=MAX_WORST, description="Machines named in each roll-up.")


class HealthPoint(Body):
    """A score that came into force; of a reduced history the last of several."""

    at: datetime
    score: int
    lowest: int = Field(description="Lowest in force since the point before.")
    highest: int
    alert_score: int
    anomaly_score: int
    changes: int = Field(description="Changes that the point stands for.")


class HealthHistory(Body):
    machine_id: UUID
    from_: datetime = Field(alias="from", description="Start of the window, or when the machine came.")
    to: datetime
    start_score: int = Field(description="In force at `from`.")
    is_reduced: bool
    points: list[HealthPoint]


class StatusCount(Body):
    status: Annotated[MachineStatus, FROM_NAME]
    machines: int


class ScoredMachine(Body):
    machine_id: UUID
    name: str
    status: Annotated[MachineStatus, FROM_NAME]
    score: int


class Rollup(Body):
    """Figures are null when there is no machine to take them from."""

    site: str | None = Field(description="Null for machines without a location, and for all.")
    machines: int
    by_status: list[StatusCount]
    mean_score: float | None
    lowest_score: int | None
    trend_24h: float | None = Field(
        validation_alias="trend24h", description="Mean now less that of 24 h ago, of the machines there were then."
    )
    trend_7d: float | None = Field(validation_alias="trend7d")
    worst: list[ScoredMachine]


class FleetHealth(Body):
    at: datetime
    whole: Rollup
    sites: list[Rollup] = Field(description="The site with the lowest mean first.")


class MetricAnomalies(Body):
    metric_name: str | None = Field(description="Null for what the metrics show together.")
    count: int
    latest_at: datetime


class AnomalySummary(Body):
    machine_id: UUID
    period_hours: int
    anomalies: list[MetricAnomalies]
    total_count: int


ROUTES = (
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/health/history",
        summary="The health score of a machine over time: a step at each point.",
        document=(
            "query HealthHistory($machineId: ID!, $from: DateTime!, $to: DateTime!, $maxPoints: Int! = 500) "
            "{ machineHealthHistory(machineId: $machineId, from: $from, to: $to, maxPoints: $maxPoints) "
            f"{{ machineId from to startScore isReduced {_POINT} }} }}"
        ),
        query=HistoryParameters,
        answer=HealthHistory,
        variables=lambda call: {"machineId": call.path["machine_id"], **call.query},
        not_found=MACHINE_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/fleet/health",
        summary="Status and score of all machines, and of those of each site.",
        document=(
            "query FleetHealth($worst: Int! = 5) { fleetHealth(worst: $worst) { at whole { ...RollupFields } "
            f"sites {{ ...RollupFields }} }} }}\n{_ROLLUP}"
        ),
        query=FleetParameters,
        answer=FleetHealth,
        variables=lambda call: dict(call.query),
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/anomalies/summary",
        summary="What the detectors found in the past 7 days, by metric.",
        document=(
            "query Anomalies($id: ID!) { machineAnomalies(machineId: $id) "
            "{ machineId periodHours anomalies { metricName count latestAt } totalCount } }"
        ),
        answer=AnomalySummary,
        variables=path_as(id="machine_id"),
        not_found=MACHINE_NOT_FOUND,
    ),
)
