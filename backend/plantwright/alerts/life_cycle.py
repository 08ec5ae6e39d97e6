"""The states of an alert and what leads from one to the next (ISA-18.2, 6.4; docs/alerts.md has the same table).

The state is not stored: it follows from whether and when the alert was cleared and acknowledged.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from plantwright.alerts.models import Alert, Severity
from plantwright.core.clock import iso_utc
from plantwright.core.errors import Conflict


class AlertState(StrEnum):
    """CLEARED_UNACKNOWLEDGED is ISA-18.2's "returned to normal, unacknowledged"; CLEARED is "normal"."""

    ACTIVE_UNACKNOWLEDGED = "active_unacknowledged"
    ACTIVE_ACKNOWLEDGED = "active_acknowledged"
    CLEARED_UNACKNOWLEDGED = "cleared_unacknowledged"
    CLEARED = "cleared"


class AlertEvent(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    CLEAR = "clear"
    REPEAT = "repeat"
    RAISE_SEVERITY = "raise_severity"
    LOWER_SEVERITY = "lower_severity"


TRANSITIONS: dict[tuple[AlertState, AlertEvent], AlertState] = {
    (AlertState.ACTIVE_UNACKNOWLEDGED, AlertEvent.ACKNOWLEDGE): AlertState.ACTIVE_ACKNOWLEDGED,
    (AlertState.ACTIVE_UNACKNOWLEDGED, AlertEvent.CLEAR): AlertState.CLEARED_UNACKNOWLEDGED,
    (AlertState.ACTIVE_UNACKNOWLEDGED, AlertEvent.REPEAT): AlertState.ACTIVE_UNACKNOWLEDGED,
    (AlertState.ACTIVE_UNACKNOWLEDGED, AlertEvent.RAISE_SEVERITY): AlertState.ACTIVE_UNACKNOWLEDGED,
    (AlertState.ACTIVE_UNACKNOWLEDGED, AlertEvent.LOWER_SEVERITY): AlertState.ACTIVE_UNACKNOWLEDGED,
    (AlertState.ACTIVE_ACKNOWLEDGED, AlertEvent.CLEAR): AlertState.CLEARED,
    (AlertState.ACTIVE_ACKNOWLEDGED, AlertEvent.REPEAT): AlertState.ACTIVE_ACKNOWLEDGED,
    # What was acknowledged was the lesser severity, so the alert announces itself again.
    (AlertState.ACTIVE_ACKNOWLEDGED, AlertEvent.RAISE_SEVERITY): AlertState.ACTIVE_UNACKNOWLEDGED,
    (AlertState.ACTIVE_ACKNOWLEDGED, AlertEvent.LOWER_SEVERITY): AlertState.ACTIVE_ACKNOWLEDGED,
    (AlertState.CLEARED_UNACKNOWLEDGED, AlertEvent.ACKNOWLEDGE): AlertState.CLEARED,
    (AlertState.CLEARED_UNACKNOWLEDGED, AlertEvent.REPEAT): AlertState.ACTIVE_UNACKNOWLEDGED,
    (AlertState.CLEARED, AlertEvent.REPEAT): AlertState.ACTIVE_ACKNOWLEDGED,
}

_SEVERITY_RANK = {severity.value: rank for rank, severity in enumerate(Severity)}


def derive_state(cleared_at: datetime | None, acknowledged_at: datetime | None) -> AlertState:
    if cleared_at is None:
        return AlertState.ACTIVE_UNACKNOWLEDGED if acknowledged_at is None else AlertState.ACTIVE_ACKNOWLEDGED
    return AlertState.CLEARED_UNACKNOWLEDGED if acknowledged_at is None else AlertState.CLEARED


def state_of(alert: Alert) -> AlertState:
    return derive_state(alert.cleared_at, alert.acknowledged_at)


def is_worse(severity: str, than: str) -> bool:
    return _SEVERITY_RANK[severity] > _SEVERITY_RANK[than]


def acknowledge(alert: Alert, at: datetime, by: UUID, note: str | None) -> None:
    """
    Raises:
        Conflict: it has been acknowledged already.
    """
    if alert.acknowledged_at is not None:
        raise Conflict(f"This alert was already acknowledged at {iso_utc(alert.acknowledged_at)}.", ["id"])
    _require(alert, AlertEvent.ACKNOWLEDGE)
    alert.acknowledged_at, alert.acknowledged_by, alert.acknowledge_note = at, by, note
    alert.acknowledged_unopened = alert.opened_at is None


def clear(alert: Alert, at: datetime) -> None:
    """
    Raises:
        Conflict: it is not active.
    """
    _require(alert, AlertEvent.CLEAR)
    alert.cleared_at = max(at, alert.raised_at)


def repeat(alert: Alert, at: datetime) -> None:
    """Count one more episode; a cleared alert is active again. The acknowledgement stays."""
    _require(alert, AlertEvent.REPEAT)
    alert.cleared_at = None
    alert.occurrences += 1
    see(alert, at)


def raise_severity(alert: Alert, severity: str) -> None:
    """What was looked at, acknowledged and judged was the lesser trouble.

    Raises:
        Conflict: it is not active, or the severity is not higher.
    """
    _require(alert, AlertEvent.RAISE_SEVERITY)
    if not is_worse(severity, alert.severity):
        raise Conflict(f"The severity is {alert.severity} already.")
    alert.severity = severity
    alert.acknowledged_at = alert.acknowledged_by = alert.acknowledge_note = None
    alert.opened_at = alert.acknowledged_unopened = alert.outcome = None


def lower_severity(alert: Alert, severity: str) -> None:
    """Who acknowledged the greater trouble knows of the lesser.

    Raises:
        Conflict: it is not active, or the severity is not lower.
    """
    _require(alert, AlertEvent.LOWER_SEVERITY)
    if not is_worse(alert.severity, severity):
        raise Conflict(f"The severity is {alert.severity} already.")
    alert.severity = severity


def see(alert: Alert, at: datetime) -> None:
    """The condition still holds; readings may arrive late, so this never goes back."""
    alert.last_seen_at = max(alert.last_seen_at, at)


def _require(alert: Alert, event: AlertEvent) -> None:
    state = state_of(alert)
    if (state, event) not in TRANSITIONS:
        words = state.value.replace("_", " and ")
        raise Conflict(f"An alert that is {words} cannot {event.value.replace('_', ' ')}.", ["id"])
