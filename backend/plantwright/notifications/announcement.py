"""Reads from the journal what is to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from plantwright.journal.models import AuditRecord
from plantwright.notifications.events import ANNOUNCING, SAME_AS, Event

_EVENTS = {event.value: event for event in Event} | SAME_AS


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """The alert as the record shows it. `metric` is the name of the metric; times are of the readings."""

    id: UUID
    machine_id: UUID | None
    rule_id: UUID | None
    metric: str | None
    unit: str
    severity: str
    message: str
    value: float
    threshold: float
    raised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One thing to be told. `channel_ids` and `user_ids` are whom the record itself names; `details` is its payload.

    `is_told`: False for an alert that is suppressed, or over again.
    """

    sequence: int
    at: datetime
    event: Event
    site: str
    is_told: bool
    is_flood: bool
    severity: str | None = None
    alert: AlertFacts | None = None
    channel_ids: frozenset[UUID] = frozenset()
    user_ids: frozenset[UUID] = frozenset()
    details: Mapping[str, Any] = field(default_factory=dict)


def is_of_interest(action: str) -> bool:
    return action in _EVENTS


def read_announcement(record: AuditRecord) -> Announcement:
    """
    Raises:
        KeyError, ValueError, TypeError: the row does not have the fields of its action.
    """
    payload = record.payload
    event = _EVENTS[record.action]
    alert = _alert(payload) if "alert_id" in payload else None
    return Announcement(
        sequence=record.sequence,
        at=record.created_at,
        event=event,
        site=str(payload.get("site") or ""),
        is_told=_is_told(event, payload),
        is_flood=payload.get("is_flood") is True,
        severity=None if alert is None else alert.severity,
        alert=alert,
        channel_ids=_ids(payload.get("channel_ids")),
        user_ids=_ids(payload.get("user_ids")),
        details=payload,
    )


def _is_told(event: Event, payload: Mapping[str, Any]) -> bool:
    if event is Event.CHANNEL_DISABLED:
        return payload.get("is_automatic") is True
    if not event.startswith("alert."):
        return True
    if payload.get("suppression"):
        return False
    return payload.get("cleared_at") is None or event not in ANNOUNCING


def _alert(payload: Mapping[str, Any]) -> AlertFacts:
    machine_id, rule_id = payload.get("machine_id"), payload.get("rule_id")
    return AlertFacts(
        id=UUID(payload["alert_id"]),
        machine_id=None if machine_id is None else UUID(machine_id),
        rule_id=None if rule_id is None else UUID(rule_id),
        metric=payload.get("metric"),
        unit=str(payload.get("unit") or ""),
        severity=str(payload["severity"]),
        message=str(payload["message"]),
        value=float(payload["value"]),
        threshold=float(payload["threshold"]),
        raised_at=datetime.fromisoformat(payload["raised_at"]),
    )


def _ids(texts: Any) -> frozenset[UUID]:
    return frozenset(UUID(text) for text in texts or ())
