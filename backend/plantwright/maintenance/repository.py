"""SQL of work orders."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, text
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.maintenance.models import WorkOrder


class WorkOrderFilter:
    """What a list of work orders is narrowed by; empty fields do not narrow."""

    def __init__(
        self, *, machine_id: UUID | None = None, status: Sequence[str] = (), assigned_to: UUID | None = None
    ) -> None:
        conditions: list[ColumnElement[bool]] = []
        if machine_id is not None:
            conditions.append(col(WorkOrder.machine_id) == machine_id)
        if status:
            conditions.append(col(WorkOrder.status).in_(status))
        if assigned_to is not None:
            conditions.append(col(WorkOrder.assigned_to) == assigned_to)
        self.condition = and_(True, *conditions)


async def page_newest_first(
    work: UnitOfWork, where: WorkOrderFilter, before: int | None, limit: int
) -> Sequence[WorkOrder]:
    """Work orders with a number below `before`, highest number first."""
    statement = select(WorkOrder).where(WorkOrder.tenant_id == work.tenant_id, where.condition)
    if before is not None:
        statement = statement.where(col(WorkOrder.number) < before)
    return (await work.session.exec(statement.order_by(col(WorkOrder.number).desc()).limit(limit))).all()


async def count(work: UnitOfWork, where: WorkOrderFilter) -> int:
    statement = (
        select(func.count()).select_from(WorkOrder).where(WorkOrder.tenant_id == work.tenant_id, where.condition)
    )
    return (await work.session.exec(statement)).one()


async def get(work: UnitOfWork, work_order_id: UUID, *, lock: bool = False) -> WorkOrder | None:
    statement = select(WorkOrder).where(WorkOrder.tenant_id == work.tenant_id, WorkOrder.id == work_order_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def newest_of_alerts(work: UnitOfWork, alert_ids: Sequence[UUID]) -> dict[UUID, WorkOrder]:
    """The newest work order made from each alert; alerts without one are left out."""
    statement = (
        select(WorkOrder)
        .where(WorkOrder.tenant_id == work.tenant_id, col(WorkOrder.alert_id).in_(alert_ids))
        .order_by(col(WorkOrder.number))
    )
    rows = (await work.session.exec(statement)).all()
    return {row.alert_id: row for row in rows if row.alert_id is not None}


async def take_next_number(work: UnitOfWork) -> int:
    """One more than the highest; creations of a tenant go one after the other from here to the end.

    A sequence would leave a gap for each creation that fails. The lock is of its own, and is always taken before
    the head of the journal, so two creations cannot wait for each other.
    """
    key = f"work_order_number:{work.tenant_id}"
    await work.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    statement = select(func.coalesce(func.max(WorkOrder.number), 0)).where(WorkOrder.tenant_id == work.tenant_id)
    return (await work.session.exec(statement)).one() + 1
