"""Routes, templates, and dead letters again."""

from typing import Annotated

import strawberry

from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import Conflict, NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.notifications.deliveries import NotificationDelivery
from plantwright.graphql.notifications.inputs import (
    CreateNotificationRouteInput,
    DeleteNotificationRouteInput,
    DeleteNotificationTemplateInput,
    PreviewNotificationTemplateInput,
    ResendNotificationDeliveriesInput,
    ResendNotificationDeliveryInput,
    SaveNotificationTemplateInput,
    UpdateNotificationRouteInput,
    draft_of,
)
from plantwright.graphql.notifications.types import NotificationPreview, NotificationRoute, NotificationTemplate
from plantwright.identity.models import Role
from plantwright.notifications import rules
from plantwright.notifications.door import DELIVERY_NOT_FOUND
from plantwright.notifications.rules import ROUTE_NOT_FOUND
from plantwright.notifications.service import CHANNEL_NOT_FOUND
from plantwright.notifications.templates import Words


@strawberry.type
class CreateNotificationRouteSuccess:
    route: NotificationRoute


@strawberry.type
class UpdateNotificationRouteSuccess:
    route: NotificationRoute


@strawberry.type
class DeleteNotificationRouteSuccess:
    id: strawberry.ID


@strawberry.type
class SaveNotificationTemplateSuccess:
    template: NotificationTemplate


@strawberry.type(description="The built-in words are used again.")
class DeleteNotificationTemplateSuccess:
    is_deleted: bool


@strawberry.type
class PreviewNotificationTemplateSuccess:
    preview: NotificationPreview


@strawberry.type
class ResendNotificationDeliverySuccess:
    delivery: NotificationDelivery


CreateNotificationRouteResult = Annotated[
    CreateNotificationRouteSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("CreateNotificationRouteResult"),
]
UpdateNotificationRouteResult = Annotated[
    UpdateNotificationRouteSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("UpdateNotificationRouteResult"),
]
DeleteNotificationRouteResult = Annotated[
    DeleteNotificationRouteSuccess | PermissionDenied | NotFound, strawberry.union("DeleteNotificationRouteResult")
]
SaveNotificationTemplateResult = Annotated[
    SaveNotificationTemplateSuccess | ValidationFailed | PermissionDenied,
    strawberry.union("SaveNotificationTemplateResult"),
]
DeleteNotificationTemplateResult = Annotated[
    DeleteNotificationTemplateSuccess | PermissionDenied | NotFound,
    strawberry.union("DeleteNotificationTemplateResult"),
]
PreviewNotificationTemplateResult = Annotated[
    PreviewNotificationTemplateSuccess | ValidationFailed | PermissionDenied,
    strawberry.union("PreviewNotificationTemplateResult"),
]


@strawberry.type
class ResendNotificationDeliveriesSuccess:
    resent: int = strawberry.field(description="At most 500; ask again for the rest.")


ResendNotificationDeliveriesResult = Annotated[
    ResendNotificationDeliveriesSuccess | PermissionDenied | NotFound | Conflict,
    strawberry.union("ResendNotificationDeliveriesResult"),
]
ResendNotificationDeliveryResult = Annotated[
    ResendNotificationDeliverySuccess | PermissionDenied | NotFound | Conflict,
    strawberry.union("ResendNotificationDeliveryResult"),
]


@strawberry.type
class NotificationsMutation:
    @strawberry.mutation(description="Say which events go to which channels. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def create_notification_route(
        self,
        info: Info,
        input: CreateNotificationRouteInput,  # noqa: A002
    ) -> CreateNotificationRouteResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        journal = info.context.services.journal
        async with info.context.writing() as work:
            row = await rules.create_route(work, journal, principal.user_id, draft_of(input))
        return CreateNotificationRouteSuccess(route=NotificationRoute.of(row))

    @strawberry.mutation(description="Change a route. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def update_notification_route(
        self,
        info: Info,
        input: UpdateNotificationRouteInput,  # noqa: A002
    ) -> UpdateNotificationRouteResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        journal = info.context.services.journal
        route_id = require_id(input.id, ROUTE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            row = await rules.update_route(work, journal, principal.user_id, route_id, draft_of(input))
        return UpdateNotificationRouteSuccess(route=NotificationRoute.of(row))

    @strawberry.mutation(description="Remove a route. Admins and operators.")
    @returns_errors(PermissionDenied, NotFound)
    async def delete_notification_route(
        self,
        info: Info,
        input: DeleteNotificationRouteInput,  # noqa: A002
    ) -> DeleteNotificationRouteResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        journal = info.context.services.journal
        route_id = require_id(input.id, ROUTE_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await rules.delete_route(work, journal, principal.user_id, route_id)
        return DeleteNotificationRouteSuccess(id=input.id)

    @strawberry.mutation(description="Use words of one's own for an event in a language. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied)
    async def save_notification_template(
        self,
        info: Info,
        input: SaveNotificationTemplateInput,  # noqa: A002
    ) -> SaveNotificationTemplateResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        journal = info.context.services.journal
        words, key = Words(input.subject, input.text), (input.event, input.language)
        async with info.context.writing() as work:
            row = await rules.save_template(work, journal, principal.user_id, key, words)
        saved = NotificationTemplate.of(input.event, input.language, Words(row.subject, row.text), is_own=True)
        return SaveNotificationTemplateSuccess(template=saved)

    @strawberry.mutation(description="Use the built-in words again. Admins and operators.")
    @returns_errors(PermissionDenied, NotFound)
    async def delete_notification_template(
        self,
        info: Info,
        input: DeleteNotificationTemplateInput,  # noqa: A002
    ) -> DeleteNotificationTemplateResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        journal = info.context.services.journal
        async with info.context.writing() as work:
            await rules.delete_template(work, journal, principal.user_id, input.event, input.language)
        return DeleteNotificationTemplateSuccess(is_deleted=True)

    @strawberry.mutation(description="How a message would read; nothing is saved or sent. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied)
    async def preview_notification_template(
        self,
        info: Info,
        input: PreviewNotificationTemplateInput,  # noqa: A002
    ) -> PreviewNotificationTemplateResult:
        info.context.require(Role.ADMIN, Role.OPERATOR)
        door = info.context.services.notifications
        async with info.context.reading() as work:
            words = await door.preview(work, input.event, input.language, input.to_domain())
        shown = NotificationPreview(subject=words.subject, text=words.text)
        return PreviewNotificationTemplateSuccess(preview=shown)

    @strawberry.mutation(
        description="Try a message that was given up or cancelled again, under the same id. Admins and operators."
    )
    @returns_errors(PermissionDenied, NotFound, Conflict)
    async def resend_notification_delivery(
        self,
        info: Info,
        input: ResendNotificationDeliveryInput,  # noqa: A002
    ) -> ResendNotificationDeliveryResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        delivery_id = require_id(input.id, DELIVERY_NOT_FOUND, "id")
        async with info.context.writing() as work:
            row = await info.context.services.notifications.resend(work, principal.user_id, delivery_id)
        return ResendNotificationDeliverySuccess(delivery=NotificationDelivery.of(row))

    @strawberry.mutation(
        description="Try everything of a channel again that was given up or cancelled, oldest first, under the same "
        "ids. Admins and operators."
    )
    @returns_errors(PermissionDenied, NotFound, Conflict)
    async def resend_notification_deliveries(
        self,
        info: Info,
        input: ResendNotificationDeliveriesInput,  # noqa: A002
    ) -> ResendNotificationDeliveriesResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        channel_id = require_id(input.channel_id, CHANNEL_NOT_FOUND, "channelId")
        async with info.context.writing() as work:
            resent = await info.context.services.notifications.resend_all(work, principal.user_id, channel_id)
        return ResendNotificationDeliveriesSuccess(resent=resent)
