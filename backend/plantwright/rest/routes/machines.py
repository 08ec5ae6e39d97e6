"""Machines, their metrics and their health."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from plantwright.assets.models import MachineKind, MachineStatus, Protocol
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.rest.documents import connection, mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as
from plantwright.rest.routes.settings import METRIC, Metric
from plantwright.rest.shapes import FROM_NAME, Body, PageParameters, Payload

MAX_SEARCH = 200

MACHINE = (
    "fragment MachineFields on Machine { id name identifier kind protocol location status healthScore lastReadingAt "
    "activeAlertCount unacknowledgedAlertCount createdAt updatedAt }"
)
_ORDERS = {"name": "NAME", "health_score": "HEALTH_WORST_FIRST"}
_PAGE, _SKIP = connection(
    "machines",
    "...MachineFields",
    MACHINE,
    variables="$filter: MachineFilter, $orderBy: MachineOrder!",
    arguments="filter: $filter, orderBy: $orderBy",
)


class MachineParameters(PageParameters):
    search: str | None = Field(default=None, max_length=MAX_SEARCH, description="Part of name or identifier.")
    status: list[MachineStatus] = Field(default=[], description="May be repeated.")
    kind: list[MachineKind] = Field(default=[], description="May be repeated.")
    sort_by: Literal["name", "health_score"] = "name"
    sort_dir: Literal["asc"] = "asc"


class MachineCreate(Payload):
    name: str
    machine_identifier: str = Field(
        serialization_alias="identifier", description="The name that agents use; unique in the tenant, kept for good."
    )
    protocol: Protocol
    kind: MachineKind = MachineKind.OTHER
    location: str | None = None


class MachineUpdate(Payload):
    """Fields left out stay; `location: null` clears it."""

    name: str | None = None
    kind: MachineKind | None = None
    location: str | None = None


class Machine(Body):
    id: UUID
    name: str
    machine_identifier: str = Field(validation_alias="identifier")
    kind: Annotated[MachineKind, FROM_NAME]
    protocol: Annotated[Protocol, FROM_NAME]
    location: str | None
    status: Annotated[MachineStatus, FROM_NAME]
    health_score: int = Field(description="0 (worst) to 100.")
    last_reading_at: datetime | None
    active_alert_count: int
    unacknowledged_alert_count: int
    created_at: datetime
    updated_at: datetime


class ReadingAgent(Body):
    id: UUID
    name: str


class MachineWithAgents(Machine):
    agents: list[ReadingAgent] = Field(description="Those that have sent readings of it in their past seven days.")


class Deduction(Body):
    """A row of the published table of deductions."""

    rule: str
    description: str
    points_each: int
    found: int
    counted: int
    cap: int
    points: int


class Health(Body):
    score: int
    alert_score: float
    anomaly_score: float
    anomaly_weight: float
    anomaly_episodes: int
    deductions: list[Deduction]
    computed_at: datetime


class MachineHealth(Body):
    machine_id: UUID = Field(validation_alias="id")
    health: Health


class MachineMetrics(Body):
    machine_id: UUID = Field(validation_alias="id")
    metrics: list[Metric]


def _listed(call: Call) -> dict[str, Any]:
    chosen = dict(call.query)
    order = _ORDERS[chosen.pop("sortBy", "name")]
    chosen.pop("sortDir", None)
    return {"filter": chosen, "orderBy": order}


ROUTES = (
    RestRoute(
        method="GET",
        path="/machines",
        summary="Machines of the tenant.",
        document=_PAGE,
        skip_document=_SKIP,
        query=MachineParameters,
        answer=Machine,
        variables=_listed,
    ),
    RestRoute(
        method="POST",
        path="/machines",
        summary="Register a machine. Admins and operators.",
        document=mutation("machineCreate", "machine { ...MachineFields }", MACHINE),
        body=MachineCreate,
        answer=Machine,
        variables=body_as_input(),
        result=item("machine"),
        status=201,
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}",
        summary="One machine.",
        document=query("query Machine($id: ID!) { machine(id: $id) { ...MachineFields agents { id name } } }", MACHINE),
        answer=MachineWithAgents,
        variables=path_as(id="machine_id"),
        not_found=MACHINE_NOT_FOUND,
    ),
    RestRoute(
        method="PATCH",
        path="/machines/{machine_id}",
        summary="Change name, kind or location. Admins and operators.",
        document=mutation("machineUpdate", "machine { ...MachineFields }", MACHINE),
        body=MachineUpdate,
        answer=Machine,
        variables=body_as_input(id="machine_id"),
        result=item("machine"),
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/health",
        summary="The health score with everything it was computed from.",
        document=(
            "query Health($id: ID!) { machine(id: $id) { id health { score alertScore anomalyScore anomalyWeight "
            "anomalyEpisodes computedAt deductions { rule description pointsEach found counted cap points } } } }"
        ),
        answer=MachineHealth,
        variables=path_as(id="machine_id"),
        not_found=MACHINE_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/metrics",
        summary="The metrics of a machine with the detection settings in force, by name.",
        document=query("query Metrics($id: ID!) { machine(id: $id) { id metrics { ...MetricFields } } }", METRIC),
        answer=MachineMetrics,
        variables=path_as(id="machine_id"),
        not_found=MACHINE_NOT_FOUND,
    ),
)
