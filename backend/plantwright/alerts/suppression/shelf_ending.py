"""How a shelf ends."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from plantwright.alerts import facts
from plantwright.alerts.facts import About, alert_fact
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression.models import Shelf, ShelfState
from plantwright.journal.service import Fact


class EndReason(StrEnum):
    EXPIRED = "expired"
    CLEARED = "cleared"
    SEVERITY_RAISED = "severity_raised"
    BY_PERSON = "by_person"


def end_shelf(
    shelf: Shelf, alert: Alert, about: About, reason: EndReason, *, now: datetime, actor_id: UUID | None = None
) -> Fact:
    """The alert comes off the shelf; an active one announces itself again by this fact.

    `late_seconds` is how long after its time a shelf ended, when nobody was there to end it.
    """
    late = max(0.0, (now - shelf.until).total_seconds()) if reason is EndReason.EXPIRED and shelf.until else 0.0
    shelf.state = ShelfState.ENDED.value
    shelf.ended_at, shelf.ended_by, shelf.end_reason = now, actor_id, reason.value
    alert.shelf_id = alert.shelved_until = None
    details: dict[str, Any] = {
        "shelf_id": shelf.id,
        "end_reason": reason,
        "shelved_by": shelf.requested_by,
        "until": shelf.until,
        "late_seconds": late,
    }
    return alert_fact(facts.UNSHELVED, alert, about, actor_id, **details)
