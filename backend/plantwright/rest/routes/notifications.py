"""Notification channels: lists, making, changing, testing."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from plantwright.graphql.notifications.enums import Language
from plantwright.notifications.service import CHANNEL_NOT_FOUND
from plantwright.rest.documents import TOO_MANY_ATTEMPTS, USER_ERROR, connection, mutation, query
from plantwright.rest.route import RestRoute, body_as_input, item, path_as, query_as_filter
from plantwright.rest.shapes import FROM_NAME, Body, Integer, PageParameters, Payload

_STATUS = "lastSuccessAt lastError lastErrorAt failures failingSince pausedUntil disabledReason sent"
CHANNEL = (
    "fragment ChannelFields on NotificationChannel { id name type config hasSecrets isActive language ratePerMinute "
    f"keepsOrder maxHoldMinutes createdAt updatedAt undelivered status {{ {_STATUS} }} }}"
)
_PAGE, _SKIP = connection(
    "notificationChannels",
    "...ChannelFields",
    CHANNEL,
    variables="$filter: NotificationChannelFilter",
    arguments="filter: $filter",
)


class ChannelParameters(PageParameters):
    type: list[str] = Field(default=[], description="May be repeated.")
    is_active: bool | None = None
    search: str | None = Field(default=None, max_length=200, description="Part of the name.")


class ChannelCreate(Payload):
    name: str = Field(description="1 to 100 characters.")
    type: str = Field(description="One of /notification-channel-types.")
    config: dict[str, Any] = Field(description="The fields of the type.")
    is_active: bool = True
    language: Language = Language.EN
    rate_per_minute: Integer = Field(default=30, description="1 to 600 messages.")
    keeps_order: bool = Field(default=False, description="Hold messages while an earlier one waits.")
    max_hold_minutes: Integer = Field(default=60, description="1 to 1,440.")


class ChannelUpdate(Payload):
    """What is left out stays as it is; so do secrets of the config, as long as nothing else of it changes."""

    name: str | None = None
    config: dict[str, Any] | None = None
    is_active: bool | None = None
    language: Language | None = None
    rate_per_minute: Integer | None = None
    keeps_order: bool | None = None
    max_hold_minutes: Integer | None = None


class ChannelStatus(Body):
    last_success_at: datetime | None
    last_error: str | None = Field(description="Kept after recovery.")
    last_error_at: datetime | None
    failures: int = Field(description="In a row.")
    failing_since: datetime | None
    paused_until: datetime | None
    disabled_reason: str | None = Field(description="Why the server switched the channel off, if it did.")
    sent: int


class Channel(Body):
    id: UUID
    name: str
    type: str
    config: dict[str, Any] = Field(description="Without the fields that are secret.")
    has_secrets: bool
    is_active: bool
    language: Annotated[Language, FROM_NAME]
    rate_per_minute: int
    keeps_order: bool
    max_hold_minutes: int
    created_at: datetime
    updated_at: datetime
    undelivered: int = Field(description="Messages that were given up or cancelled, as far as the log goes back.")
    status: ChannelStatus | None


class CreatedChannel(Body):
    channel: Channel
    signing_secret: str | None = Field(description="Of a webhook; it is not shown again.")


class RotatedChannel(Body):
    channel: Channel
    signing_secret: str = Field(description="Not shown again; the one before is valid for another day.")


class TestResult(Body):
    is_delivered: bool = Field(serialization_alias="success")
    status: str
    detail: str = Field(description="What happened, for people.")
    latency_ms: int
    delivery_id: UUID


class Resent(Body):
    resent: int = Field(description="At most 500; ask again for the rest.")


class ChannelField(Body):
    name: str
    is_required: bool
    is_secret: bool
    default: Any | None


class ChannelType(Body):
    type: str
    fields: list[ChannelField]


class ChannelTypes(Body):
    types: list[ChannelType] = Field(serialization_alias="items")


ROUTES = (
    RestRoute(
        method="GET",
        path="/notification-channels",
        summary="Ways to reach people and programs, by name.",
        document=_PAGE,
        skip_document=_SKIP,
        query=ChannelParameters,
        answer=Channel,
        variables=query_as_filter,
    ),
    RestRoute(
        method="POST",
        path="/notification-channels",
        summary="Add a way to reach people. Admins and operators.",
        document=mutation("createNotificationChannel", "signingSecret channel { ...ChannelFields }", CHANNEL),
        body=ChannelCreate,
        answer=CreatedChannel,
        variables=body_as_input(),
        status=201,
    ),
    RestRoute(
        method="GET",
        path="/notification-channels/{channel_id}",
        summary="One channel.",
        document=query("query Channel($id: ID!) { notificationChannel(id: $id) { ...ChannelFields } }", CHANNEL),
        answer=Channel,
        variables=path_as(id="channel_id"),
        not_found=CHANNEL_NOT_FOUND,
    ),
    RestRoute(
        method="PUT",
        path="/notification-channels/{channel_id}",
        summary="Change a channel, or switch it on or off. Admins and operators.",
        document=mutation("updateNotificationChannel", "channel { ...ChannelFields }", CHANNEL),
        body=ChannelUpdate,
        answer=Channel,
        variables=body_as_input(id="channel_id"),
        result=item("channel"),
    ),
    RestRoute(
        method="DELETE",
        path="/notification-channels/{channel_id}",
        summary="Remove a channel with its delivery log. Admins and operators.",
        document=mutation("deleteNotificationChannel", "id"),
        answer=None,
        variables=body_as_input(id="channel_id"),
        status=204,
    ),
    RestRoute(
        method="POST",
        path="/notification-channels/{channel_id}/test",
        summary="Send a test message now and say what came of it. Admins and operators.",
        document=mutation(
            "testNotificationChannel",
            "isDelivered status detail latencyMs deliveryId",
            errors=f"{USER_ERROR} {TOO_MANY_ATTEMPTS}",
        ),
        answer=TestResult,
        variables=body_as_input(id="channel_id"),
    ),
    RestRoute(
        method="POST",
        path="/notification-channels/{channel_id}/rotate-secret",
        summary="A new signing secret for a webhook. Admins and operators.",
        document=mutation("rotateNotificationChannelSecret", "signingSecret channel { ...ChannelFields }", CHANNEL),
        answer=RotatedChannel,
        variables=body_as_input(id="channel_id"),
    ),
    RestRoute(
        method="POST",
        path="/notification-channels/{channel_id}/resend",
        summary="Try everything again that was given up or cancelled, under the same ids. Admins and operators.",
        document=mutation("resendNotificationDeliveries", "resent"),
        answer=Resent,
        variables=lambda call: {"input": path_as(channelId="channel_id")(call)},
    ),
    RestRoute(
        method="GET",
        path="/notification-channel-types",
        summary="The types of channels that there are, and what they need to know.",
        document=query("query { notificationChannelTypes { type fields { name isRequired isSecret default } } }"),
        answer=ChannelTypes,
        result=lambda rows: {"types": rows},
    ),
)
