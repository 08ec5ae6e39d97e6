"""SQL of what the journal says of machines as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from plantwright.assets.models import Machine
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord


async def list_machines(work: UnitOfWork) -> list[tuple[UUID, str]]:
    """Id and identifier of all machines of the tenant."""
    statement = select(Machine.id, Machine.identifier).where(Machine.tenant_id == work.tenant_id)
    return [(machine_id, identifier) for machine_id, identifier in await work.session.exec(statement)]


async def recorded_of_machines(
    work: UnitOfWork, machine_ids: Sequence[UUID], actions: Sequence[str]
) -> Sequence[tuple[int, str, Mapping[str, Any]]]:
    """Sequence, action and payload of what the journal holds of these machines, in its order."""
    statement = (
        select(AuditRecord.sequence, AuditRecord.action, AuditRecord.payload)
        .where(
            AuditRecord.tenant_id == work.tenant_id,
            AuditRecord.resource_type == "machine",
            col(AuditRecord.resource_id).in_([str(machine_id) for machine_id in machine_ids]),
            col(AuditRecord.action).in_(actions),
        )
        .order_by(col(AuditRecord.sequence))
    )
    return (await work.session.exec(statement)).all()
