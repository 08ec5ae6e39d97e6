"""What the journal says about alerts."""

from typing import Any, NamedTuple
from uuid import UUID

from plantwright.alerts.life_cycle import state_of
from plantwright.alerts.load.models import Flood
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression.axis import suppression_of
from plantwright.journal.service import Fact

RAISED = "alert.raised"
REPEATED = "alert.repeated"
SEVERITY_RAISED = "alert.severity_raised"
SEVERITY_LOWERED = "alert.severity_lowered"
CLEARED = "alert.cleared"
ACKNOWLEDGED = "alert.acknowledged"
JUDGED = "alert.judged"
COMMENTED = "alert.commented"
ASSIGNED = "alert.assigned"
SHELVING_REQUESTED = "alert.shelving_requested"
SHELVING_REFUSED = "alert.shelving_refused"
SHELVED = "alert.shelved"
UNSHELVED = "alert.unshelved"
SUPPRESSED = "alert.suppressed"
UNSUPPRESSED = "alert.unsuppressed"
OUT_OF_SERVICE = "alert.out_of_service"
RETURNED_TO_SERVICE = "alert.returned_to_service"
FLOOD_BEGAN = "alert_flood.began"
FLOOD_ENDED = "alert_flood.ended"


class About(NamedTuple):
    """What is not in the row of an alert: name of its metric, unit of its value, whether its site is in a flood."""

    metric: str | None
    unit: str
    is_flood: bool


def alert_fact(action: str, alert: Alert, about: About, actor_id: UUID | None = None, **details: Any) -> Fact:
    """The alert as it is now; `details` are what only this action knows.

    `is_announced`: whether somebody should be told, as far as the alert itself is concerned.
    """
    suppression = suppression_of(alert)
    payload = {
        "alert_id": alert.id,
        "machine_id": alert.machine_id,
        "metric_id": alert.metric_id,
        "agent_id": alert.agent_id,
        "source_id": alert.source_id,
        "rule_id": alert.rule_id,
        "site": alert.site,
        "group_id": alert.group_id or alert.id,
        "metric": about.metric,
        "unit": about.unit,
        "cause": alert.cause,
        "severity": alert.severity,
        "state": state_of(alert),
        "suppression": suppression,
        "is_announced": alert.cleared_at is None and not suppression,
        "is_flood": about.is_flood,
        "message": alert.message,
        "value": alert.value,
        "score": alert.score,
        "threshold": alert.threshold,
        "occurrences": alert.occurrences,
        "raised_at": alert.raised_at,
        "last_seen_at": alert.last_seen_at,
        "cleared_at": alert.cleared_at,
        "acknowledged_at": alert.acknowledged_at,
        "assignee_id": alert.assignee_id,
        **details,
    }
    return Fact(action=action, resource_type="alert", resource_id=str(alert.id), payload=payload, actor_id=actor_id)


def flood_fact(action: str, flood: Flood) -> Fact:
    payload = {
        "flood_id": flood.id,
        "site": flood.site,
        "began_at": flood.began_at,
        "ended_at": flood.ended_at,
        "alerts": flood.alerts,
        "peak": flood.peak,
    }
    return Fact(action=action, resource_type="alert_flood", resource_id=str(flood.id), payload=payload)
