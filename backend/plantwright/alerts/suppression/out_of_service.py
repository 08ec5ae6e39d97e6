"""Machines and metrics that are being worked on: their alerts are raised, and announced to nobody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from plantwright.alerts import facts, repository
from plantwright.alerts.about import about_many
from plantwright.alerts.facts import alert_fact
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.models import OutOfService
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.journal.service import Fact, Journal

LONGEST_REASON = 2000
MACHINE_NOT_FOUND = "Machine not found."
METRIC_NOT_FOUND = "Metric not found."
OUT_OF_SERVICE_NOT_FOUND = "Not found: nothing was taken out of service under this id."
BEGAN = "out_of_service.began"
ENDED = "out_of_service.ended"


async def begin(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID | None,
    *,
    machine_id: UUID,
    metric_id: UUID | None = None,
    reason: str,
    until: datetime | None = None,
    work_order_id: UUID | None = None,
) -> OutOfService:
    """Take a machine, or one metric of it, out of service.

    Raises:
        ValidationFailed: no reason, or an end that has passed.
        NotFound: no such machine or metric in this tenant.
        Conflict: it is out of service already.
    """
    text = bounded_text(reason, "reason", shortest=1, longest=LONGEST_REASON)
    now = utc_now()
    if until is not None and until <= now:
        raise ValidationFailed("The end must lie in the future.", ["until"])
    await _require(work, machine_id, metric_id)
    await suppressions.lock_tenant(work)
    lasting = await suppressions.out_of_service_of(work, [machine_id])
    if any((one.metric_id, one.work_order_id) == (metric_id, work_order_id) for one in lasting):
        raise Conflict("It is out of service already.", ["machineId" if metric_id is None else "metricId"])
    row = OutOfService(
        tenant_id=work.tenant_id,
        machine_id=machine_id,
        metric_id=metric_id,
        work_order_id=work_order_id,
        reason=text,
        began_at=now,
        began_by=actor_id,
        until=until,
    )
    work.session.add(row)
    concerned = [one for one in await _open_alerts(work, row) if one.out_of_service_id is None]
    for alert in concerned:
        alert.out_of_service_id = row.id
    told = await _alert_facts(work, facts.OUT_OF_SERVICE, concerned, row, actor_id)
    await journal.append(work, _fact(BEGAN, row, actor_id), *told)
    return row


async def end(work: UnitOfWork, journal: Journal, actor_id: UUID, out_of_service_id: UUID) -> OutOfService:
    """Return it to service; alerts that are still active announce themselves.

    Raises:
        NotFound: nothing has this id.
        Conflict: it has been returned to service already.
    """
    await suppressions.lock_tenant(work)
    row = await suppressions.out_of_service(work, out_of_service_id)
    if row is None:
        raise NotFound(OUT_OF_SERVICE_NOT_FOUND, ["id"])
    if row.ended_at is not None:
        raise Conflict("It has been returned to service already.", ["id"])
    await finish(work, journal, row, utc_now(), actor_id)
    return row


async def finish(
    work: UnitOfWork, journal: Journal, row: OutOfService, now: datetime, actor_id: UUID | None = None
) -> None:
    """As `end`, of a row that is locked; `late_seconds` says how long after its time when nobody was there."""
    late = max(0.0, (now - row.until).total_seconds()) if row.until is not None and actor_id is None else 0.0
    row.ended_at, row.ended_by = now, actor_id
    others = [o for o in await suppressions.out_of_service_of(work, [row.machine_id]) if o.id != row.id]
    returned = []
    for alert in await _open_alerts(work, row):
        if alert.out_of_service_id == row.id:
            alert.out_of_service_id = next((o.id for o in others if o.metric_id in (None, alert.metric_id)), None)
            returned += [] if alert.out_of_service_id else [alert]
    told = await _alert_facts(work, facts.RETURNED_TO_SERVICE, returned, row, actor_id)
    await journal.append(work, _fact(ENDED, row, actor_id, late_seconds=late), *told)


async def _require(work: UnitOfWork, machine_id: UUID, metric_id: UUID | None) -> None:
    if not await repository.existing_machines(work, [machine_id]):
        raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
    if metric_id is not None:
        machines = await repository.machines_of_metrics(work, [metric_id])
        if machines.get(metric_id) != machine_id:
            raise NotFound(METRIC_NOT_FOUND, ["metricId"])


async def _open_alerts(work: UnitOfWork, row: OutOfService) -> Sequence[Alert]:
    alerts = await repository.lock_open_of_machines(work, [row.machine_id])
    return [alert for alert in alerts if row.metric_id in (None, alert.metric_id)]


async def _alert_facts(
    work: UnitOfWork, action: str, alerts: Sequence[Alert], row: OutOfService, actor_id: UUID | None
) -> list[Fact]:
    about = await about_many(work, alerts)
    details: dict[str, Any] = {"out_of_service_id": row.id, "reason": row.reason, "work_order_id": row.work_order_id}
    return [alert_fact(action, alert, about[alert.id], actor_id, **details) for alert in alerts]


def _fact(action: str, row: OutOfService, actor_id: UUID | None, **details: object) -> Fact:
    payload = {
        "out_of_service_id": row.id,
        "machine_id": row.machine_id,
        "metric_id": row.metric_id,
        "work_order_id": row.work_order_id,
        "reason": row.reason,
        "until": row.until,
        **details,
    }
    return Fact(
        action=action,
        resource_type="out_of_service",
        resource_id=str(row.id),
        payload=payload,
        actor_id=actor_id,
    )
