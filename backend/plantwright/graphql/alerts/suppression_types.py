"""Shelves, what is out of service, and when a machine runs, as the API shows them."""

from datetime import datetime
from typing import Self

import strawberry

from plantwright.alerts.models import Severity
from plantwright.alerts.suppression import models
from plantwright.alerts.suppression.axis import DesignReason, Suppression
from plantwright.alerts.suppression.models import Comparison, ShelfKind, ShelfState
from plantwright.graphql.assets.types import Machine, load_machine
from plantwright.graphql.context import Info
from plantwright.graphql.identity.people import load_user
from plantwright.graphql.identity.types import User

strawberry.enum(Severity, description="How soon somebody has to act.")
strawberry.enum(Suppression, description="What keeps an alert from announcing itself; separate from its state.")
strawberry.enum(DesignReason, description="Why an alert is suppressed by design.")
strawberry.enum(ShelfKind, description="ONE_SHOT ends when the alert clears, and at its time at the latest.")
strawberry.enum(ShelfState, description="REQUESTED waits for a second person.")
strawberry.enum(Comparison, description="How the newest value is compared.")


@strawberry.type(description="An alert put aside for a time; it covers new alerts of the same cause as well.")
class AlertShelf:
    id: strawberry.ID
    kind: ShelfKind
    state: ShelfState
    reason: str
    requested_at: datetime
    seconds: float = strawberry.field(description="From the moment it comes into force.")
    until: datetime | None = strawberry.field(description="Null while it waits for approval.")
    row: strawberry.Private[models.Shelf]

    @classmethod
    def of(cls, row: models.Shelf) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            kind=ShelfKind(row.kind),
            state=ShelfState(row.state),
            reason=row.reason,
            requested_at=row.requested_at,
            seconds=row.seconds,
            until=row.until,
            row=row,
        )

    @strawberry.field
    async def requested_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.requested_by)

    @strawberry.field(description="The second person, of a critical alert.")
    async def decided_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.decided_by)


@strawberry.type(description="A machine, or one metric of it, that is being worked on: its alerts announce nothing.")
class OutOfService:
    id: strawberry.ID
    reason: str
    began_at: datetime
    until: datetime | None
    ended_at: datetime | None
    work_order_id: strawberry.ID | None = strawberry.field(description="Of work in progress that took it out.")
    row: strawberry.Private[models.OutOfService]

    @classmethod
    def of(cls, row: models.OutOfService) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            reason=row.reason,
            began_at=row.began_at,
            until=row.until,
            ended_at=row.ended_at,
            work_order_id=None if row.work_order_id is None else strawberry.ID(str(row.work_order_id)),
            row=row,
        )

    @strawberry.field
    async def machine(self, info: Info) -> Machine:
        return await load_machine(info, self.row.machine_id)

    @strawberry.field(description="Name of the metric; null when it is the whole machine.")
    async def metric(self, info: Info) -> str | None:
        found = None if self.row.metric_id is None else await info.context.loaders.metric.load(self.row.metric_id)
        return None if found is None else found.name

    @strawberry.field(description="Null when a work order did it.")
    async def began_by(self, info: Info) -> User | None:
        return await load_user(info, self.row.began_by)


@strawberry.type(description="A machine runs while the newest value of the metric compares like this.")
class RunningCondition:
    metric_id: strawberry.ID
    comparison: Comparison
    value: float
    is_running: bool | None = strawberry.field(description="Null until the metric has a usable reading.")
    since: datetime | None = strawberry.field(description="Time of the reading that told so.")
    row: strawberry.Private[models.RunningCondition]

    @classmethod
    def of(cls, row: models.RunningCondition) -> Self:
        return cls(
            metric_id=strawberry.ID(str(row.metric_id)),
            comparison=Comparison(row.operator),
            value=row.value,
            is_running=row.is_running,
            since=row.since,
            row=row,
        )

    @strawberry.field
    async def machine(self, info: Info) -> Machine:
        return await load_machine(info, self.row.machine_id)

    @strawberry.field
    async def metric(self, info: Info) -> str:
        found = await info.context.loaders.metric.load(self.row.metric_id)
        return "" if found is None else found.name
