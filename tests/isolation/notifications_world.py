"""What a tenant has of notifications: a channel, a route, words of its own, and a message that was given up."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from plantwright.alerts.models import Alert
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Journal
from plantwright.notifications import facts, rules
from plantwright.notifications.addresses import new_runtime
from plantwright.notifications.events import Event
from plantwright.notifications.facts import delivery_fact
from plantwright.notifications.models import (
    Language,
    NotificationAttempt,
    NotificationChannel,
    NotificationDelivery,
    NotificationRoute,
)
from plantwright.notifications.rules import RouteDraft
from plantwright.notifications.templates import Words

from tests.factories import MadeTenant

# An address of documentation (RFC 5737): nothing is ever sent there.
ENTERED = {"name": "mine", "type": "webhook", "config": {"url": "https://93.184.216.34/hook"}}
WORDS = {"event": "ALERT_RAISED", "language": "EN", "subject": "mine", "text": "mine"}


@dataclass(frozen=True)
class NotificationsProperty:
    channel: NotificationChannel
    route: NotificationRoute
    delivery: NotificationDelivery

    def ids(self) -> tuple[UUID, ...]:
        return self.channel.id, self.route.id, self.delivery.id

    def queries(self) -> dict[str, dict[str, Any]]:
        """Variables of queries, all naming something of this tenant."""
        channel, delivery = str(self.channel.id), str(self.delivery.id)
        return {
            "notificationChannel": {"id": channel},
            "notificationChannels": {"first": 100, "filter": {"search": self.channel.name}},
            "notificationDelivery": {"id": delivery},
            "notificationDeliveries": {"first": 100, "filter": {"channelId": channel}},
        }

    def inputs(self) -> dict[str, dict[str, Any]]:
        """Of mutations, likewise; those of channels and words make something of the caller's own."""
        channel, route = str(self.channel.id), str(self.route.id)
        leads = {"name": "stolen", "events": ["ALERT_RAISED"], "channelIds": [channel]}
        return {
            "createNotificationChannel": ENTERED,
            "updateNotificationChannel": {"id": channel, "name": "stolen"},
            "deleteNotificationChannel": {"id": channel},
            "testNotificationChannel": {"id": channel},
            "rotateNotificationChannelSecret": {"id": channel},
            "createNotificationRoute": leads,
            "updateNotificationRoute": {"id": route, **leads},
            "deleteNotificationRoute": {"id": route},
            "saveNotificationTemplate": WORDS,
            "previewNotificationTemplate": WORDS,
            "deleteNotificationTemplate": {"event": "ALERT_RAISED", "language": "EN"},
            "resendNotificationDelivery": {"id": str(self.delivery.id)},
            "resendNotificationDeliveries": {"channelId": channel},
        }

    def bodies(self) -> dict[str, dict[str, Any]]:
        """Of REST routes, likewise."""
        leads = {"name": "stolen", "events": ["alert.raised"], "channel_ids": [str(self.channel.id)]}
        words = {**WORDS, "event": "alert.raised", "language": "en"}
        return {
            "POST /notification-channels": ENTERED,
            "PUT /notification-channels/{channel_id}": {"name": "stolen"},
            "POST /notification-routes": leads,
            "PUT /notification-routes/{route_id}": leads,
            "PUT /notification-templates": words,
            "POST /notification-templates/preview": words,
        }


MAKES_OWN = {
    "createNotificationChannel",
    "saveNotificationTemplate",
    "previewNotificationTemplate",
    "deleteNotificationTemplate",
}


async def furnish_notifications(
    work: UnitOfWork, journal: Journal, tenant: MadeTenant, alert: Alert
) -> NotificationsProperty:
    channel = NotificationChannel(
        tenant_id=tenant.id, name=f"Hook of {tenant.slug}", type="webhook", config={"url": f"https://{tenant.slug}/"}
    )
    work.session.add(channel)
    await work.session.flush()
    work.session.add(new_runtime(channel))
    draft = RouteDraft(name=f"Route of {tenant.slug}", events=[Event.ALERT_CLEARED], channel_ids=[channel.id])
    route = await rules.create_route(work, journal, tenant.admin_id, draft)
    key, words = (Event.ALERT_RAISED, Language.EN), Words(f"Words of {tenant.slug}", "{{ message }}")
    await rules.save_template(work, journal, tenant.admin_id, key, words)
    delivery = _given_up(tenant, channel, alert)
    work.session.add(delivery)
    await work.session.flush()
    work.session.add(
        NotificationAttempt(
            tenant_id=tenant.id,
            delivery_id=delivery.id,
            number=1,
            started_at=utc_now(),
            is_delivered=False,
            status="500",
            detail=f"Trouble at {tenant.slug}",
        )
    )
    await journal.append(work, delivery_fact(facts.FAILED, delivery, channel))
    return NotificationsProperty(channel, route, delivery)


def _given_up(tenant: MadeTenant, channel: NotificationChannel, alert: Alert) -> NotificationDelivery:
    return NotificationDelivery(
        tenant_id=tenant.id,
        channel_id=channel.id,
        sequence=1,
        event=Event.ALERT_RAISED.value,
        alert_id=alert.id,
        machine_id=alert.machine_id,
        severity="warning",
        subject=f"Alert of {tenant.slug}",
        text=f"Trouble at {tenant.slug}",
        payload={"tenant": tenant.slug},
        dedup_key=str(alert.id),
        language="en",
        status="dead",
        attempts=1,
        tries=1,
        due_at=utc_now(),
        finished_at=utc_now(),
    )
