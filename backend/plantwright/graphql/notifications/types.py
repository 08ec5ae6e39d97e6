"""Channels, routes and templates as the API shows them."""

from datetime import datetime
from typing import Self
from uuid import UUID

import msgspec
import strawberry
from strawberry.scalars import JSON

from plantwright.alerts.models import Severity
from plantwright.graphql.connection import PageInfo
from plantwright.graphql.context import Info
from plantwright.graphql.notifications import enums as enums  # noqa: PLC0414 - registers them
from plantwright.graphql.notifications.fields import NotificationChannelField
from plantwright.graphql.scalars import BigInt
from plantwright.notifications import models
from plantwright.notifications.channels.contract import Channel
from plantwright.notifications.events import Event
from plantwright.notifications.models import ChannelRuntime, Language
from plantwright.notifications.templates import Words


@strawberry.type(description="How sending through a channel goes.")
class NotificationChannelStatus:
    last_success_at: datetime | None
    last_error: str | None = strawberry.field(description="Kept after recovery.")
    last_error_at: datetime | None
    failures: int = strawberry.field(description="In a row.")
    failing_since: datetime | None = strawberry.field(description="After five days the channel is switched off.")
    paused_until: datetime | None = strawberry.field(description="The endpoint is left alone until then.")
    disabled_reason: str | None = strawberry.field(description="Why the server switched the channel off, if it did.")
    sent: BigInt = strawberry.field(description="Messages of this channel so far; the last one's sequence.")

    @classmethod
    def of(cls, row: ChannelRuntime) -> Self:
        return cls(
            last_success_at=row.last_success_at,
            last_error=row.last_error,
            last_error_at=row.last_error_at,
            failures=row.failures,
            failing_since=row.failing_since,
            paused_until=row.paused_until,
            disabled_reason=row.disabled_reason,
            sent=BigInt(row.sequence),
        )


@strawberry.type(description="A way to reach people or programs.")
class NotificationChannel:
    id: strawberry.ID
    name: str
    type: str = strawberry.field(description="One of `notificationChannelTypes`.")
    config: JSON = strawberry.field(description="Without the fields that are secret.")
    has_secrets: bool = strawberry.field(description="Whether secrets are stored; they are never shown.")
    is_active: bool
    is_personal: bool = strawberry.field(description="Whether it is an address of a user.")
    language: Language
    rate_per_minute: int
    keeps_order: bool
    max_hold_minutes: int
    created_at: datetime
    updated_at: datetime
    row_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: models.NotificationChannel) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            type=row.type,
            config=JSON(row.config),
            has_secrets=row.secrets is not None,
            is_active=row.is_active,
            is_personal=row.user_id is not None,
            language=Language(row.language),
            rate_per_minute=row.rate_per_minute,
            keeps_order=row.keeps_order,
            max_hold_minutes=row.max_hold_minutes,
            created_at=row.created_at,
            updated_at=row.updated_at,
            row_id=row.id,
        )

    @strawberry.field
    async def status(self, info: Info) -> NotificationChannelStatus | None:
        row = await info.context.loaders.channel_runtime.load(self.row_id)
        return NotificationChannelStatus.of(row) if row else None

    @strawberry.field(description="Messages that were given up or cancelled, as far as the log goes back; no tests.")
    async def undelivered(self, info: Info) -> int:
        return await info.context.loaders.undelivered_of_channel.load(self.row_id) or 0


@strawberry.type
class NotificationChannelEdge:
    cursor: str
    node: NotificationChannel


@strawberry.type
class NotificationChannelConnection:
    edges: list[NotificationChannelEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Channels that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[NotificationChannel]:
        return [edge.node for edge in self.edges]


@strawberry.type
class NotificationChannelType:
    type: str
    fields: list[NotificationChannelField]

    @classmethod
    def of(cls, channel: Channel) -> Self:
        shown = [one for one in msgspec.structs.fields(channel.Config) if one.name not in channel.generated_fields]
        return cls(type=channel.type, fields=[NotificationChannelField.of(one, channel) for one in shown])


@strawberry.type(description="Which events go to which channels. Empty lists of severities, sites, machines: all.")
class NotificationRoute:
    id: strawberry.ID
    name: str
    is_active: bool
    events: list[Event]
    severities: list[Severity]
    sites: list[str]
    machine_ids: list[strawberry.ID]
    channel_ids: list[strawberry.ID]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: models.NotificationRoute) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            is_active=row.is_active,
            events=[Event(one) for one in row.events],
            severities=[Severity(one) for one in row.severities],
            sites=row.sites,
            machine_ids=[strawberry.ID(str(one)) for one in row.machine_ids],
            channel_ids=[strawberry.ID(str(one)) for one in row.channel_ids],
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


@strawberry.type(description="The words for an event in a language.")
class NotificationTemplate:
    event: Event
    language: Language
    subject: str
    text: str
    is_own: bool = strawberry.field(description="Whether the tenant wrote them; else they are built in.")

    @classmethod
    def of(cls, event: Event, language: Language, words: Words, *, is_own: bool) -> Self:
        return cls(event=event, language=language, subject=words.subject, text=words.text, is_own=is_own)


@strawberry.type(description="A message as it would be sent.")
class NotificationPreview:
    subject: str
    text: str
