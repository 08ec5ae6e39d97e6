"""How alerts perform, what helps with one of them, what is out of service, and what the house decides."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasPath, Field

from plantwright.alerts.insight.performance import Figure, FigureUnit, Mark
from plantwright.alerts.insight.triage import Relation
from plantwright.alerts.models import AlertCause, Severity
from plantwright.alerts.service import ALERT_NOT_FOUND
from plantwright.alerts.suppression.models import Comparison
from plantwright.alerts.suppression.out_of_service import OUT_OF_SERVICE_NOT_FOUND
from plantwright.rest.documents import mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as
from plantwright.rest.shapes import FROM_NAME, Body, Moment, Parameters, Payload

_SHORT = "id message cause severity raisedAt clearedAt acknowledgedAt acknowledgeNote workOrder { id }"
_FLOOD = "id site beganAt endedAt alerts peak firstOut { id message }"
_OUT = "outOfService { id reason beganAt until endedAt workOrderId machine { id name } metric beganBy { id } }"
_SETTINGS = "outOfServiceWithWorkOrder timeZone shiftStarts endOfShift longestShelving { severity minutes } version"
_CONDITION = "metricId metric comparison value isRunning since"
_PERFORMANCE = (
    "from to site positions alerts figures { figure unit value target limit mark } "
    "days { day info warning critical } badActors { alerts chatters fleetings alert { id message machine { id name } "
    "metric cause } }"
)


class ShortAlert(Body):
    id: UUID
    message: str
    cause: Annotated[AlertCause, FROM_NAME]
    severity: Annotated[Severity, FROM_NAME]
    created_at: datetime = Field(validation_alias="raisedAt")
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledge_note: str | None
    work_order_id: UUID | None = Field(default=None, validation_alias=AliasPath("workOrder", "id"))


class Neighbour(Body):
    alert: ShortAlert
    relation: Annotated[Relation, FROM_NAME]
    seconds: float = Field(description="After the alert in question; negative before it.")


class Trend(Body):
    machine_id: UUID
    metric_id: UUID
    start: datetime = Field(validation_alias="from")
    end: datetime = Field(validation_alias="to")


class Triage(Body):
    trend: Trend | None
    neighbours: list[Neighbour]
    previous: list[ShortAlert] = Field(description="Earlier ones of the same cause, newest first.")


class Flood(Body):
    id: UUID
    site: str
    began_at: datetime
    ended_at: datetime | None
    alerts: int
    peak: int
    first_out_id: UUID | None = Field(default=None, validation_alias=AliasPath("firstOut", "id"))
    first_out_message: str | None = Field(default=None, validation_alias=AliasPath("firstOut", "message"))


class Floods(Body):
    items: list[Flood] = Field(validation_alias="alertFloods")


class Sites(Body):
    items: list[str] = Field(validation_alias="alertSites")


class FigureShown(Body):
    figure: Annotated[Figure, FROM_NAME]
    unit: Annotated[FigureUnit, FROM_NAME]
    value: float | None
    target: float | None
    limit: float | None
    mark: Annotated[Mark, FROM_NAME]


class Day(Body):
    day: date
    info: int
    warning: int
    critical: int


class BadActor(Body):
    alerts: int
    chatters: int
    fleetings: int
    alert_id: UUID | None = Field(default=None, validation_alias=AliasPath("alert", "id"))
    message: str | None = Field(default=None, validation_alias=AliasPath("alert", "message"))
    machine_id: UUID | None = Field(default=None, validation_alias=AliasPath("alert", "machine", "id"))
    machine_name: str | None = Field(default=None, validation_alias=AliasPath("alert", "machine", "name"))
    metric_name: str | None = Field(default=None, validation_alias=AliasPath("alert", "metric"))


class Performance(Body):
    start: datetime = Field(validation_alias="from")
    end: datetime = Field(validation_alias="to")
    site: str | None
    positions: int
    alerts: int
    figures: list[FigureShown]
    days: list[Day]
    bad_actors: list[BadActor]


class PerformanceParameters(Parameters):
    site: str | None = Field(default=None, description="Left out: the whole house.")


class OutOfService(Body):
    id: UUID
    machine_id: UUID = Field(validation_alias=AliasPath("machine", "id"))
    machine_name: str = Field(validation_alias=AliasPath("machine", "name"))
    metric_name: str | None = Field(validation_alias="metric")
    reason: str
    began_at: datetime
    began_by: UUID | None = Field(default=None, validation_alias=AliasPath("beganBy", "id"))
    until: datetime | None
    ended_at: datetime | None
    work_order_id: UUID | None


class OutOfServices(Body):
    items: list[OutOfService] = Field(validation_alias="outOfService")


class OutOfServiceBegin(Payload):
    machine_id: UUID = Field(strict=False)
    metric_id: UUID | None = Field(default=None, strict=False)
    reason: str
    until: Moment | None = None


class Nothing(Payload):
    pass


class Condition(Payload):
    metric_id: UUID = Field(strict=False)
    comparison: Comparison = Field(strict=False)
    value: float


class ConditionSet(Payload):
    """`condition: null`: the machine always counts as running."""

    condition: Condition | None


class ConditionShown(Body):
    metric_id: UUID
    metric_name: str = Field(validation_alias="metric")
    comparison: Annotated[str, Field(description="Name of the comparison.")]
    value: float
    is_running: bool | None
    since: datetime | None


class ConditionAnswer(Body):
    condition: ConditionShown | None


class LongestShelving(Body):
    severity: Annotated[Severity, FROM_NAME]
    minutes: float


class AlertSettings(Body):
    out_of_service_with_work_order: bool
    time_zone: str
    shift_starts: list[str]
    end_of_shift: datetime
    longest_shelving: list[LongestShelving]
    version: str


class AlertSettingsUpdate(Payload):
    """Fields left out stay as they are."""

    out_of_service_with_work_order: bool | None = None
    time_zone: str | None = None
    shift_starts: list[str] | None = None
    expected_version: str | None = None


def _condition(call: Call) -> dict[str, Any]:
    condition = call.body["condition"]
    return {"input": {"machineId": call.path["machine_id"], "condition": condition}}


ROUTES = (
    RestRoute(
        method="GET",
        path="/alerts/performance",
        summary="Figures of alarm performance over the past 30 days.",
        document=query(
            f"query AlertPerformance($site: String) {{ alertPerformance(site: $site) {{ {_PERFORMANCE} }} }}"
        ),
        query=PerformanceParameters,
        answer=Performance,
        variables=lambda call: {"site": call.query.get("site")},
    ),
    RestRoute(
        method="GET",
        path="/alerts/sites",
        summary="Sites that have ever had an alert.",
        document=query("query AlertSites { alertSites }"),
        answer=Sites,
        result=lambda found: {"alertSites": found},
    ),
    RestRoute(
        method="GET",
        path="/alerts/floods",
        summary="Floods of alerts that last, and those of the past day.",
        document=query(f"query AlertFloods {{ alertFloods {{ {_FLOOD} }} }}"),
        answer=Floods,
        result=lambda found: {"alertFloods": found},
    ),
    RestRoute(
        method="GET",
        path="/alerts/settings",
        summary="What the house decides about alerts.",
        document=query(f"query AlertSettings {{ alertSettings {{ {_SETTINGS} }} }}"),
        answer=AlertSettings,
    ),
    RestRoute(
        method="PATCH",
        path="/alerts/settings",
        summary="Change what the house decides about alerts. Admins only.",
        document=mutation("alertSettingsUpdate", f"settings {{ {_SETTINGS} }}"),
        body=AlertSettingsUpdate,
        answer=AlertSettings,
        variables=body_as_input(),
        result=item("settings"),
    ),
    RestRoute(
        method="GET",
        path="/alerts/{alert_id}/triage",
        summary="The moment of an alert, what happened beside it, and what was done the last time.",
        document=query(
            "query AlertTriage($id: ID!) { alertTriage(id: $id) { trend { machineId metricId from to } "
            f"neighbours {{ relation seconds alert {{ {_SHORT} }} }} previous {{ {_SHORT} }} }} }}"
        ),
        answer=Triage,
        variables=path_as(id="alert_id"),
        not_found=ALERT_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/out-of-service",
        summary="What is out of service now.",
        document=query(f"query OutOfService {{ {_OUT} }}"),
        answer=OutOfServices,
        result=lambda found: {"outOfService": found},
    ),
    RestRoute(
        method="POST",
        path="/out-of-service",
        summary="Take a machine or a metric out of service. Admins and operators.",
        document=mutation("outOfServiceBegin", _OUT),
        body=OutOfServiceBegin,
        answer=OutOfService,
        variables=body_as_input(),
        result=item("outOfService"),
        status=201,
    ),
    RestRoute(
        method="POST",
        path="/out-of-service/{out_of_service_id}/end",
        summary="Return it to service. Admins and operators.",
        document=mutation("outOfServiceEnd", _OUT),
        body=Nothing,
        answer=OutOfService,
        variables=body_as_input(id="out_of_service_id"),
        result=item("outOfService"),
        not_found=OUT_OF_SERVICE_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/running-condition",
        summary="By which metric a machine can be seen to run.",
        document=query(f"query RunningCondition($id: ID!) {{ runningCondition(machineId: $id) {{ {_CONDITION} }} }}"),
        answer=ConditionShown,
        variables=path_as(id="machine_id"),
        not_found="This machine has no running condition: it always counts as running.",
    ),
    RestRoute(
        method="PUT",
        path="/machines/{machine_id}/running-condition",
        summary="Say by which metric a machine can be seen to run. Admins and operators.",
        document=mutation("runningConditionSet", f"condition {{ {_CONDITION} }}"),
        body=ConditionSet,
        answer=ConditionAnswer,
        variables=_condition,
    ),
)
