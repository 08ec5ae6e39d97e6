"""When a machine runs, and what happens to its alerts when it does not: suppressed by design.

A machine without a condition, or whose metric has no usable reading yet, counts as running.
"""

import math
from collections.abc import Sequence
from uuid import UUID

from plantwright.alerts import facts, repository
from plantwright.alerts.about import about_many
from plantwright.alerts.facts import alert_fact
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.axis import DesignReason, with_reason
from plantwright.alerts.suppression.models import Comparison, RunningCondition
from plantwright.alerts.suppression.out_of_service import MACHINE_NOT_FOUND, METRIC_NOT_FOUND
from plantwright.alerts.suppression.repository import RunningChange
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.journal.service import Fact, Journal

CONDITION_CHANGED = "machine.running_condition_changed"
STARTED = "machine.started"
STOPPED = "machine.stopped"


async def set_condition(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    machine_id: UUID,
    condition: tuple[UUID, Comparison, float] | None,
) -> RunningCondition | None:
    """The machine runs while the newest value of the metric compares like this; None: it always counts as running.

    Raises:
        ValidationFailed: the value is no finite number.
        NotFound: no such machine, or it has no such metric.
    """
    await suppressions.lock_tenant(work)
    if not await repository.existing_machines(work, [machine_id]):
        raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
    old = await suppressions.running_condition(work, machine_id)
    row = None if condition is None else await _put(work, actor_id, machine_id, old, condition)
    if condition is None and old is not None:
        await suppressions.forget_running_condition(work, machine_id)
        work.session.expunge(old)
    payload = {"machine_id": machine_id, "condition": None if row is None else _shown(row)}
    change = Fact(
        action=CONDITION_CHANGED,
        resource_type="machine",
        resource_id=str(machine_id),
        payload=payload,
        actor_id=actor_id,
    )
    await work.session.flush()
    running = [] if row is not None else await _mark(work, machine_id, is_running=True)
    await journal.append(work, change, *running)
    await look(work, journal)
    return row


async def look(work: UnitOfWork, journal: Journal) -> int:
    """Compare the newest values of all machines with a condition; returns how many started or stopped."""
    await suppressions.lock_tenant(work)
    changes = await suppressions.running_changes(work)
    conditions = {row.machine_id: row for row in await suppressions.running_conditions(work, _ids(changes))}
    for change in changes:
        row = conditions[change.machine_id]
        row.is_running, row.since = change.is_running, change.time
        marked = await _mark(work, change.machine_id, is_running=change.is_running)
        await journal.append(work, _change_fact(row, change), *marked)
    return len(changes)


async def _put(
    work: UnitOfWork,
    actor_id: UUID,
    machine_id: UUID,
    old: RunningCondition | None,
    condition: tuple[UUID, Comparison, float],
) -> RunningCondition:
    metric_id, operator, value = condition
    if not math.isfinite(value):
        raise ValidationFailed("The value must be a finite number.", ["value"])
    if (await repository.machines_of_metrics(work, [metric_id])).get(metric_id) != machine_id:
        raise NotFound(METRIC_NOT_FOUND, ["metricId"])
    row = old or RunningCondition(
        tenant_id=work.tenant_id, machine_id=machine_id, metric_id=metric_id, operator=operator.value, value=value
    )
    row.metric_id, row.operator, row.value = metric_id, operator.value, value
    row.updated_by, row.updated_at = actor_id, utc_now()
    work.session.add(row)
    return row


async def _mark(work: UnitOfWork, machine_id: UUID, *, is_running: bool) -> list[Fact]:
    alerts = await repository.lock_open_of_machines(work, [machine_id])
    changed = [one for one in alerts if with_reason(one, DesignReason.MACHINE_STOPPED, holds=not is_running)]
    return await design_facts(work, changed, DesignReason.MACHINE_STOPPED)


async def design_facts(work: UnitOfWork, changed: Sequence[Alert], reason: DesignReason) -> list[Fact]:
    """Of alerts that the reason has come to or left; one that others still suppress by design says nothing new."""
    about = await about_many(work, changed)
    told = []
    for alert in changed:
        action = facts.SUPPRESSED if reason.value in alert.design_reasons else facts.UNSUPPRESSED
        told.append(alert_fact(action, alert, about[alert.id], design_reason=reason))
    return told


def _change_fact(row: RunningCondition, change: RunningChange) -> Fact:
    payload = {
        "machine_id": change.machine_id,
        "metric": change.metric,
        "unit": change.unit,
        "value": change.value,
        "time": change.time,
        "condition": _shown(row),
    }
    action = STARTED if change.is_running else STOPPED
    return Fact(
        action=action,
        resource_type="machine",
        resource_id=str(change.machine_id),
        payload=payload,
    )


def _shown(row: RunningCondition) -> dict[str, object]:
    return {"metric_id": row.metric_id, "operator": row.operator, "value": row.value}


def _ids(changes: Sequence[RunningChange]) -> list[UUID]:
    return [change.machine_id for change in changes]
