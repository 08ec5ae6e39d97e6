"""SQL of machines and metrics."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, tuple_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from plantwright.assets.models import Machine, Metric
from plantwright.core.database import UnitOfWork


async def get_machine(work: UnitOfWork, machine_id: UUID, *, lock: bool = False) -> Machine | None:
    statement = select(Machine).where(Machine.tenant_id == work.tenant_id, Machine.id == machine_id)
    if lock:
        statement = statement.with_for_update()
    return (await work.session.exec(statement)).one_or_none()


async def get_machines(work: UnitOfWork, machine_ids: Sequence[UUID]) -> Sequence[Machine]:
    statement = select(Machine).where(Machine.tenant_id == work.tenant_id, col(Machine.id).in_(machine_ids))
    return (await work.session.exec(statement)).all()


async def find_machine(work: UnitOfWork, identifier: str) -> Machine | None:
    statement = select(Machine).where(Machine.tenant_id == work.tenant_id, Machine.identifier == identifier)
    return (await work.session.exec(statement)).one_or_none()


async def metrics_of(work: UnitOfWork, machine_ids: Sequence[UUID]) -> Sequence[Metric]:
    statement = (
        select(Metric)
        .where(Metric.tenant_id == work.tenant_id, col(Metric.machine_id).in_(machine_ids))
        .order_by(col(Metric.name))
    )
    return (await work.session.exec(statement)).all()


async def get_metric(work: UnitOfWork, metric_id: UUID, *, lock: bool = False) -> Metric | None:
    statement = select(Metric).where(Metric.tenant_id == work.tenant_id, Metric.id == metric_id)
    if lock:
        statement = statement.with_for_update()
    return (await work.session.exec(statement)).one_or_none()


async def metrics_by_series(work: UnitOfWork, series_ids: Sequence[int]) -> Sequence[Metric]:
    statement = select(Metric).where(Metric.tenant_id == work.tenant_id, col(Metric.series_id).in_(series_ids))
    return (await work.session.exec(statement)).all()


class MachineFilter:
    """What a list of machines is narrowed by; empty fields do not narrow."""

    def __init__(self, *, status: Sequence[str] = (), kind: Sequence[str] = (), search: str = "") -> None:
        conditions: list[ColumnElement[bool]] = []
        if status:
            conditions.append(col(Machine.status).in_(status))
        if kind:
            conditions.append(col(Machine.kind).in_(kind))
        if search:
            conditions.append(
                or_(
                    col(Machine.name).icontains(search, autoescape=True),
                    col(Machine.identifier).icontains(search, autoescape=True),
                )
            )
        self.condition = and_(True, *conditions)


async def count_machines(work: UnitOfWork, where: MachineFilter) -> int:
    statement = select(func.count()).select_from(Machine).where(Machine.tenant_id == work.tenant_id, where.condition)
    return (await work.session.exec(statement)).one()


async def page_by_health(
    work: UnitOfWork, where: MachineFilter, after: tuple[int, str, UUID] | None, limit: int
) -> Sequence[Machine]:
    """Worst score first, then by name."""
    keys = (col(Machine.health_score), col(Machine.name), col(Machine.id))
    return await _page(work, where, keys, after, limit)


async def page_by_name(
    work: UnitOfWork, where: MachineFilter, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Machine]:
    return await _page(work, where, (col(Machine.name), col(Machine.id)), after, limit)


async def _page(
    work: UnitOfWork, where: MachineFilter, keys: Sequence[object], after: Sequence[object] | None, limit: int
) -> Sequence[Machine]:
    statement: SelectOfScalar[Machine] = select(Machine).where(Machine.tenant_id == work.tenant_id, where.condition)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return (await work.session.exec(statement.order_by(*keys).limit(limit))).all()  # type: ignore[arg-type]


async def get_metrics(work: UnitOfWork, metric_ids: Sequence[UUID]) -> Sequence[Metric]:
    statement = select(Metric).where(Metric.tenant_id == work.tenant_id, col(Metric.id).in_(metric_ids))
    return (await work.session.exec(statement)).all()
