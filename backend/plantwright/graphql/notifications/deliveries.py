"""The delivery log as the API shows it."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from plantwright.alerts.models import Severity
from plantwright.core.ids import parse_id
from plantwright.graphql.connection import (
    PageInfo,
    cut_page,
    decode_cursor,
    encode_cursor,
    require_page,
)
from plantwright.graphql.context import Info, filter_id
from plantwright.graphql.journal.follow import follow
from plantwright.graphql.notifications.types import NotificationChannel
from plantwright.graphql.scalars import BigInt
from plantwright.graphql.selection import selects
from plantwright.notifications import log_repository, models
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications.events import Event
from plantwright.notifications.models import DeliveryStatus, Language


@strawberry.type(description="One try to send a message.")
class NotificationAttempt:
    number: int
    started_at: datetime
    is_delivered: bool | None = strawberry.field(description="Null while it runs, and when the sender ended meanwhile.")
    status: str = strawberry.field(description="Of the protocol: an HTTP or SMTP status, or a word such as timeout.")
    detail: str
    response: str = strawberry.field(description="The beginning of what the receiver said, up to 2 kB.")
    latency_ms: int | None

    @classmethod
    def of(cls, row: models.NotificationAttempt) -> Self:
        return cls(
            number=row.number,
            started_at=row.started_at,
            is_delivered=row.is_delivered,
            status=row.status,
            detail=row.detail,
            response=row.response,
            latency_ms=row.latency_ms,
        )


@strawberry.type(description="One message to one channel.")
class NotificationDelivery:
    id: strawberry.ID = strawberry.field(description="The same over all attempts; `webhook-id` of webhooks.")
    sequence: BigInt = strawberry.field(description="Counts the messages of the channel.")
    event: Event
    status: DeliveryStatus
    severity: Severity | None
    alert_id: strawberry.ID | None
    machine_id: strawberry.ID | None
    subject: str
    text: str
    link: str | None
    payload: JSON = strawberry.field(description="The body of webhooks.")
    language: Language
    is_test: bool
    detail: str = strawberry.field(description="Of the last attempt.")
    attempts: int
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None
    row: strawberry.Private[models.NotificationDelivery]

    @classmethod
    def of(cls, row: models.NotificationDelivery) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            sequence=BigInt(row.sequence),
            event=Event(row.event),
            status=DeliveryStatus(row.status),
            severity=None if row.severity is None else Severity(row.severity),
            alert_id=None if row.alert_id is None else strawberry.ID(str(row.alert_id)),
            machine_id=None if row.machine_id is None else strawberry.ID(str(row.machine_id)),
            subject=row.subject,
            text=row.text,
            link=row.link,
            payload=JSON(row.payload),
            language=Language(row.language),
            is_test=row.is_test,
            detail=row.detail,
            attempts=row.attempts,
            due_at=row.due_at,
            created_at=row.created_at,
            finished_at=row.finished_at,
            row=row,
        )

    @strawberry.field
    async def channel(self, info: Info) -> NotificationChannel | None:
        row = await info.context.loaders.notification_channel.load(self.row.channel_id)
        return NotificationChannel.of(row) if row else None

    @strawberry.field(description="Every try, oldest first.")
    async def attempt_log(self, info: Info) -> list[NotificationAttempt]:
        return [NotificationAttempt.of(row) for row in await info.context.loaders.delivery_attempts.load(self.row.id)]


@strawberry.type
class NotificationDeliveryEdge:
    cursor: str
    node: NotificationDelivery


@strawberry.type
class NotificationDeliveryConnection:
    edges: list[NotificationDeliveryEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Deliveries that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[NotificationDelivery]:
        return [edge.node for edge in self.edges]


@strawberry.input(description="All given conditions hold.")
class NotificationDeliveryFilter:
    channel_id: strawberry.ID | None = None
    alert_id: strawberry.ID | None = None
    machine_id: strawberry.ID | None = None
    status: list[DeliveryStatus] | None = None
    event: list[Event] | None = None
    start: datetime | None = strawberry.field(default=None, description="Made at this time or later.")
    end: datetime | None = strawberry.field(default=None, description="Made before this time.")

    def to_domain(self) -> log_repository.DeliveryFilter:
        return log_repository.DeliveryFilter(
            channel_id=filter_id(self.channel_id),
            alert_id=filter_id(self.alert_id),
            machine_id=filter_id(self.machine_id),
            status=[one.value for one in self.status or ()],
            event=[one.value for one in self.event or ()],
            start=self.start,
            end=self.end,
        )


@strawberry.type
class DeliveriesQuery:
    @strawberry.field(description="What was told, or is to be, newest first; kept for 30 days.")
    async def notification_deliveries(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: NotificationDeliveryFilter | None = None,  # noqa: A002 - the API's word
    ) -> NotificationDeliveryConnection:
        first = require_page(first)
        keys = decode_cursor(after, datetime, UUID)
        where = (filter or NotificationDeliveryFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await log_repository.page_newest_first(work, where, (keys[0], keys[1]) if keys else None, first + 1)
            total = await log_repository.count(work, where) if selects(info, "totalCount") else 0
        page, page_info = cut_page(rows, first, lambda row: encode_cursor(row.created_at, row.id), after=after)
        edges = [NotificationDeliveryEdge(cursor=cursor, node=NotificationDelivery.of(row)) for cursor, row in page]
        return NotificationDeliveryConnection(edges=edges, page_info=page_info, total_count=total)

    @strawberry.field(description="Null when there is no such delivery in this tenant.")
    async def notification_delivery(self, info: Info, id: strawberry.ID) -> NotificationDelivery | None:  # noqa: A002
        delivery_id = parse_id(id)
        async with info.context.reading() as work:
            row = await outbox.get_delivery(work, delivery_id) if delivery_id else None
        return NotificationDelivery.of(row) if row else None


@strawberry.type(description="A message was delivered, given up or asked for again; it is shown as it is now.")
class NotificationDeliveryEvent:
    cursor: BigInt = strawberry.field(description="`since`, to resume after a break.")
    action: str = strawberry.field(description="The journal's action, such as `notification.delivered`.")
    delivery_id: strawberry.ID
    delivery: NotificationDelivery | None = strawberry.field(description="Null once it was forgotten.")


@strawberry.type
class NotificationsSubscription:
    @strawberry.subscription(
        description="Each message that is delivered, given up or sent again; with `since`, what happened after that "
        "cursor comes first."
    )
    async def notification_deliveries(
        self, info: Info, since: BigInt | None = None
    ) -> AsyncGenerator[NotificationDeliveryEvent]:
        actions = ("notification.delivered", "notification.failed", "notification.resent")
        async for record in follow(info, since, actions):
            async with info.context.reading() as work:
                row = await outbox.get_delivery(work, UUID(record.resource_id))
            yield NotificationDeliveryEvent(
                cursor=BigInt(record.sequence),
                action=record.action,
                delivery_id=strawberry.ID(record.resource_id),
                delivery=None if row is None else NotificationDelivery.of(row),
            )
