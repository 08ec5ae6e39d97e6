"""Acknowledging alerts."""

from typing import Annotated

import strawberry

from plantwright.alerts import service
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, ValidationFailed, returns_errors


@strawberry.input
class AlertAcknowledgeInput:
    id: strawberry.ID
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")


@strawberry.type
class AlertAcknowledgeSuccess:
    alert: Alert


AlertAcknowledgeResult = Annotated[
    AlertAcknowledgeSuccess | ValidationFailed | NotFound | Conflict, strawberry.union("AlertAcknowledgeResult")
]


@strawberry.type
class AlertsMutation:
    @strawberry.mutation(description="Take note of an alert in your name. Everyone may.")
    @returns_errors(ValidationFailed, NotFound, Conflict)
    async def alert_acknowledge(self, info: Info, input: AlertAcknowledgeInput) -> AlertAcknowledgeResult:  # noqa: A002
        principal = info.context.principal
        alert_id = require_id(input.id, service.ALERT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            journal = info.context.services.journal
            alert = await service.acknowledge(work, journal, principal.user_id, alert_id, input.note)
        return AlertAcknowledgeSuccess(alert=Alert.of(alert))
