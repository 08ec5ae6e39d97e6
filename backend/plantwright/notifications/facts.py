"""What the journal keeps of channels, routes and deliveries: no secret, and no text that was sent."""

from typing import Any
from uuid import UUID

from plantwright.journal.service import Fact
from plantwright.notifications.models import NotificationChannel, NotificationDelivery, NotificationRoute

CREATED = "notification_channel.created"
UPDATED = "notification_channel.updated"
DELETED = "notification_channel.deleted"
TESTED = "notification_channel.tested"
DISABLED = "notification_channel.disabled"
SECRET_ROTATED = "notification_channel.secret_rotated"  # noqa: S105 - the name of an action
ROUTE_CREATED = "notification_route.created"
ROUTE_UPDATED = "notification_route.updated"
ROUTE_DELETED = "notification_route.deleted"
TEMPLATE_SAVED = "notification_template.saved"
TEMPLATE_DELETED = "notification_template.deleted"
DELIVERED = "notification.delivered"
FAILED = "notification.failed"
RESENT = "notification.resent"


def channel_fact(action: str, channel: NotificationChannel, actor_id: UUID | None = None, **details: Any) -> Fact:
    payload = {"channel_id": channel.id, "name": channel.name, "type": channel.type, **details}
    return Fact(
        action=action,
        resource_type="notification_channel",
        resource_id=str(channel.id),
        payload=payload,
        actor_id=actor_id,
    )


def route_fact(action: str, route: NotificationRoute, actor_id: UUID, **details: Any) -> Fact:
    payload = {
        "route_id": route.id,
        "name": route.name,
        "is_active": route.is_active,
        "events": route.events,
        "severities": route.severities,
        "sites": route.sites,
        "machine_ids": route.machine_ids,
        "channel_ids": route.channel_ids,
        **details,
    }
    return Fact(
        action=action, resource_type="notification_route", resource_id=str(route.id), payload=payload, actor_id=actor_id
    )


def template_fact(action: str, event: str, language: str, actor_id: UUID) -> Fact:
    return Fact(
        action=action,
        resource_type="notification_template",
        resource_id=f"{event}/{language}",
        payload={"event": event, "language": language},
        actor_id=actor_id,
    )


def delivery_fact(
    action: str,
    delivery: NotificationDelivery,
    channel: NotificationChannel,
    actor_id: UUID | None = None,
    **details: Any,
) -> Fact:
    payload = {
        "delivery_id": delivery.id,
        "channel_id": channel.id,
        "channel": channel.name,
        "type": channel.type,
        "event": delivery.event,
        "alert_id": delivery.alert_id,
        "machine_id": delivery.machine_id,
        "attempts": delivery.attempts,
        **details,
    }
    return Fact(
        action=action,
        resource_type="notification_delivery",
        resource_id=str(delivery.id),
        payload=payload,
        actor_id=actor_id,
    )
