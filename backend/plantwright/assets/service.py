"""Registering and changing machines and the settings of their metrics."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from plantwright.assets import repository
from plantwright.assets.models import Machine, MachineKind, Metric, Protocol
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.journal.service import Fact, Journal

MAX_IDENTIFIER = 100
MAX_NAME = 200
MACHINE_NOT_FOUND = "Machine not found."
METRIC_NOT_FOUND = "Metric not found."


async def create_machine(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID | None,
    *,
    name: str,
    identifier: str,
    kind: MachineKind,
    protocol: Protocol,
    location: str | None,
) -> Machine:
    """
    Raises:
        ValidationFailed: the name or identifier is empty or too long.
        Conflict: the identifier is taken in this tenant.
    """
    machine = Machine(
        tenant_id=work.tenant_id,
        name=_bounded(name, MAX_NAME, "name"),
        identifier=_bounded(identifier, MAX_IDENTIFIER, "identifier"),
        kind=kind.value,
        protocol=protocol.value,
        location=_optional(location),
    )
    work.session.add(machine)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Conflict("A machine with this identifier already exists for this tenant.", ["identifier"]) from error
    payload = {"machine_id": machine.id, "identifier": machine.identifier, "name": machine.name, "kind": kind}
    await journal.append(work, _fact("machine.created", "machine", machine.id, payload, actor_id))
    return machine


async def update_machine(
    work: UnitOfWork, journal: Journal, actor_id: UUID, machine_id: UUID, changes: dict[str, Any]
) -> Machine:
    """Change name, kind or location; what is not in `changes` stays.

    Raises:
        NotFound: no such machine in this tenant.
        ValidationFailed: an empty or too long name.
    """
    machine = await repository.get_machine(work, machine_id, lock=True)
    if machine is None:
        raise NotFound(MACHINE_NOT_FOUND, ["id"])
    if "name" in changes:
        changes["name"] = _bounded(changes["name"] or "", MAX_NAME, "name")
    if "location" in changes:
        changes["location"] = _optional(changes["location"])
    differing = {field: value for field, value in changes.items() if getattr(machine, field) != value}
    if not differing:
        return machine
    recorded = {field: {"old": getattr(machine, field), "new": value} for field, value in differing.items()}
    for field, value in differing.items():
        setattr(machine, field, value)
    machine.updated_at = utc_now()
    work.session.add(machine)
    payload = {"machine_id": machine.id, "changes": recorded}
    await journal.append(work, _fact("machine.updated", "machine", machine.id, payload, actor_id))
    return machine


async def require_metric(work: UnitOfWork, metric_id: UUID) -> Metric:
    """The metric, locked for a change.

    Raises:
        NotFound: no such metric in this tenant.
    """
    metric = await repository.get_metric(work, metric_id, lock=True)
    if metric is None:
        raise NotFound(METRIC_NOT_FOUND, ["metricId"])
    return metric


async def set_metric_detection(
    work: UnitOfWork, journal: Journal, actor_id: UUID, metric_id: UUID, detection: dict[str, Any] | None
) -> Metric:
    """Give the metric detection settings of its own, or none.

    Raises:
        NotFound: no such metric in this tenant.
    """
    metric = await require_metric(work, metric_id)
    if metric.detection != detection:
        payload = {
            "machine_id": metric.machine_id,
            "metric": metric.name,
            "changes": {"detection": {"old": metric.detection, "new": detection}},
        }
        metric.detection = detection
        work.session.add(metric)
        await journal.append(work, _fact("metric.settings_changed", "metric", metric.id, payload, actor_id))
    return metric


def _fact(action: str, kind: str, resource_id: UUID, payload: dict[str, Any], actor_id: UUID | None) -> Fact:
    return Fact(action=action, resource_type=kind, resource_id=str(resource_id), payload=payload, actor_id=actor_id)


def _bounded(value: str, longest: int, field: str) -> str:
    value = value.strip()
    if not 1 <= len(value) <= longest:
        raise ValidationFailed(f"{field} has 1 to {longest} characters.", [field])
    return value


def _optional(value: str | None) -> str | None:
    value = (value or "").strip()
    if len(value) > MAX_NAME:
        raise ValidationFailed(f"location has at most {MAX_NAME} characters.", ["location"])
    return value or None
