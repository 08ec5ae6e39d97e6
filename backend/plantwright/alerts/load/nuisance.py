"""Alerts that trouble more than they tell (ISA-18.2): chattering and fleeting ones."""

from datetime import datetime, timedelta

from plantwright.alerts.models import Alert

CHATTER_TRANSITIONS = 3
CHATTER_WITHIN = timedelta(minutes=1)
# Cleared before anyone could have acted, and before anyone took note.
FLEETING_WITHIN = timedelta(minutes=1)
STALE_AFTER = timedelta(hours=24)


def note_change(alert: Alert, at: datetime) -> None:
    """The alert became active or cleared: three of that within a minute is a chatter."""
    changes = sorted([*alert.changes, at])[-CHATTER_TRANSITIONS:]
    alert.changes = changes
    if len(changes) == CHATTER_TRANSITIONS and changes[-1] - changes[0] <= CHATTER_WITHIN:
        alert.chatters += 1


def note_clearing(alert: Alert, at: datetime) -> None:
    """To be called before `note_change`, whose last entry is then the activation."""
    if alert.acknowledged_at is None and alert.changes and at - alert.changes[-1] < FLEETING_WITHIN:
        alert.fleetings += 1


def is_stale(alert: Alert, now: datetime) -> bool:
    return alert.cleared_at is None and now - alert.raised_at > STALE_AFTER
