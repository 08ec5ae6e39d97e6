"""Alerts: lists, counts and acknowledgement."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasPath, Field

from plantwright.alerts.life_cycle import AlertState
from plantwright.alerts.models import AlertCause, AlertOutcome, Severity
from plantwright.alerts.service import ALERT_NOT_FOUND
from plantwright.alerts.suppression.axis import DesignReason, Suppression
from plantwright.alerts.suppression.models import ShelfState
from plantwright.rest.documents import connection, mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as
from plantwright.rest.routes.alert_handling import handling_routes
from plantwright.rest.routes.alert_insight import ROUTES as INSIGHT_ROUTES
from plantwright.rest.shapes import FROM_NAME, Body, IsThere, Moment, PageParameters, Payload

ALERT = (
    "fragment AlertFields on Alert { id machine { id name } agent { id name } metric unit cause ruleId severity state "
    "message value score threshold occurrences evidence { inputs formula } raisedAt lastSeenAt clearedAt "
    "acknowledgedAt acknowledgedBy { id } acknowledgeNote openedAt outcome workOrder { id } site groupId isFirstOut "
    "groupSize suppression designReasons shelvedUntil shelf { id state reason until } outOfService { id } "
    "assignee { id } chatters fleetings isStale }"
)
_PAGE, _SKIP = connection(
    "alerts", "...AlertFields", ALERT, variables="$filter: AlertFilter", arguments="filter: $filter"
)
_ACTIVE = "ACTIVE_UNACKNOWLEDGED, ACTIVE_ACKNOWLEDGED"
_STATES = {
    True: ["ACTIVE_ACKNOWLEDGED", "CLEARED"],
    False: ["ACTIVE_UNACKNOWLEDGED", "CLEARED_UNACKNOWLEDGED"],
}


class AlertParameters(PageParameters):
    machine_id: UUID | None = None
    agent_id: UUID | None = None
    rule_id: UUID | None = None
    group_id: UUID | None = None
    assignee_id: UUID | None = None
    site: str | None = None
    suppression: list[Suppression] = Field(default=[], description="May be repeated.")
    is_suppressed: bool | None = None
    severity: list[Severity] = Field(default=[], description="May be repeated.")
    cause: list[AlertCause] = Field(default=[], description="May be repeated.")
    is_acknowledged: bool | None = None
    start_date: Moment | None = Field(
        default=None, serialization_alias="raisedFrom", description="Raised at this time or later."
    )
    end_date: Moment | None = Field(
        default=None, serialization_alias="raisedTo", description="Raised before this time."
    )


class SuppressedParameters(PageParameters):
    machine_id: UUID | None = None
    suppression: list[Suppression] = Field(default=[], description="May be repeated.")


class Acknowledgement(Payload):
    note: str | None = Field(default=None, description="Up to 2,000 characters.")
    outcome: AlertOutcome | None = Field(default=None, strict=False, description="What it turned out to be, if known.")


class Evidence(Body):
    inputs: dict[str, Any] = Field(description="Inputs of the formula, fractions as decimal text.")
    formula: str


class Shelf(Body):
    id: UUID
    state: Annotated[ShelfState, FROM_NAME] = Field(description="`requested` waits for a second person.")
    reason: str
    until: datetime | None


class Alert(Body):
    id: UUID
    machine_id: UUID | None = Field(
        default=None, validation_alias=AliasPath("machine", "id"), description="Null when it is about an agent."
    )
    machine_name: str | None = Field(default=None, validation_alias=AliasPath("machine", "name"))
    agent_id: UUID | None = Field(
        default=None,
        validation_alias=AliasPath("agent", "id"),
        description="Null when it is about a machine, or the agent has been removed.",
    )
    agent_name: str | None = Field(default=None, validation_alias=AliasPath("agent", "name"))
    severity: Annotated[Severity, FROM_NAME]
    cause: Annotated[AlertCause, FROM_NAME]
    rule_id: UUID | None
    state: Annotated[AlertState, FROM_NAME]
    message: str
    metric_name: str | None = Field(validation_alias="metric")
    unit: str
    metric_value: float = Field(validation_alias="value")
    score: float = Field(description="What the detector made of the value.")
    threshold_value: float = Field(validation_alias="threshold", description="Scores from here on violate.")
    occurrences: int
    evidence: Evidence
    is_acknowledged: IsThere = Field(validation_alias="acknowledgedAt")
    acknowledged_by: UUID | None = Field(default=None, validation_alias=AliasPath("acknowledgedBy", "id"))
    acknowledged_at: datetime | None
    acknowledge_note: str | None
    opened_at: datetime | None = Field(description="When anybody first looked at it; who is not kept.")
    outcome: Annotated[AlertOutcome | None, FROM_NAME]
    work_order_id: UUID | None = Field(default=None, validation_alias=AliasPath("workOrder", "id"))
    site: str
    group_id: UUID
    is_first_out: bool
    group_size: int
    suppression: list[Annotated[Suppression, FROM_NAME]] = Field(description="Empty: it announces itself.")
    design_reasons: list[Annotated[DesignReason, FROM_NAME]]
    snoozed_until: datetime | None = Field(validation_alias="shelvedUntil")
    shelf: Shelf | None
    out_of_service_id: UUID | None = Field(default=None, validation_alias=AliasPath("outOfService", "id"))
    assignee_id: UUID | None = Field(default=None, validation_alias=AliasPath("assignee", "id"))
    chatters: int
    fleetings: int
    is_stale: bool
    created_at: datetime = Field(validation_alias="raisedAt", description="Time of the reading, not of its arrival.")
    last_seen_at: datetime
    cleared_at: datetime | None


class AlertStats(Body):
    """Counts of alerts that have not cleared; `unacknowledged_count` counts cleared ones too."""

    total_active: int = Field(validation_alias=AliasPath("active", "totalCount"))
    critical_count: int = Field(validation_alias=AliasPath("critical", "totalCount"))
    warning_count: int = Field(validation_alias=AliasPath("warning", "totalCount"))
    info_count: int = Field(validation_alias=AliasPath("info", "totalCount"))
    unacknowledged_count: int = Field(validation_alias=AliasPath("unacknowledged", "totalCount"))


def _listed(call: Call) -> dict[str, Any]:
    chosen = dict(call.query)
    acknowledged = chosen.pop("isAcknowledged", None)
    states = {} if acknowledged is None else {"state": _STATES[acknowledged]}
    return {"filter": {**chosen, **states}}


def _suppressed(call: Call) -> dict[str, Any]:
    return {"filter": {"isSuppressed": True, **call.query}}


def _count(alias: str, conditions: str) -> str:
    return f"{alias}: alerts(first: 1, filter: {{ {conditions} }}) {{ totalCount }}"


def _count_active(severity: Severity) -> str:
    return _count(severity.value, f"state: [{_ACTIVE}], severity: [{severity.name}]")


ROUTES = (
    RestRoute(
        method="GET",
        path="/alerts",
        summary="Alerts, newest first.",
        document=_PAGE,
        skip_document=_SKIP,
        query=AlertParameters,
        answer=Alert,
        variables=_listed,
    ),
    RestRoute(
        method="GET",
        path="/alerts/stats",
        summary="How many alerts there are.",
        document=" ".join(
            (
                "query AlertStats {",
                _count("active", f"state: [{_ACTIVE}]"),
                _count("unacknowledged", f"state: [{', '.join(_STATES[False])}]"),
                *map(_count_active, Severity),
                "}",
            )
        ),
        answer=AlertStats,
    ),
    RestRoute(
        method="GET",
        path="/alerts/shelved",
        summary="Alerts that are shelved, suppressed by design or out of service, newest first.",
        document=_PAGE,
        skip_document=_SKIP,
        query=SuppressedParameters,
        answer=Alert,
        variables=_suppressed,
    ),
    *INSIGHT_ROUTES,
    *handling_routes(ALERT, Alert),
    RestRoute(
        method="GET",
        path="/alerts/{alert_id}",
        summary="One alert.",
        document=query("query Alert($id: ID!) { alert(id: $id) { ...AlertFields } }", ALERT),
        answer=Alert,
        variables=path_as(id="alert_id"),
        not_found=ALERT_NOT_FOUND,
    ),
    RestRoute(
        method="POST",
        path="/alerts/{alert_id}/acknowledge",
        summary="Take note of an alert in your name. Everyone may.",
        document=mutation("alertAcknowledge", "alert { ...AlertFields }", ALERT),
        body=Acknowledgement,
        answer=Alert,
        variables=body_as_input(id="alert_id"),
        result=item("alert"),
    ),
)
