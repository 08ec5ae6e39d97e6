"""SQL of alerts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, tuple_, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from plantwright.alerts.findings import AlertKey
from plantwright.alerts.life_cycle import AlertState
from plantwright.alerts.models import Alert, Severity
from plantwright.alerts.suppression.axis import Suppression
from plantwright.assets.models import Machine, Metric
from plantwright.core.database import UnitOfWork

_CLEARED = col(Alert.cleared_at).is_not(None)
_ACKNOWLEDGED = col(Alert.acknowledged_at).is_not(None)
_IS_SUPPRESSED: dict[Suppression, ColumnElement[bool]] = {
    Suppression.SHELVED: col(Alert.shelf_id).is_not(None),
    Suppression.SUPPRESSED_BY_DESIGN: func.cardinality(col(Alert.design_reasons)) > 0,
    Suppression.OUT_OF_SERVICE: col(Alert.out_of_service_id).is_not(None),
}
_IS_IN_STATE: dict[AlertState, ColumnElement[bool]] = {
    AlertState.ACTIVE_UNACKNOWLEDGED: and_(~_CLEARED, ~_ACKNOWLEDGED),
    AlertState.ACTIVE_ACKNOWLEDGED: and_(~_CLEARED, _ACKNOWLEDGED),
    AlertState.CLEARED_UNACKNOWLEDGED: and_(_CLEARED, ~_ACKNOWLEDGED),
    AlertState.CLEARED: and_(_CLEARED, _ACKNOWLEDGED),
}


class AlertCursor(NamedTuple):
    """The place of an alert in a list, newest first."""

    raised_at: datetime
    id: UUID

    @classmethod
    def of(cls, alert: Alert) -> "AlertCursor":
        return cls(alert.raised_at, alert.id)


class AlertFilter:
    """What a list of alerts is narrowed by; empty fields do not narrow. `raised_to` is not included."""

    def __init__(
        self,
        *,
        machine_id: UUID | None = None,
        agent_id: UUID | None = None,
        rule_id: UUID | None = None,
        group_id: UUID | None = None,
        assignee_id: UUID | None = None,
        site: str | None = None,
        suppression: Sequence[Suppression] = (),
        is_suppressed: bool | None = None,
        severity: Sequence[str] = (),
        state: Sequence[AlertState] = (),
        cause: Sequence[str] = (),
        raised_from: datetime | None = None,
        raised_to: datetime | None = None,
    ) -> None:
        conditions: list[ColumnElement[bool]] = []
        if machine_id is not None:
            conditions.append(col(Alert.machine_id) == machine_id)
        wanted = {"agent_id": agent_id, "rule_id": rule_id, "assignee_id": assignee_id, "site": site}
        conditions += [col(getattr(Alert, name)) == value for name, value in wanted.items() if value is not None]
        if group_id is not None:
            conditions.append(or_(col(Alert.group_id) == group_id, col(Alert.id) == group_id))
        if suppression:
            conditions.append(or_(*(_IS_SUPPRESSED[one] for one in suppression)))
        if is_suppressed is not None:
            suppressed = or_(*_IS_SUPPRESSED.values())
            conditions.append(suppressed if is_suppressed else ~suppressed)
        if severity:
            conditions.append(col(Alert.severity).in_(severity))
        if state:
            conditions.append(or_(*(_IS_IN_STATE[one] for one in state)))
        if cause:
            conditions.append(col(Alert.cause).in_(cause))
        if raised_from is not None:
            conditions.append(col(Alert.raised_at) >= raised_from)
        if raised_to is not None:
            conditions.append(col(Alert.raised_at) < raised_to)
        self.condition = and_(True, *conditions)


class OpenCounts(NamedTuple):
    """`unacknowledged` counts among the active ones."""

    active: int
    unacknowledged: int


class AlertSummary(NamedTuple):
    """All but the last count active alerts only."""

    active: int
    critical: int
    warning: int
    info: int
    unacknowledged: int
    cleared_unacknowledged: int


async def page_newest_first(
    work: UnitOfWork, where: AlertFilter, after: AlertCursor | None, limit: int
) -> Sequence[Alert]:
    keys = (col(Alert.raised_at), col(Alert.id))
    statement = select(Alert).where(Alert.tenant_id == work.tenant_id, where.condition)
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    return (await work.session.exec(statement.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def count(work: UnitOfWork, where: AlertFilter) -> int:
    statement = select(func.count()).select_from(Alert).where(Alert.tenant_id == work.tenant_id, where.condition)
    return (await work.session.exec(statement)).one()


async def get(work: UnitOfWork, alert_id: UUID, *, lock: bool = False) -> Alert | None:
    statement = select(Alert).where(Alert.tenant_id == work.tenant_id, Alert.id == alert_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def note_opened(work: UnitOfWork, alert_id: UUID, at: datetime) -> None:
    """Only the first time counts."""
    first = update(Alert).where(
        col(Alert.tenant_id) == work.tenant_id, col(Alert.id) == alert_id, col(Alert.opened_at).is_(None)
    )
    await work.execute(first.values(opened_at=at))


async def lock_many(work: UnitOfWork, alert_ids: Collection[UUID]) -> Sequence[Alert]:
    """Held until the transaction ends."""
    statement = select(Alert).where(Alert.tenant_id == work.tenant_id, col(Alert.id).in_(alert_ids))
    locked = statement.order_by(col(Alert.id)).with_for_update(key_share=True)
    return (await work.session.exec(locked.execution_options(populate_existing=True))).all()


async def get_many(work: UnitOfWork, alert_ids: Collection[UUID]) -> Sequence[Alert]:
    statement = select(Alert).where(Alert.tenant_id == work.tenant_id, col(Alert.id).in_(alert_ids))
    return (await work.session.exec(statement)).all()


async def lock_open(work: UnitOfWork, keys: Collection[AlertKey]) -> Sequence[Alert]:
    """The open alerts with these keys, held until the transaction ends."""
    return await _lock(work, keys, ~_CLEARED)


async def lock_cleared_since(work: UnitOfWork, keys: Collection[AlertKey], since: datetime) -> Sequence[Alert]:
    """The alerts with these keys that cleared at or after `since`, oldest first, held until the transaction ends."""
    return sorted(
        await _lock(work, keys, col(Alert.cleared_at) >= since), key=lambda alert: (alert.raised_at, alert.id)
    )


async def lock_open_of_machines(work: UnitOfWork, machine_ids: Collection[UUID]) -> Sequence[Alert]:
    """All open alerts of these machines, held until the transaction ends."""
    statement = select(Alert).where(
        Alert.tenant_id == work.tenant_id, col(Alert.machine_id).in_(machine_ids), ~_CLEARED
    )
    locked = statement.order_by(col(Alert.id)).with_for_update(key_share=True)
    return (await work.session.exec(locked.execution_options(populate_existing=True))).all()


async def lock_open_silences(work: UnitOfWork) -> Sequence[Alert]:
    """Open alerts of machines that say no more than that nothing is heard, held until the transaction ends."""
    is_silence = col(Alert.evidence).contains({"is_silence": True})
    statement = select(Alert).where(
        Alert.tenant_id == work.tenant_id, ~_CLEARED, col(Alert.machine_id).is_not(None), is_silence
    )
    locked = statement.order_by(col(Alert.id)).with_for_update(key_share=True)
    return (await work.session.exec(locked.execution_options(populate_existing=True))).all()


async def _lock(work: UnitOfWork, keys: Collection[AlertKey], condition: ColumnElement[bool]) -> Sequence[Alert]:
    # Every transaction takes locks on alerts in the order of their ids, so two of them cannot wait for each other.
    statement = (
        select(Alert)
        .where(Alert.tenant_id == work.tenant_id, condition)
        .where(_has_one_of(keys))
        .order_by(col(Alert.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()


def _has_one_of(keys: Collection[AlertKey]) -> ColumnElement[bool]:
    """Keys with nulls in the same places are compared at once: no comparison with null is ever true."""
    by_pattern: dict[tuple[str, ...], list[tuple[object, ...]]] = {}
    for key in keys:
        named = {name: value for name, value in key._asdict().items() if value is not None}
        by_pattern.setdefault(tuple(named), []).append(tuple(named.values()))
    return or_(false(), *(_has_pattern(names, values) for names, values in by_pattern.items()))


def _has_pattern(names: Sequence[str], values: Sequence[tuple[object, ...]]) -> ColumnElement[bool]:
    missing = [name for name in AlertKey._fields if name not in names]
    columns = tuple_(*(col(getattr(Alert, name)) for name in names))
    return and_(columns.in_(values), *(col(getattr(Alert, name)).is_(None) for name in missing))


async def existing_machines(work: UnitOfWork, machine_ids: Collection[UUID]) -> set[UUID]:
    statement = select(Machine.id).where(Machine.tenant_id == work.tenant_id, col(Machine.id).in_(machine_ids))
    return set((await work.session.exec(statement)).all())


async def machines_of_metrics(work: UnitOfWork, metric_ids: Collection[UUID]) -> dict[UUID, UUID]:
    statement = select(Metric.id, Metric.machine_id).where(
        Metric.tenant_id == work.tenant_id, col(Metric.id).in_(metric_ids)
    )
    return dict((await work.session.exec(statement)).all())


async def sites_of(work: UnitOfWork, machine_ids: Collection[UUID]) -> dict[UUID, str]:
    statement = select(Machine.id, func.coalesce(Machine.location, "")).where(
        Machine.tenant_id == work.tenant_id, col(Machine.id).in_(machine_ids)
    )
    return dict((await work.session.exec(statement)).all())


async def metrics_by_id(work: UnitOfWork, metric_ids: Collection[UUID]) -> dict[UUID, Metric]:
    statement = select(Metric).where(Metric.tenant_id == work.tenant_id, col(Metric.id).in_(metric_ids))
    return {metric.id: metric for metric in (await work.session.exec(statement)).all()}


async def open_counts(work: UnitOfWork, machine_ids: Collection[UUID]) -> dict[UUID, OpenCounts]:
    statement = (
        select_columns(
            col(Alert.machine_id),
            func.count().label("active"),
            func.count().filter(~_ACKNOWLEDGED).label("unacknowledged"),
        )
        .where(col(Alert.tenant_id) == work.tenant_id, col(Alert.machine_id).in_(machine_ids), ~_CLEARED)
        .group_by(col(Alert.machine_id))
    )
    rows = (await work.execute(statement)).mappings().all()
    found = {row["machine_id"]: OpenCounts(row["active"], row["unacknowledged"]) for row in rows}
    return {machine_id: found.get(machine_id, OpenCounts(0, 0)) for machine_id in machine_ids}


async def summary(work: UnitOfWork) -> AlertSummary:
    def active(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(~_CLEARED, condition)

    statement = select_columns(
        func.count().filter(~_CLEARED),
        active(col(Alert.severity) == Severity.CRITICAL),
        active(col(Alert.severity) == Severity.WARNING),
        active(col(Alert.severity) == Severity.INFO),
        active(~_ACKNOWLEDGED),
        func.count().filter(_CLEARED, ~_ACKNOWLEDGED),
    ).where(col(Alert.tenant_id) == work.tenant_id, or_(~_CLEARED, ~_ACKNOWLEDGED))
    return AlertSummary._make((await work.execute(statement)).one())
