"""SQL of what people said of the references of machines."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.detection.multivariate.models import MachineReferenceStatement
from plantwright.detection.multivariate.statements import Drawn, Statement

_ADD = text("""
    INSERT INTO machine_reference_statement (tenant_id, machine_id, holds_from_ms, drawn)
    VALUES (:tenant_id, :machine_id, :holds_from_ms, :drawn) RETURNING id""")


async def add(work: UnitOfWork, machine_id: UUID, holds_from_ms: int, drawn: Drawn | None) -> Statement:
    row = {
        "tenant_id": work.tenant_id,
        "machine_id": machine_id,
        "holds_from_ms": holds_from_ms,
        "drawn": None if drawn is None else drawn.to_bytes(),
    }
    number = int((await work.execute(_ADD, row)).scalar_one())
    return Statement(number, holds_from_ms, drawn)


async def unheard(work: UnitOfWork, said: Mapping[UUID, int]) -> dict[UUID, list[Statement]]:
    """Of each of these machines the statements with a greater number, in the order in which they were made."""
    kept = MachineReferenceStatement
    statement = (
        select(kept.machine_id, kept.id, kept.holds_from_ms, kept.drawn)
        .where(
            kept.tenant_id == work.tenant_id,
            col(kept.machine_id).in_(list(said)),
            col(kept.id) > min(said.values(), default=0),
        )
        .order_by(col(kept.id))
    )
    found: dict[UUID, list[Statement]] = {}
    for machine_id, number, holds_from_ms, drawn in await work.session.exec(statement):
        if number is not None and number > said[machine_id]:
            known = None if drawn is None else Drawn.from_bytes(drawn)
            found.setdefault(machine_id, []).append(Statement(number, holds_from_ms, known))
    return found


async def newest(work: UnitOfWork, machine_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Number of the newest statement of each of these machines that has any."""
    kept = MachineReferenceStatement
    statement = (
        select(kept.machine_id, kept.id)
        .where(kept.tenant_id == work.tenant_id, col(kept.machine_id).in_(machine_ids))
        .order_by(col(kept.id))
    )
    return {machine_id: number or 0 for machine_id, number in await work.session.exec(statement)}
