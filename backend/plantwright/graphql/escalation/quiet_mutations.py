"""Setting and dropping quiet hours."""

from typing import Annotated
from uuid import UUID

import strawberry

from plantwright.escalation import quiet_settings as service
from plantwright.escalation.targets import CHANNEL_NOT_FOUND
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.escalation.quiet_hours import QuietHoursRemoveInput, QuietHoursSetInput, QuietHoursSettings


@strawberry.type
class QuietHoursSetSuccess:
    settings: QuietHoursSettings


@strawberry.type
class QuietHoursRemoveSuccess:
    settings: QuietHoursSettings


QuietHoursSetResult = Annotated[
    QuietHoursSetSuccess | ValidationFailed | PermissionDenied | NotFound, strawberry.union("QuietHoursSetResult")
]
QuietHoursRemoveResult = Annotated[
    QuietHoursRemoveSuccess | PermissionDenied | NotFound, strawberry.union("QuietHoursRemoveResult")
]


@strawberry.type
class QuietHoursMutation:
    @strawberry.mutation(description="What waits already is told when these say so.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound)
    async def quiet_hours_set(self, info: Info, input: QuietHoursSetInput) -> QuietHoursSetResult:  # noqa: A002
        principal = info.context.principal
        async with info.context.writing() as work:
            subject_id = await service.subject_of(work, principal, input.scope, _channel_id(input.channel_id))
            await service.put(
                work,
                info.context.services.journal,
                principal.user_id,
                scope=input.scope,
                subject_id=subject_id,
                quiet=input.to_domain(),
            )
            settings = await QuietHoursSettings.load(work, principal)
        return QuietHoursSetSuccess(settings=settings)

    @strawberry.mutation(description="Those of the tenant hold again, if there are any.")
    @returns_errors(PermissionDenied, NotFound)
    async def quiet_hours_remove(self, info: Info, input: QuietHoursRemoveInput) -> QuietHoursRemoveResult:  # noqa: A002
        principal = info.context.principal
        async with info.context.writing() as work:
            subject_id = await service.subject_of(work, principal, input.scope, _channel_id(input.channel_id))
            await service.remove(work, info.context.services.journal, principal.user_id, input.scope, subject_id)
            settings = await QuietHoursSettings.load(work, principal)
        return QuietHoursRemoveSuccess(settings=settings)


def _channel_id(text: str | None) -> UUID | None:
    return None if text is None else require_id(text, CHANNEL_NOT_FOUND, "channelId")
