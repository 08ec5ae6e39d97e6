"""Enums of the notifications room."""

import strawberry

from plantwright.notifications.events import Event
from plantwright.notifications.models import DeliveryStatus, Language

__all__ = ["DeliveryStatus", "Event", "Language"]

strawberry.enum(Language, name="NotificationLanguage", description="Of what is sent.")
strawberry.enum(
    DeliveryStatus,
    name="NotificationDeliveryStatus",
    description="Pending: waits to be sent, or to be tried again. Dead: given up; it can be sent again. Cancelled: the "
    "channel was switched off first.",
)
strawberry.enum(
    Event,
    name="NotificationEvent",
    description="What can be told. Escalations and digests say themselves whom they are for; routes lead the others.",
)
