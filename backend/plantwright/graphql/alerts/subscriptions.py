"""Live alerts and machine status, both out of the journal."""

from collections.abc import AsyncGenerator
from datetime import datetime
from uuid import UUID

import strawberry

from plantwright.alerts import repository
from plantwright.assets.models import MachineStatus
from plantwright.graphql.alerts.types import Alert, AlertEvent
from plantwright.graphql.context import Info
from plantwright.graphql.journal.follow import follow
from plantwright.graphql.scalars import BigInt


@strawberry.type(description="A machine changed its status or its health score.")
class MachineStatusEvent:
    cursor: BigInt = strawberry.field(description="`since`, to resume after a break.")
    machine_id: strawberry.ID
    old_status: MachineStatus
    new_status: MachineStatus
    health_score: int
    at: datetime


@strawberry.type
class AlertsSubscription:
    @strawberry.subscription(description="Each change of an alert; with `since`, changes after that cursor come first.")
    async def alerts(self, info: Info, since: BigInt | None = None) -> AsyncGenerator[AlertEvent]:
        async for record in follow(info, since, ("alert.",)):
            async with info.context.reading() as work:
                row = await repository.get(work, UUID(record.resource_id))
            if row is not None:
                yield AlertEvent(cursor=BigInt(record.sequence), action=record.action, alert=Alert.of(row))

    @strawberry.subscription(description="Each change of status; with `since`, changes after that cursor come first.")
    async def machine_status(self, info: Info, since: BigInt | None = None) -> AsyncGenerator[MachineStatusEvent]:
        async for record in follow(info, since, ("machine.status_changed",)):
            payload = record.payload
            yield MachineStatusEvent(
                cursor=BigInt(record.sequence),
                machine_id=strawberry.ID(payload["machine_id"]),
                old_status=MachineStatus(payload["old_status"]),
                new_status=MachineStatus(payload["new_status"]),
                health_score=payload["health_score"],
                at=record.created_at,
            )
