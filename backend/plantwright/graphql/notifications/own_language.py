"""The language in which one is told oneself."""

from typing import Annotated

import strawberry

from plantwright.graphql.context import Info
from plantwright.graphql.errors import ValidationFailed, returns_errors
from plantwright.graphql.notifications.enums import Language
from plantwright.notifications.addresses import Addresses, language_of


@strawberry.type
class OwnLanguageQuery:
    @strawberry.field(description="In which the caller is told, by mail and in browsers.")
    async def notification_language(self, info: Info) -> Language:
        principal = info.context.principal
        async with info.context.reading() as work:
            return await language_of(work, principal.user_id)


@strawberry.input
class SetNotificationLanguageInput:
    language: Language


@strawberry.type
class SetNotificationLanguageSuccess:
    language: Language


SetNotificationLanguageResult = Annotated[
    SetNotificationLanguageSuccess | ValidationFailed, strawberry.union("SetNotificationLanguageResult")
]


@strawberry.type
class OwnLanguageMutation:
    @strawberry.mutation(description="Choose the language in which one is told, by mail and in browsers.")
    @returns_errors(ValidationFailed)
    async def set_notification_language(
        self,
        info: Info,
        input: SetNotificationLanguageInput,  # noqa: A002
    ) -> SetNotificationLanguageResult:
        principal = info.context.principal
        tools = info.context.services.notifications.tools
        async with info.context.writing() as work:
            await Addresses(tools.channels, tools.vault).set_language(work, principal.user_id, input.language)
        return SetNotificationLanguageSuccess(language=input.language)
