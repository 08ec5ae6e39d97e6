"""SQL of shelves, of what is out of service, and of which machines run."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, delete, or_, text
from sqlmodel import col, select

from plantwright.alerts.findings import AlertKey
from plantwright.alerts.models import Alert, AlertCause
from plantwright.alerts.suppression.models import OutOfService, RunningCondition, Shelf, ShelfState
from plantwright.core.database import UnitOfWork
from plantwright.readings.repository import OWN_NUMBER

_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('alerts of ' || CAST(CAST(:tenant_id AS uuid) AS text), 0))""")
_RUNS = """CASE c.operator WHEN '>' THEN l.value > c.value WHEN '>=' THEN l.value >= c.value
                WHEN '<' THEN l.value < c.value WHEN '<=' THEN l.value <= c.value
                WHEN '=' THEN l.value = c.value ELSE l.value <> c.value END"""
_NEWEST = f"""
    FROM running_condition c
    JOIN metric m ON m.tenant_id = c.tenant_id AND m.id = c.metric_id
    JOIN latest_reading l ON l.tenant_no = {OWN_NUMBER} AND l.series_id = m.series_id
    WHERE c.tenant_id = :tenant_id AND l.quality < 2"""
RUNNING_CHANGES = f"""
    SELECT c.machine_id, {_RUNS} AS is_running, l.time, l.value, m.name AS metric, m.unit {_NEWEST}
      AND c.is_running IS DISTINCT FROM ({_RUNS})"""  # noqa: S608 - the inserted texts are constants
# Whether anything about alerts is due; for the sweep's one question.
IS_ALERT_TIME = f"""(
    EXISTS (SELECT FROM alert_shelf WHERE tenant_id = :tenant_id
              AND ((state = 'in_force' AND until <= now())
                   OR (state = 'requested' AND requested_at <= now() - CAST(:requests_lapse_after AS interval))))
    OR EXISTS (SELECT FROM out_of_service WHERE tenant_id = :tenant_id AND ended_at IS NULL AND until <= now())
    OR EXISTS (SELECT FROM alert_flood WHERE tenant_id = :tenant_id AND ended_at IS NULL AND quiet_at <= now())
    OR EXISTS ({RUNNING_CHANGES}))"""  # noqa: S608 - the inserted text is a constant
_CHANGED = text(RUNNING_CHANGES + " ORDER BY c.machine_id")
_STOPPED = text(f"""
    SELECT c.machine_id {_NEWEST} AND NOT ({_RUNS})
      AND c.machine_id = ANY (CAST(:machine_ids AS uuid[]))""")
_LOST = text("""
    SELECT DISTINCT (evidence -> 'inputs' ->> 'machine_id')::uuid AS machine_id FROM alert
    WHERE tenant_id = :tenant_id AND cause = :cause AND cleared_at IS NULL
      AND (evidence -> 'inputs' ->> 'machine_id')::uuid = ANY (CAST(:machine_ids AS uuid[]))""")


class RunningChange(NamedTuple):
    """What the newest reading says of a machine that was taken for the opposite."""

    machine_id: UUID
    is_running: bool
    time: datetime
    value: float
    metric: str
    unit: str


async def lock_tenant(work: UnitOfWork) -> None:
    """Whoever raises alerts, or changes what suppresses them, does so alone; first of all locks."""
    await work.execute(_LOCK, {"tenant_id": work.tenant_id})


async def shelves_in_force(work: UnitOfWork, keys: Collection[AlertKey]) -> dict[AlertKey, Shelf]:
    subjects = [
        col(getattr(Shelf, name)).in_({getattr(key, name) for key in keys} - {None})
        for name in ("machine_id", "agent_id", "source_id")
    ]
    statement = select(Shelf).where(
        Shelf.tenant_id == work.tenant_id, col(Shelf.state) == ShelfState.IN_FORCE, or_(*subjects)
    )
    return {shelf_key(shelf): shelf for shelf in (await work.session.exec(statement)).all()}


async def shelf(work: UnitOfWork, shelf_id: UUID) -> Shelf | None:
    statement = select(Shelf).where(Shelf.tenant_id == work.tenant_id, Shelf.id == shelf_id)
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def standing_shelf(work: UnitOfWork, key: AlertKey) -> Shelf | None:
    """The one that is in force for the key, or asked for."""
    states = [ShelfState.REQUESTED, ShelfState.IN_FORCE]
    conditions = (col(getattr(Shelf, name)).is_not_distinct_from(value) for name, value in key._asdict().items())
    statement = select(Shelf).where(Shelf.tenant_id == work.tenant_id, col(Shelf.state).in_(states), *conditions)
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def shelf_of_alerts(work: UnitOfWork, alert_ids: Collection[UUID]) -> dict[UUID, Shelf]:
    """The shelf that each is on, or that was asked for; by alert."""
    carried = dict(
        (
            await work.session.exec(
                select(Alert.shelf_id, Alert.id).where(
                    Alert.tenant_id == work.tenant_id, col(Alert.id).in_(alert_ids), col(Alert.shelf_id).is_not(None)
                )
            )
        ).all()
    )
    statement = select(Shelf).where(
        Shelf.tenant_id == work.tenant_id,
        or_(
            col(Shelf.id).in_(carried),
            and_(col(Shelf.alert_id).in_(alert_ids), col(Shelf.state) == ShelfState.REQUESTED),
        ),
    )
    return {carried.get(shelf.id, shelf.alert_id): shelf for shelf in (await work.session.exec(statement)).all()}


async def due_shelves(work: UnitOfWork, now: datetime, requested_before: datetime, limit: int) -> Sequence[Shelf]:
    """Those whose time is over, and requests that nobody has decided."""
    statement = (
        select(Shelf)
        .where(
            Shelf.tenant_id == work.tenant_id,
            or_(
                and_(col(Shelf.state) == ShelfState.IN_FORCE, col(Shelf.until) <= now),
                and_(col(Shelf.state) == ShelfState.REQUESTED, col(Shelf.requested_at) <= requested_before),
            ),
        )
        .order_by(col(Shelf.until), col(Shelf.id))
        .limit(limit)
        .with_for_update()
    )
    return (await work.session.exec(statement)).all()


async def shelved_alert(work: UnitOfWork, shelf_id: UUID) -> Alert | None:
    """The alert that carries the shelf."""
    statement = select(Alert).where(Alert.tenant_id == work.tenant_id, Alert.shelf_id == shelf_id)
    return (await work.session.exec(statement.with_for_update(key_share=True))).one_or_none()


async def out_of_service_of(work: UnitOfWork, machine_ids: Collection[UUID]) -> Sequence[OutOfService]:
    """Of these machines and their metrics, those that last, the oldest first."""
    statement = select(OutOfService).where(
        OutOfService.tenant_id == work.tenant_id,
        col(OutOfService.machine_id).in_(machine_ids),
        col(OutOfService.ended_at).is_(None),
    )
    return (await work.session.exec(statement.order_by(col(OutOfService.began_at), col(OutOfService.id)))).all()


async def lasting_out_of_service(work: UnitOfWork, limit: int) -> Sequence[OutOfService]:
    statement = select(OutOfService).where(
        OutOfService.tenant_id == work.tenant_id, col(OutOfService.ended_at).is_(None)
    )
    newest = statement.order_by(col(OutOfService.began_at).desc(), col(OutOfService.id)).limit(limit)
    return (await work.session.exec(newest)).all()


async def out_of_service(work: UnitOfWork, out_of_service_id: UUID) -> OutOfService | None:
    statement = select(OutOfService).where(
        OutOfService.tenant_id == work.tenant_id, OutOfService.id == out_of_service_id
    )
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def out_of_services(work: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, OutOfService]:
    statement = select(OutOfService).where(OutOfService.tenant_id == work.tenant_id, col(OutOfService.id).in_(ids))
    return {row.id: row for row in (await work.session.exec(statement)).all()}


async def out_of_service_by_order(work: UnitOfWork, work_order_id: UUID) -> OutOfService | None:
    statement = select(OutOfService).where(
        OutOfService.tenant_id == work.tenant_id,
        OutOfService.work_order_id == work_order_id,
        col(OutOfService.ended_at).is_(None),
    )
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def due_out_of_service(work: UnitOfWork, now: datetime, limit: int) -> Sequence[OutOfService]:
    statement = (
        select(OutOfService)
        .where(
            OutOfService.tenant_id == work.tenant_id,
            col(OutOfService.ended_at).is_(None),
            col(OutOfService.until) <= now,
        )
        .order_by(col(OutOfService.until), col(OutOfService.id))
        .limit(limit)
        .with_for_update()
    )
    return (await work.session.exec(statement)).all()


async def running_condition(work: UnitOfWork, machine_id: UUID) -> RunningCondition | None:
    statement = select(RunningCondition).where(
        RunningCondition.tenant_id == work.tenant_id, RunningCondition.machine_id == machine_id
    )
    return (await work.session.exec(statement)).one_or_none()


async def running_conditions(work: UnitOfWork, machine_ids: Collection[UUID]) -> Sequence[RunningCondition]:
    statement = select(RunningCondition).where(
        RunningCondition.tenant_id == work.tenant_id, col(RunningCondition.machine_id).in_(machine_ids)
    )
    return (await work.session.exec(statement)).all()


async def forget_running_condition(work: UnitOfWork, machine_id: UUID) -> None:
    await work.execute(
        delete(RunningCondition).where(
            col(RunningCondition.tenant_id) == work.tenant_id, col(RunningCondition.machine_id) == machine_id
        )
    )


async def running_changes(work: UnitOfWork) -> Sequence[RunningChange]:
    rows = (await work.execute(_CHANGED, {"tenant_id": work.tenant_id})).all()
    return [RunningChange._make(row) for row in rows]


async def stopped_machines(work: UnitOfWork, machine_ids: Collection[UUID]) -> set[UUID]:
    """By their newest readings, whatever was found before."""
    parameters = {"tenant_id": work.tenant_id, "machine_ids": list(machine_ids)}
    return set((await work.execute(_STOPPED, parameters)).scalars())


async def machines_behind_lost_sources(work: UnitOfWork, machine_ids: Collection[UUID]) -> set[UUID]:
    parameters = {
        "tenant_id": work.tenant_id,
        "cause": AlertCause.SOURCE_LOST.value,
        "machine_ids": list(machine_ids),
    }
    return set((await work.execute(_LOST, parameters)).scalars())


def shelf_key(shelf: Shelf) -> AlertKey:
    return AlertKey(**{name: getattr(shelf, name) for name in AlertKey._fields})
