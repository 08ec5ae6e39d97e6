"""What can be told, by the names that routes, templates and the journal use."""

from enum import StrEnum
from typing import Final


class Event(StrEnum):
    ALERT_RAISED = "alert.raised"
    ALERT_SEVERITY_RAISED = "alert.severity_raised"
    ALERT_UNSHELVED = "alert.unshelved"
    ALERT_CLEARED = "alert.cleared"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_ESCALATED = "alert.escalated"
    FLOOD_BEGAN = "alert_flood.began"
    FLOOD_ENDED = "alert_flood.ended"
    DIGEST = "notification.digest"
    CHANNEL_DISABLED = "notification_channel.disabled"
    TEST = "notification.test"


# Actions of the journal that are told under another name: an alert that may be heard again.
SAME_AS: Final = {
    "alert.unsuppressed": Event.ALERT_UNSHELVED,
    "alert.returned_to_service": Event.ALERT_UNSHELVED,
}
# These say themselves whom they are for; no route leads them.
ADDRESSED: Final = frozenset({Event.ALERT_ESCALATED, Event.DIGEST, Event.TEST})
ROUTED: Final = tuple(event for event in Event if event not in ADDRESSED)
# New trouble, as opposed to news about trouble that was told.
ANNOUNCING: Final = frozenset({Event.ALERT_RAISED, Event.ALERT_SEVERITY_RAISED, Event.ALERT_UNSHELVED})
# The documented name in webhooks, where it is another one.
WEBHOOK_NAMES: Final = {Event.ALERT_RAISED: "alert.triggered"}
