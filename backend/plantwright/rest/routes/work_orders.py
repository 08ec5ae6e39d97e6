"""Work orders."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AliasPath, Field

from plantwright.maintenance.models import Priority, WorkOrderStatus
from plantwright.maintenance.service import WORK_ORDER_NOT_FOUND
from plantwright.rest.documents import connection, mutation, query
from plantwright.rest.route import RestRoute, body_as_input, item, path_as, query_as_filter
from plantwright.rest.shapes import FROM_NAME, LARGEST_INT, Body, Integer, PageParameters, Payload

WORK_ORDER = (
    "fragment WorkOrderFields on WorkOrder { id number machine { id name } alert { id } title description priority "
    "status assignedTo { id } createdBy { id } createdAt updatedAt version }"
)
_PAGE, _SKIP = connection(
    "workOrders", "...WorkOrderFields", WORK_ORDER, variables="$filter: WorkOrderFilter", arguments="filter: $filter"
)


class WorkOrderParameters(PageParameters):
    machine_id: UUID | None = None
    status: list[WorkOrderStatus] = Field(default=[], description="May be repeated.")
    assigned_to: UUID | None = None


class WorkOrderCreate(Payload):
    """On a machine, or from an alert and so on its machine."""

    machine_id: UUID | None = None
    alert_id: UUID | None = None
    title: str
    description: str = ""
    priority: Priority = Priority.MEDIUM
    assigned_to: UUID | None = None


class WorkOrderUpdate(Payload):
    """Fields left out stay; `assigned_to: null` takes the work order from its assignee."""

    expected_version: Integer = Field(
        ge=1, le=LARGEST_INT, description="The `version` that the change is made from; 409 when it is another by now."
    )
    title: str | None = None
    description: str | None = None
    priority: Priority | None = None
    assigned_to: UUID | None = None
    status: WorkOrderStatus | None = None


class WorkOrder(Body):
    id: UUID
    number: int
    machine_id: UUID = Field(validation_alias=AliasPath("machine", "id"))
    machine_name: str = Field(validation_alias=AliasPath("machine", "name"))
    alert_id: UUID | None = Field(default=None, validation_alias=AliasPath("alert", "id"))
    title: str
    description: str
    priority: Annotated[Priority, FROM_NAME]
    status: Annotated[WorkOrderStatus, FROM_NAME]
    assigned_to: UUID | None = Field(default=None, validation_alias=AliasPath("assignedTo", "id"))
    created_by: UUID | None = Field(default=None, validation_alias=AliasPath("createdBy", "id"))
    created_at: datetime
    updated_at: datetime
    version: int


ROUTES = (
    RestRoute(
        method="GET",
        path="/work-orders",
        summary="Work orders, newest first.",
        document=_PAGE,
        skip_document=_SKIP,
        query=WorkOrderParameters,
        answer=WorkOrder,
        variables=query_as_filter,
    ),
    RestRoute(
        method="POST",
        path="/work-orders",
        summary="Order work on a machine. Admins and operators.",
        document=mutation("workOrderCreate", "workOrder { ...WorkOrderFields }", WORK_ORDER),
        body=WorkOrderCreate,
        answer=WorkOrder,
        variables=body_as_input(),
        result=item("workOrder"),
        status=201,
    ),
    RestRoute(
        method="GET",
        path="/work-orders/{work_order_id}",
        summary="One work order.",
        document=query("query WorkOrder($id: ID!) { workOrder(id: $id) { ...WorkOrderFields } }", WORK_ORDER),
        answer=WorkOrder,
        variables=path_as(id="work_order_id"),
        not_found=WORK_ORDER_NOT_FOUND,
    ),
    RestRoute(
        method="PATCH",
        path="/work-orders/{work_order_id}",
        summary="Change a work order, its status too. Admins and operators.",
        document=mutation("workOrderUpdate", "workOrder { ...WorkOrderFields }", WORK_ORDER),
        body=WorkOrderUpdate,
        answer=WorkOrder,
        variables=body_as_input(id="work_order_id"),
        result=item("workOrder"),
    ),
)
