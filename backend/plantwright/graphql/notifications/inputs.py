"""What people send about channels, routes and templates."""

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.scalars import JSON

from plantwright.alerts.models import Severity
from plantwright.core.errors import ValidationFailed
from plantwright.graphql.context import require_id
from plantwright.notifications.events import Event
from plantwright.notifications.models import Language
from plantwright.notifications.rules import MACHINE_NOT_FOUND, RouteDraft
from plantwright.notifications.service import CHANNEL_NOT_FOUND, ChannelChange
from plantwright.notifications.templates import Words


@strawberry.input
class CreateNotificationChannelInput:
    name: str = strawberry.field(description="1 to 100 characters.")
    type: str = strawberry.field(description="One of `notificationChannelTypes`.")
    config: JSON = strawberry.field(description="An object with the fields of the type.")
    is_active: bool = True
    language: Language = Language.EN
    rate_per_minute: int = strawberry.field(default=30, description="1 to 600 messages.")
    keeps_order: bool = strawberry.field(default=False, description="Hold messages while an earlier one waits.")
    max_hold_minutes: int = strawberry.field(default=60, description="1 to 1,440: what is older holds nothing back.")

    def to_domain(self) -> ChannelChange:
        return ChannelChange(
            name=self.name,
            is_active=self.is_active,
            language=self.language,
            rate_per_minute=self.rate_per_minute,
            keeps_order=self.keeps_order,
            max_hold_minutes=self.max_hold_minutes,
        )


@strawberry.input(description="What is left out stays as it is.")
class UpdateNotificationChannelInput:
    id: strawberry.ID
    name: str | None = None
    config: JSON | None = strawberry.field(
        default=None,
        description="Replaces the fields that are shown. Secrets that are left out stay, as long as nothing else "
        "changes.",
    )
    is_active: bool | None = None
    language: Language | None = None
    rate_per_minute: int | None = None
    keeps_order: bool | None = None
    max_hold_minutes: int | None = None

    def to_domain(self) -> ChannelChange:
        return ChannelChange(
            name=self.name,
            is_active=self.is_active,
            language=self.language,
            rate_per_minute=self.rate_per_minute,
            keeps_order=self.keeps_order,
            max_hold_minutes=self.max_hold_minutes,
        )


@strawberry.input
class DeleteNotificationChannelInput:
    id: strawberry.ID


@strawberry.input
class TestNotificationChannelInput:
    id: strawberry.ID


@strawberry.input
class RotateNotificationChannelSecretInput:
    id: strawberry.ID


@strawberry.input(description="Empty lists of severities, sites and machines do not narrow.")
class CreateNotificationRouteInput:
    name: str = strawberry.field(description="1 to 100 characters.")
    events: list[Event]
    channel_ids: list[strawberry.ID]
    severities: list[Severity] = strawberry.field(default_factory=list)
    sites: list[str] = strawberry.field(default_factory=list, description="Locations of machines.")
    machine_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="In addition to those of the sites."
    )
    is_active: bool = True


@strawberry.input(description="The route becomes what is given here.")
class UpdateNotificationRouteInput:
    id: strawberry.ID
    name: str
    events: list[Event]
    channel_ids: list[strawberry.ID]
    severities: list[Severity] = strawberry.field(default_factory=list)
    sites: list[str] = strawberry.field(default_factory=list)
    machine_ids: list[strawberry.ID] = strawberry.field(default_factory=list)
    is_active: bool = True


@strawberry.input
class DeleteNotificationRouteInput:
    id: strawberry.ID


@strawberry.input(description="docs/notifications.md lists what templates may name.")
class SaveNotificationTemplateInput:
    event: Event
    language: Language
    subject: str = strawberry.field(description="1 to 200 characters.")
    text: str = strawberry.field(description="1 to 4,000 characters.")


@strawberry.input
class DeleteNotificationTemplateInput:
    event: Event
    language: Language


@strawberry.input(description="Without words, those that are in use.")
class PreviewNotificationTemplateInput:
    event: Event
    language: Language
    subject: str | None = None
    text: str | None = None

    def to_domain(self) -> Words | None:
        if self.subject is None and self.text is None:
            return None
        return Words(self.subject or "", self.text or "")


@strawberry.input
class ResendNotificationDeliveryInput:
    id: strawberry.ID


@strawberry.input
class ResendNotificationDeliveriesInput:
    channel_id: strawberry.ID


def draft_of(route: CreateNotificationRouteInput | UpdateNotificationRouteInput) -> RouteDraft:
    """
    Raises:
        NotFound: text that is no id names nothing.
    """
    return RouteDraft(
        name=route.name,
        events=route.events,
        channel_ids=[require_id(one, CHANNEL_NOT_FOUND, "channelIds") for one in route.channel_ids],
        severities=route.severities,
        sites=route.sites,
        machine_ids=[require_id(one, MACHINE_NOT_FOUND, "machineIds") for one in route.machine_ids],
        is_active=route.is_active,
    )


def config_of(value: Any) -> Mapping[str, Any]:
    """
    Raises:
        ValidationFailed: it is no object.
    """
    if not isinstance(value, dict):
        raise ValidationFailed("config must be an object with the fields of the type.", ["config"])
    return value
