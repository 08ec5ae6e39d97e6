"""Making and changing work orders."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

import strawberry

from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.maintenance.types import WorkOrder
from plantwright.identity.models import Role
from plantwright.maintenance import service
from plantwright.maintenance.models import Priority, WorkOrderStatus

USER_NOT_FOUND = "User not found."


@strawberry.input(description="From a machine, or from an alert, whose machine it then is.")
class WorkOrderCreateInput:
    title: str = strawberry.field(description="1 to 200 characters.")
    machine_id: strawberry.ID | None = None
    alert_id: strawberry.ID | None = None
    description: str = strawberry.field(default="", description="Up to 10,000 characters.")
    priority: Priority = Priority.MEDIUM
    assigned_to: strawberry.ID | None = strawberry.field(default=None, description="An active user.")


@strawberry.type
class WorkOrderCreateSuccess:
    work_order: WorkOrder


WorkOrderCreateResult = Annotated[
    WorkOrderCreateSuccess | ValidationFailed | PermissionDenied | NotFound, strawberry.union("WorkOrderCreateResult")
]


@strawberry.input(description="Fields left out stay; `assignedTo: null` clears it.")
class WorkOrderUpdateInput:
    id: strawberry.ID
    expected_version: int = strawberry.field(description="`version` as you saw it; another one is a conflict.")
    title: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    priority: Priority | None = strawberry.UNSET
    assigned_to: strawberry.ID | None = strawberry.UNSET
    status: WorkOrderStatus | None = strawberry.UNSET

    def to_domain(self) -> service.WorkOrderChanges:
        changes = service.WorkOrderChanges(
            title=None if self.title is strawberry.UNSET else self.title,
            description=None if self.description is strawberry.UNSET else self.description,
            priority=None if self.priority is strawberry.UNSET else self.priority,
            status=None if self.status is strawberry.UNSET else self.status,
        )
        if self.assigned_to is strawberry.UNSET:
            return changes
        return replace(changes, assigned_to=_optional_id(self.assigned_to, USER_NOT_FOUND, "assignedTo"))


@strawberry.type
class WorkOrderUpdateSuccess:
    work_order: WorkOrder


WorkOrderUpdateResult = Annotated[
    WorkOrderUpdateSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("WorkOrderUpdateResult"),
]


@strawberry.type
class MaintenanceMutation:
    @strawberry.mutation(description="Order work on a machine. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound)
    async def work_order_create(self, info: Info, input: WorkOrderCreateInput) -> WorkOrderCreateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        machine_id = _optional_id(input.machine_id, service.MACHINE_NOT_FOUND, "machineId")
        alert_id = _optional_id(input.alert_id, service.ALERT_NOT_FOUND, "alertId")
        async with info.context.writing() as work:
            order = await service.create(
                work,
                info.context.services.journal,
                principal.user_id,
                title=input.title,
                description=input.description,
                priority=input.priority,
                machine_id=machine_id,
                alert_id=alert_id,
                assigned_to=_optional_id(input.assigned_to, USER_NOT_FOUND, "assignedTo"),
            )
        return WorkOrderCreateSuccess(work_order=WorkOrder.of(order))

    @strawberry.mutation(description="Change a work order or move it on. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def work_order_update(self, info: Info, input: WorkOrderUpdateInput) -> WorkOrderUpdateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        order_id = require_id(input.id, service.WORK_ORDER_NOT_FOUND, "id")
        async with info.context.writing() as work:
            order = await service.update(
                work,
                info.context.services.journal,
                principal.user_id,
                order_id,
                expected_version=input.expected_version,
                changes=input.to_domain(),
            )
        return WorkOrderUpdateSuccess(work_order=WorkOrder.of(order))


def _optional_id(text: str | None, message: str, path: str) -> UUID | None:
    return None if text is None else require_id(text, message, path)
