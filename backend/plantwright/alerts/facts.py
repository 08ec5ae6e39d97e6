"""What the journal says about alerts."""

from typing import Any
from uuid import UUID

from plantwright.alerts.life_cycle import state_of
from plantwright.alerts.models import Alert
from plantwright.journal.service import Fact

RAISED = "alert.raised"
REPEATED = "alert.repeated"
SEVERITY_RAISED = "alert.severity_raised"
SEVERITY_LOWERED = "alert.severity_lowered"
CLEARED = "alert.cleared"
ACKNOWLEDGED = "alert.acknowledged"


def alert_fact(
    action: str, alert: Alert, metric: str | None, unit: str, actor_id: UUID | None = None, **details: Any
) -> Fact:
    """The alert as it is now; `details` are what only this action knows."""
    payload = {
        "alert_id": alert.id,
        "machine_id": alert.machine_id,
        "metric_id": alert.metric_id,
        "agent_id": alert.agent_id,
        "rule_id": alert.rule_id,
        "metric": metric,
        "unit": unit,
        "cause": alert.cause,
        "severity": alert.severity,
        "state": state_of(alert),
        "message": alert.message,
        "value": alert.value,
        "score": alert.score,
        "threshold": alert.threshold,
        "occurrences": alert.occurrences,
        "raised_at": alert.raised_at,
        "last_seen_at": alert.last_seen_at,
        "cleared_at": alert.cleared_at,
        "acknowledged_at": alert.acknowledged_at,
        **details,
    }
    return Fact(action=action, resource_type="alert", resource_id=str(alert.id), payload=payload, actor_id=actor_id)
