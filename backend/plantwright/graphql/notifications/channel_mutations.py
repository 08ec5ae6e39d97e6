"""Making, changing, testing and deleting channels."""

from typing import Annotated

import strawberry

from plantwright.graphql.context import Info, require_id
from plantwright.graphql.errors import (
    Conflict,
    NotFound,
    PermissionDenied,
    TooManyAttempts,
    ValidationFailed,
    returns_errors,
)
from plantwright.graphql.notifications.inputs import (
    CreateNotificationChannelInput,
    DeleteNotificationChannelInput,
    RotateNotificationChannelSecretInput,
    TestNotificationChannelInput,
    UpdateNotificationChannelInput,
    config_of,
)
from plantwright.graphql.notifications.types import NotificationChannel
from plantwright.identity.models import Role
from plantwright.notifications import service
from plantwright.notifications.service import CHANNEL_NOT_FOUND


@strawberry.type
class CreateNotificationChannelSuccess:
    channel: NotificationChannel
    signing_secret: str | None = strawberry.field(description="Of a webhook; it is not shown again.")


@strawberry.type
class UpdateNotificationChannelSuccess:
    channel: NotificationChannel


@strawberry.type(description="Its deliveries are gone with it.")
class DeleteNotificationChannelSuccess:
    id: strawberry.ID


@strawberry.type(description="The test was made; it may have failed.")
class TestNotificationChannelSuccess:
    is_delivered: bool
    status: str = strawberry.field(description="Of the protocol.")
    detail: str = strawberry.field(description="What happened, for people.")
    latency_ms: int
    delivery_id: strawberry.ID = strawberry.field(description="Its place in the delivery log.")


@strawberry.type
class RotateNotificationChannelSecretSuccess:
    channel: NotificationChannel
    signing_secret: str = strawberry.field(description="Not shown again; the one before is valid for another day.")


CreateNotificationChannelResult = Annotated[
    CreateNotificationChannelSuccess | ValidationFailed | PermissionDenied | Conflict,
    strawberry.union("CreateNotificationChannelResult"),
]
UpdateNotificationChannelResult = Annotated[
    UpdateNotificationChannelSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("UpdateNotificationChannelResult"),
]
DeleteNotificationChannelResult = Annotated[
    DeleteNotificationChannelSuccess | PermissionDenied | NotFound | Conflict,
    strawberry.union("DeleteNotificationChannelResult"),
]
TestNotificationChannelResult = Annotated[
    TestNotificationChannelSuccess | PermissionDenied | NotFound | TooManyAttempts,
    strawberry.union("TestNotificationChannelResult"),
]
RotateNotificationChannelSecretResult = Annotated[
    RotateNotificationChannelSecretSuccess | ValidationFailed | PermissionDenied | NotFound | Conflict,
    strawberry.union("RotateNotificationChannelSecretResult"),
]


@strawberry.type
class NotificationChannelsMutation:
    @strawberry.mutation(description="Add a way to reach people. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, Conflict)
    async def create_notification_channel(
        self,
        info: Info,
        input: CreateNotificationChannelInput,  # noqa: A002
    ) -> CreateNotificationChannelResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        tools = info.context.services.notifications.tools
        kind = (input.type, config_of(input.config))
        async with info.context.writing() as work:
            row, secret = await service.create(work, tools, principal.user_id, kind, input.to_domain())
        return CreateNotificationChannelSuccess(channel=NotificationChannel.of(row), signing_secret=secret)

    @strawberry.mutation(description="Change a channel, or switch it on or off. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def update_notification_channel(
        self,
        info: Info,
        input: UpdateNotificationChannelInput,  # noqa: A002
    ) -> UpdateNotificationChannelResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        tools = info.context.services.notifications.tools
        channel_id = require_id(input.id, CHANNEL_NOT_FOUND, "id")
        config = None if input.config is None else config_of(input.config)
        async with info.context.writing() as work:
            row = await service.update(work, tools, principal.user_id, channel_id, input.to_domain(), config=config)
        return UpdateNotificationChannelSuccess(channel=NotificationChannel.of(row))

    @strawberry.mutation(description="Remove a channel with its delivery log. Admins and operators.")
    @returns_errors(PermissionDenied, NotFound, Conflict)
    async def delete_notification_channel(
        self,
        info: Info,
        input: DeleteNotificationChannelInput,  # noqa: A002
    ) -> DeleteNotificationChannelResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        tools = info.context.services.notifications.tools
        channel_id = require_id(input.id, CHANNEL_NOT_FOUND, "id")
        async with info.context.writing() as work:
            await service.delete(work, tools, principal.user_id, channel_id)
        return DeleteNotificationChannelSuccess(id=input.id)

    @strawberry.mutation(description="Send a test message now and say what came of it. Admins and operators.")
    @returns_errors(PermissionDenied, NotFound, TooManyAttempts)
    async def test_notification_channel(
        self,
        info: Info,
        input: TestNotificationChannelInput,  # noqa: A002
    ) -> TestNotificationChannelResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        channel_id = require_id(input.id, CHANNEL_NOT_FOUND, "id")
        door = info.context.services.notifications
        result = await door.test(principal.tenant_id, principal.user_id, channel_id)
        return TestNotificationChannelSuccess(
            is_delivered=result.outcome.is_delivered,
            status=result.outcome.status,
            detail=result.outcome.detail,
            latency_ms=result.outcome.latency_ms,
            delivery_id=strawberry.ID(str(result.delivery.id)),
        )

    @strawberry.mutation(description="A new signing secret for a webhook. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound, Conflict)
    async def rotate_notification_channel_secret(
        self,
        info: Info,
        input: RotateNotificationChannelSecretInput,  # noqa: A002
    ) -> RotateNotificationChannelSecretResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        tools = info.context.services.notifications.tools
        channel_id = require_id(input.id, CHANNEL_NOT_FOUND, "id")
        async with info.context.writing() as work:
            row, secret = await service.rotate_secret(work, tools, principal.user_id, channel_id)
        return RotateNotificationChannelSecretSuccess(channel=NotificationChannel.of(row), signing_secret=secret)
