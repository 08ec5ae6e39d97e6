"""Work orders as the API shows them."""

from datetime import datetime
from typing import Self

import strawberry

from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.assets.types import Machine, load_machine
from plantwright.graphql.connection import PageInfo
from plantwright.graphql.context import Info
from plantwright.graphql.identity.people import load_user
from plantwright.graphql.identity.types import User
from plantwright.maintenance import models
from plantwright.maintenance.models import Priority, WorkOrderStatus

strawberry.enum(Priority, description="How urgent the work is.")
strawberry.enum(WorkOrderStatus, description="Open, in progress, completed; or cancelled before completion.")


@strawberry.type(description="Work to be done on a machine.")
class WorkOrder:
    id: strawberry.ID
    number: int = strawberry.field(description="Counts up in the tenant, for people.")
    title: str
    description: str
    priority: Priority
    status: WorkOrderStatus
    created_at: datetime
    updated_at: datetime
    version: int = strawberry.field(description="Give it back as `expectedVersion` with a change.")
    row: strawberry.Private[models.WorkOrder]

    @classmethod
    def of(cls, row: models.WorkOrder) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            number=row.number,
            title=row.title,
            description=row.description,
            priority=Priority(row.priority),
            status=WorkOrderStatus(row.status),
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
            row=row,
        )

    @strawberry.field
    async def machine(self, info: Info) -> Machine:
        return await load_machine(info, self.row.machine_id)

    @strawberry.field(description="The alert that it was made from.")
    async def alert(self, info: Info) -> Alert | None:
        if self.row.alert_id is None:
            return None
        found = await info.context.loaders.alert.load(self.row.alert_id)
        return None if found is None else Alert.of(found)

    @strawberry.field
    async def assigned_to(self, info: Info) -> User | None:
        return await load_user(info, self.row.assigned_to)

    @strawberry.field
    async def created_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.created_by)


@strawberry.type
class WorkOrderEdge:
    cursor: str
    node: WorkOrder


@strawberry.type
class WorkOrderConnection:
    edges: list[WorkOrderEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Work orders that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[WorkOrder]:
        return [edge.node for edge in self.edges]
