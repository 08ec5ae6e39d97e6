"""Making and changing work orders."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from uuid import UUID

from plantwright.alerts import repository as alerts
from plantwright.assets import repository as assets
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.core.text import bounded_text
from plantwright.identity import repository as identity
from plantwright.journal.service import Fact, Journal
from plantwright.maintenance import repository
from plantwright.maintenance.models import Priority, WorkOrder, WorkOrderStatus
from plantwright.maintenance.status_flow import is_closed, require_step

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 10_000
WORK_ORDER_NOT_FOUND = "Work order not found."
ALERT_NOT_FOUND = "Alert not found."
MACHINE_NOT_FOUND = "Machine not found."


class Unset(Enum):
    """Tells "leave as it is" from "nobody"."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderChanges:
    """Fields that are None (for `assigned_to`: UNSET) stay as they are."""

    title: str | None = None
    description: str | None = None
    priority: Priority | None = None
    status: WorkOrderStatus | None = None
    assigned_to: UUID | Unset | None = UNSET


async def create(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    *,
    title: str,
    description: str = "",
    priority: Priority = Priority.MEDIUM,
    machine_id: UUID | None = None,
    alert_id: UUID | None = None,
    assigned_to: UUID | None = None,
) -> WorkOrder:
    """A work order for a machine, or for the machine of an alert.

    Raises:
        ValidationFailed: title or description too short or long, no machine, a machine that is not that of the
            alert, or an assignee who is not an active user.
        NotFound: no such machine or alert in this tenant.
    """
    title, description = _title(title), _description(description)
    machine_id = await _machine_for(work, machine_id, alert_id)
    await _require_assignable(work, assigned_to)
    order = WorkOrder(
        tenant_id=work.tenant_id,
        number=await repository.take_next_number(work),
        machine_id=machine_id,
        alert_id=alert_id,
        title=title,
        description=description,
        priority=priority.value,
        assigned_to=assigned_to,
        created_by=actor_id,
    )
    work.session.add(order)
    details = {
        "alert_id": alert_id,
        "title": title,
        "description": description,
        "priority": priority,
        "status": order.status,
        "assigned_to": assigned_to,
    }
    await journal.append(work, _fact("work_order.created", order, actor_id, details))
    return order


async def update(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    work_order_id: UUID,
    *,
    expected_version: int,
    changes: WorkOrderChanges,
) -> WorkOrder:
    """Change fields, status or both; nothing is written when nothing differs.

    Raises:
        ValidationFailed: as for `create`.
        NotFound: no such work order in this tenant.
        Conflict: it changed since `expected_version`, is closed, or cannot take this status.
    """
    wanted = await _validated(work, changes)
    order = await repository.get(work, work_order_id, lock=True)
    if order is None:
        raise NotFound(WORK_ORDER_NOT_FOUND, ["id"])
    if order.version != expected_version:
        raise Conflict(
            f"This work order was changed meanwhile: it is at version {order.version}, your change was made to version "
            f"{expected_version}. Load it again and repeat the change.",
            ["expectedVersion"],
        )
    differing = {
        field: {"old": getattr(order, field), "new": new}
        for field, new in wanted.items()
        if getattr(order, field) != new
    }
    if not differing:
        return order
    _require_allowed(order, differing)
    for field, change in differing.items():
        setattr(order, field, change["new"])
    order.version += 1
    order.updated_at = utc_now()
    await journal.append(work, *_update_facts(order, actor_id, differing))
    return order


async def get(work: UnitOfWork, work_order_id: UUID) -> WorkOrder:
    """
    Raises:
        NotFound: no such work order in this tenant.
    """
    order = await repository.get(work, work_order_id)
    if order is None:
        raise NotFound(WORK_ORDER_NOT_FOUND, ["id"])
    return order


async def _machine_for(work: UnitOfWork, machine_id: UUID | None, alert_id: UUID | None) -> UUID:
    if alert_id is not None:
        alert = await alerts.get(work, alert_id)
        if alert is None:
            raise NotFound(ALERT_NOT_FOUND, ["alertId"])
        if alert.machine_id is not None:
            if machine_id not in (None, alert.machine_id):
                raise ValidationFailed("The alert is of another machine. Leave the machine out.", ["machineId"])
            return alert.machine_id
        if machine_id is None:
            raise ValidationFailed("The alert is about an agent. Say which machine the work is for.", ["machineId"])
    if machine_id is None:
        raise ValidationFailed("A work order needs a machine or an alert.", ["machineId"])
    if await assets.get_machine(work, machine_id) is None:
        raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
    return machine_id


async def _require_assignable(work: UnitOfWork, user_id: UUID | None) -> None:
    if user_id is None:
        return
    user = await identity.get_user(work, user_id)
    if user is None or not user.is_active:
        raise ValidationFailed("Work can only be assigned to an active user.", ["assignedTo"])


async def _validated(work: UnitOfWork, changes: WorkOrderChanges) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if changes.title is not None:
        wanted["title"] = _title(changes.title)
    if changes.description is not None:
        wanted["description"] = _description(changes.description)
    if changes.priority is not None:
        wanted["priority"] = changes.priority.value
    if changes.status is not None:
        wanted["status"] = changes.status.value
    if changes.assigned_to is not UNSET:
        await _require_assignable(work, changes.assigned_to)
        wanted["assigned_to"] = changes.assigned_to
    return wanted


def _require_allowed(order: WorkOrder, differing: dict[str, dict[str, Any]]) -> None:
    status = WorkOrderStatus(order.status)
    if is_closed(status):
        raise Conflict(f"Work order {order.number} is {status.value} and can no longer be changed.", ["id"])
    if "status" in differing:
        require_step(status, WorkOrderStatus(differing["status"]["new"]))


def _update_facts(order: WorkOrder, actor_id: UUID, differing: dict[str, dict[str, Any]]) -> list[Fact]:
    fields = {name: change for name, change in differing.items() if name != "status"}
    facts = [_fact("work_order.updated", order, actor_id, {"changes": fields})] if fields else []
    if "status" in differing:
        old, new = differing["status"]["old"], differing["status"]["new"]
        facts.append(_fact("work_order.status_changed", order, actor_id, {"old_status": old, "new_status": new}))
    return facts


def _fact(action: str, order: WorkOrder, actor_id: UUID, details: dict[str, Any]) -> Fact:
    return Fact(
        action=action,
        resource_type="work_order",
        resource_id=str(order.id),
        payload={
            "work_order_id": order.id,
            "number": order.number,
            "machine_id": order.machine_id,
            "version": order.version,
            **details,
        },
        actor_id=actor_id,
    )


def _title(text: str) -> str:
    return bounded_text(text, "title", shortest=1, longest=LONGEST_TITLE)


def _description(text: str) -> str:
    return bounded_text(text, "description", longest=LONGEST_DESCRIPTION)
