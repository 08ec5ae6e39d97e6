"""Reading and acknowledging alerts."""

from collections.abc import Collection, Sequence
from uuid import UUID

from plantwright.alerts import facts, life_cycle, repository
from plantwright.alerts.models import Alert
from plantwright.alerts.repository import AlertCursor, AlertFilter, AlertSummary, OpenCounts
from plantwright.alerts.silences import SILENCE_UNIT
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound
from plantwright.core.text import bounded_text
from plantwright.journal.service import Journal

LONGEST_NOTE = 2000
ALERT_NOT_FOUND = "Alert not found."


async def acknowledge(
    work: UnitOfWork, journal: Journal, actor_id: UUID, alert_id: UUID, note: str | None = None
) -> Alert:
    """Take note of an alert in the name of a person.

    Raises:
        ValidationFailed: the note is too long.
        NotFound: no such alert in this tenant.
        Conflict: it has been acknowledged already.
    """
    text = bounded_text(note or "", "note", longest=LONGEST_NOTE) or None
    alert = await repository.get(work, alert_id, lock=True)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    life_cycle.acknowledge(alert, utc_now(), actor_id, text)
    name, unit = await _measured(work, alert)
    details = {"acknowledged_by": actor_id, "note": text}
    await journal.append(work, facts.alert_fact(facts.ACKNOWLEDGED, alert, name, unit, actor_id, **details))
    return alert


async def _measured(work: UnitOfWork, alert: Alert) -> tuple[str | None, str]:
    """Name of the metric and unit of the value."""
    metric = await repository.metric_of(work, alert)
    if metric is None:
        return None, SILENCE_UNIT if alert.agent_id is not None else ""
    return metric.name, metric.unit


async def page(work: UnitOfWork, where: AlertFilter, after: AlertCursor | None, first: int) -> Sequence[Alert]:
    """At most `first` alerts after the cursor, newest first; ask for one more to learn whether there are more."""
    return await repository.page_newest_first(work, where, after, first)


async def count(work: UnitOfWork, where: AlertFilter) -> int:
    return await repository.count(work, where)


async def get(work: UnitOfWork, alert_id: UUID) -> Alert:
    """
    Raises:
        NotFound: no such alert in this tenant.
    """
    alert = await repository.get(work, alert_id)
    if alert is None:
        raise NotFound(ALERT_NOT_FOUND, ["id"])
    return alert


async def get_many(work: UnitOfWork, alert_ids: Collection[UUID]) -> dict[UUID, Alert]:
    """By id; those that are not in this tenant are left out."""
    return {alert.id: alert for alert in await repository.get_many(work, alert_ids)}


async def open_counts(work: UnitOfWork, machine_ids: Collection[UUID]) -> dict[UUID, OpenCounts]:
    """For every given machine."""
    return await repository.open_counts(work, machine_ids)


async def summary(work: UnitOfWork) -> AlertSummary:
    return await repository.summary(work)
