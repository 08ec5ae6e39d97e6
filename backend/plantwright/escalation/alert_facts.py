"""Reads what the journal says about alerts, as far as escalation is concerned."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plantwright.alerts.life_cycle import AlertState
from plantwright.alerts.models import Severity
from plantwright.core.ids import parse_id
from plantwright.escalation.models import EscalationReason
from plantwright.journal.models import AuditRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """An alert as a record shows it; `site` is empty when it has none. `at` is the server's time, not the readings'."""

    action: str
    alert_id: UUID
    machine_id: UUID | None
    site: str
    severity: str
    state: AlertState
    suppression: EscalationReason | None
    at: datetime


def read_alert(record: AuditRecord) -> AlertFact:
    """
    Raises:
        KeyError, ValueError, TypeError: the row does not have the fields of an alert.
    """
    payload = record.payload
    suppression = payload.get("suppression") or []
    return AlertFact(
        action=record.action,
        alert_id=UUID(payload["alert_id"]),
        machine_id=parse_id(str(payload["machine_id"])),
        site=str(payload["site"]),
        severity=Severity(payload["severity"]).value,
        state=AlertState(payload["state"]),
        suppression=EscalationReason(suppression[0]) if suppression else None,
        at=record.created_at,
    )
