"""Acknowledging, commenting and assigning alerts."""

from typing import Annotated

import strawberry

from plantwright.alerts import service
from plantwright.alerts.models import AlertOutcome
from plantwright.core.ids import parse_id
from plantwright.graphql.alerts.service_state import ServiceStateMutation
from plantwright.graphql.alerts.shelving import ShelvingMutation
from plantwright.graphql.alerts.types import Alert
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.identity.models import Role

NO_SUCH_PERSON = "An alert can only be given to an active user."


@strawberry.input
class AlertAcknowledgeInput:
    id: strawberry.ID
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    outcome: AlertOutcome | None = strawberry.field(default=None, description="What it turned out to be, if known.")


@strawberry.type
class AlertAcknowledgeSuccess:
    alert: Alert


AlertAcknowledgeResult = Annotated[
    AlertAcknowledgeSuccess | ValidationFailed | NotFound | Conflict, strawberry.union("AlertAcknowledgeResult")
]


@strawberry.input(description="Up to 100 alerts of one site.")
class AlertsAcknowledgeInput:
    alert_ids: list[strawberry.ID]
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    outcome: AlertOutcome | None = strawberry.field(default=None, description="What it turned out to be, if known.")


@strawberry.type
class AlertsAcknowledgeSuccess:
    alerts: list[Alert]
    acknowledged_count: int
    already_acknowledged_count: int


AlertsAcknowledgeResult = Annotated[
    AlertsAcknowledgeSuccess | ValidationFailed | NotFound, strawberry.union("AlertsAcknowledgeResult")
]


@strawberry.input
class AlertOpenInput:
    id: strawberry.ID


@strawberry.type
class AlertOpenSuccess:
    alert: Alert


AlertOpenResult = Annotated[AlertOpenSuccess | NotFound, strawberry.union("AlertOpenResult")]


@strawberry.input
class AlertJudgeInput:
    id: strawberry.ID
    outcome: AlertOutcome | None = strawberry.field(description="Null takes it back.")


@strawberry.type
class AlertJudgeSuccess:
    alert: Alert


AlertJudgeResult = Annotated[AlertJudgeSuccess | NotFound, strawberry.union("AlertJudgeResult")]


@strawberry.input
class AlertCommentInput:
    id: strawberry.ID
    body: str = strawberry.field(description="1 to 10,000 characters.")


@strawberry.type
class AlertCommentSuccess:
    alert: Alert


AlertCommentResult = Annotated[
    AlertCommentSuccess | ValidationFailed | NotFound, strawberry.union("AlertCommentResult")
]


@strawberry.input
class AlertAssignInput:
    id: strawberry.ID
    assignee_id: strawberry.ID | None = strawberry.field(default=None, description="Null gives it to nobody.")


@strawberry.type
class AlertAssignSuccess:
    alert: Alert


AlertAssignResult = Annotated[
    AlertAssignSuccess | ValidationFailed | NotFound | PermissionDenied, strawberry.union("AlertAssignResult")
]


@strawberry.type
class AlertsMutation(ShelvingMutation, ServiceStateMutation):
    @strawberry.mutation(description="Take note of an alert in your name. Everyone may.")
    @returns_errors(ValidationFailed, NotFound, Conflict)
    async def alert_acknowledge(self, info: Info, input: AlertAcknowledgeInput) -> AlertAcknowledgeResult:  # noqa: A002
        principal = info.context.principal
        alert_id = require_id(input.id, service.ALERT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            journal = info.context.services.journal
            alert = await service.acknowledge(
                work, journal, principal.user_id, alert_id, input.note, outcome=input.outcome
            )
        return AlertAcknowledgeSuccess(alert=Alert.of(alert))

    @strawberry.mutation(description="Take note of the alerts that you have before you. Everyone may.")
    @returns_errors(ValidationFailed, NotFound)
    async def alerts_acknowledge(self, info: Info, input: AlertsAcknowledgeInput) -> AlertsAcknowledgeResult:  # noqa: A002
        principal = info.context.principal
        ids = [require_id(alert_id, service.ALERT_NOT_FOUND, "alertIds") for alert_id in input.alert_ids]
        async with info.context.writing() as work:
            journal = info.context.services.journal
            done = await service.acknowledge_many(
                work, journal, principal.user_id, ids, input.note, outcome=input.outcome
            )
        return AlertsAcknowledgeSuccess(
            alerts=[Alert.of(alert) for alert in done.alerts],
            acknowledged_count=len(done.alerts) - done.already,
            already_acknowledged_count=done.already,
        )

    @strawberry.mutation(
        description="You look at the alert: when that is first done is kept, and not by whom. Everyone may."
    )
    @returns_errors(NotFound)
    async def alert_open(self, info: Info, input: AlertOpenInput) -> AlertOpenResult:  # noqa: A002 - the API's word
        _ = info.context.principal
        alert_id = require_id(input.id, service.ALERT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            alert = await service.note_opened(work, alert_id)
        return AlertOpenSuccess(alert=Alert.of(alert))

    @strawberry.mutation(description="Say what an alert turned out to be, in any of its states. Everyone may.")
    @returns_errors(NotFound)
    async def alert_judge(self, info: Info, input: AlertJudgeInput) -> AlertJudgeResult:  # noqa: A002 - the API's word
        principal = info.context.principal
        alert_id = require_id(input.id, service.ALERT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            journal = info.context.services.journal
            alert = await service.judge(work, journal, principal.user_id, alert_id, input.outcome)
        return AlertJudgeSuccess(alert=Alert.of(alert))

    @strawberry.mutation(description="Write something on an alert. Everyone may.")
    @returns_errors(ValidationFailed, NotFound)
    async def alert_comment(self, info: Info, input: AlertCommentInput) -> AlertCommentResult:  # noqa: A002
        principal = info.context.principal
        alert_id = require_id(input.id, service.ALERT_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.comment(work, info.context.services.journal, principal.user_id, alert_id, input.body)
            alert = await service.get(work, alert_id)
        return AlertCommentSuccess(alert=Alert.of(alert))

    @strawberry.mutation(description="Give an alert to a person. Admins and operators.")
    @returns_errors(ValidationFailed, NotFound, PermissionDenied)
    async def alert_assign(self, info: Info, input: AlertAssignInput) -> AlertAssignResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        alert_id = require_id(input.id, service.ALERT_NOT_FOUND, "id")
        assignee_id = None if input.assignee_id is None else parse_id(input.assignee_id)
        if input.assignee_id is not None and assignee_id is None:
            return ValidationFailed(code="VALIDATION_FAILED", message=NO_SUCH_PERSON, path=["assigneeId"])
        async with info.context.writing() as work:
            journal = info.context.services.journal
            alert = await service.assign(work, journal, principal.user_id, alert_id, assignee_id)
        return AlertAssignSuccess(alert=Alert.of(alert))
