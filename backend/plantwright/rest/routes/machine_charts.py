"""How a machine is watched as a whole: its settings, and a trial of them on stored readings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from plantwright.alerts.models import Severity
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.detection.multivariate.trial import MAX_POINTS, MIN_POINTS
from plantwright.rest.documents import mutation
from plantwright.rest.route import RestRoute, item, path_as
from plantwright.rest.routes.detection import TrialAlert
from plantwright.rest.routes.settings import MACHINE_CHART, MachineChartChange, MachineChartSettings
from plantwright.rest.shapes import FROM_NAME, Body, Milliseconds, Moment, Numbers, Payload

_CHART = f"machineId hasOwnSettings settings {MACHINE_CHART}"
_OUTCOME = f"{{ settings {MACHINE_CHART} episodes {{ severity startedAt endedAt peakScore message }} episodesPerDay }}"
_TRIAL = (
    "query MachineChartTrial($machineId: ID!, $from: DateTime!, $to: DateTime!, $settings: MachineChartSettingsInput, "
    "$maxPoints: Int! = 600) { machineChartTrial(machineId: $machineId, from: $from, to: $to, settings: $settings, "
    "maxPoints: $maxPoints) { machineId from to readingCount frameCount judgedCount metrics days "
    f"present {_OUTCOME} proposed {_OUTCOME} alerts {{ id cause severity raisedAt clearedAt message }} "
    "points { times scores t2Distances qDistances } } }"
)


class MachineChart(Body):
    machine_id: UUID
    has_own_settings: bool = Field(description="What it leaves open comes from the tenant's default.")
    settings: MachineChartSettings


class MachineChartTrialRequest(Payload):
    """Settings left out are as they are now; docs/replay.md has the limits."""

    from_: Moment = Field(alias="from", serialization_alias="from", description="Included.")
    to: Moment = Field(description="Not included.")
    settings: MachineChartChange | None = None
    max_points: int = Field(default=600, ge=MIN_POINTS, le=MAX_POINTS)


class MachineEpisode(Body):
    severity: Annotated[Severity, FROM_NAME]
    started_at: datetime
    ended_at: datetime | None = Field(description="Null while it goes on at the end of the period.")
    peak_score: float
    message: str


class MachineOutcome(Body):
    settings: MachineChartSettings
    episodes: list[MachineEpisode]
    episodes_per_day: list[int] = Field(description="Begun on each of the days.")


class MachinePoints(Body):
    times: Milliseconds
    scores: Numbers = Field(description="The greater of the two below.")
    t2_distances: Numbers = Field(validation_alias="t2Distances", description="Root of T2 over its limit.")
    q_distances: Numbers = Field(description="Root of Q over its limit.")


class MachineTrial(Body):
    machine_id: UUID
    from_: datetime = Field(alias="from")
    to: datetime
    reading_count: int
    frame_count: int = Field(description="Times at which something was read.")
    judged_count: int = Field(description="Frames in which all metrics of the reference were fresh.")
    metrics: list[str]
    days: Milliseconds = Field(description="Starts of the UTC days of the period.")
    present: MachineOutcome
    proposed: MachineOutcome
    alerts: list[TrialAlert] = Field(description="Of the machine as a whole.")
    points: MachinePoints


ROUTES = (
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/chart",
        summary="How a machine is watched as a whole.",
        document=f"query MachineChart($machineId: ID!) {{ machineChart(machineId: $machineId) {{ {_CHART} }} }}",
        answer=MachineChart,
        variables=path_as(machineId="machine_id"),
        not_found=MACHINE_NOT_FOUND,
    ),
    RestRoute(
        method="PATCH",
        path="/machines/{machine_id}/chart",
        summary="Give a machine settings of its own for the chart of it as a whole. Admins and operators.",
        document=mutation("machineChartUpdate", f"chart {{ {_CHART} }}"),
        body=MachineChartChange,
        answer=MachineChart,
        variables=lambda call: {"input": {"machineId": call.path["machine_id"], "settings": dict(call.body)}},
        result=item("chart"),
    ),
    RestRoute(
        method="DELETE",
        path="/machines/{machine_id}/chart",
        summary="Drop the machine's own settings: the tenant's are in force again. Admins and operators.",
        document=mutation("machineChartUpdate", f"chart {{ {_CHART} }}"),
        answer=MachineChart,
        variables=lambda call: {"input": {"machineId": call.path["machine_id"], "settings": None}},
        result=item("chart"),
    ),
    RestRoute(
        method="POST",
        path="/machines/{machine_id}/chart/trial",
        summary="Try settings of the machine as a whole on stored readings, without saving them.",
        document=_TRIAL,
        body=MachineChartTrialRequest,
        answer=MachineTrial,
        variables=lambda call: {"machineId": call.path["machine_id"], **call.body},
        not_found=MACHINE_NOT_FOUND,
    ),
)
