"""SQL of rules, and of the readings and machine states that they judge."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.assets.models import Machine, Metric
from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.readings.columns import LogSlice
from plantwright.readings.repository import OWN_NUMBER, SEGMENT_COLUMNS, to_slice
from plantwright.rules.models import AlertRule, StoredSnapshot, StoredState

_DAY_MS, _HOUR_MS = 86_400_000, 3_600_000
# How long a silent machine's readings may be on their way before time goes on without them.
GRACE = timedelta(seconds=10)
IS_DUE = f"""EXISTS (SELECT FROM alert_rule_state WHERE tenant_id = :tenant_id
                     AND due <= now() - interval '{GRACE.total_seconds():g} seconds') AS rules"""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_BOOK = text("""
    SELECT revision, coalesce((SELECT position FROM consumer_cursor c
                               WHERE c.tenant_id = :tenant_id AND c.consumer = :consumer), 0) AS position
    FROM alert_rule_book WHERE tenant_id = :tenant_id""")
_BUMP = text("""
    INSERT INTO alert_rule_book AS book (tenant_id, revision) VALUES (:tenant_id, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET revision = book.revision + 1""")
_BUMP_IF_THERE = text("UPDATE alert_rule_book SET revision = revision + 1 WHERE tenant_id = :tenant_id")
_SEGMENTS = f"""
    FROM segment WHERE tenant_no = {OWN_NUMBER} AND series_id = ANY(:series)
      AND segment.start >= :day AND segment.start <= :high AND (segment.start >= :hour OR segment.level < 2)
      AND flush_id <= :position"""
_READINGS = text(f"SELECT {SEGMENT_COLUMNS} {_SEGMENTS} ORDER BY flush_id, series_id, segment.start")
_COUNT = text(f'SELECT coalesce(sum(coalesce(cardinality(offsets), cardinality("values"))), 0) {_SEGMENTS}')


# Rule, version, machine.
WatchKey = tuple[UUID, int, UUID]
_KEY = ("rule_id", "version", "machine_id")


class Book(NamedTuple):
    revision: int
    position: int


async def lock_rules(work: UnitOfWork) -> None:
    """Until the transaction ends nobody else judges or changes rules of this tenant."""
    await work.execute(_LOCK, {"name": f"alert rules:{work.tenant_id}"})


async def read_book(work: UnitOfWork, consumer: str) -> Book | None:
    """The revision of the tenant's rules and how far their consumer has come; None without any rules ever."""
    row = (await work.execute(_BOOK, {"tenant_id": work.tenant_id, "consumer": consumer})).one_or_none()
    return None if row is None else Book(row.revision, row.position)


async def bump(work: UnitOfWork, *, only_if_there: bool = False) -> None:
    await work.execute(_BUMP_IF_THERE if only_if_there else _BUMP, {"tenant_id": work.tenant_id})


async def get(work: UnitOfWork, rule_id: UUID, *, lock: bool = False) -> AlertRule | None:
    statement = select(AlertRule).where(AlertRule.tenant_id == work.tenant_id, AlertRule.id == rule_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def get_many(work: UnitOfWork, rule_ids: Collection[UUID]) -> Sequence[AlertRule]:
    statement = select(AlertRule).where(AlertRule.tenant_id == work.tenant_id, col(AlertRule.id).in_(rule_ids))
    return (await work.session.exec(statement)).all()


class RuleFilter:
    """What a list of rules is narrowed by; empty fields do not narrow."""

    def __init__(self, *, machine_id: UUID | None = None, is_enabled: bool | None = None, search: str = "") -> None:
        conditions: list[ColumnElement[bool]] = []
        if machine_id is not None:
            kind = select(Machine.kind).where(
                col(Machine.tenant_id) == col(AlertRule.tenant_id), col(Machine.id) == machine_id
            )
            conditions.append(
                or_(col(AlertRule.machine_id) == machine_id, col(AlertRule.machine_kind) == kind.scalar_subquery())
            )
        if is_enabled is not None:
            conditions.append(col(AlertRule.is_enabled) == is_enabled)
        if search:
            conditions.append(col(AlertRule.name).icontains(search, autoescape=True))
        self.condition = and_(True, *conditions)


async def count(work: UnitOfWork, where: RuleFilter) -> int:
    statement = (
        select(func.count()).select_from(AlertRule).where(AlertRule.tenant_id == work.tenant_id, where.condition)
    )
    return (await work.session.exec(statement)).one()


async def page_by_name(
    work: UnitOfWork, where: RuleFilter, after: tuple[str, UUID] | None, limit: int
) -> Sequence[AlertRule]:
    keys = (col(AlertRule.name), col(AlertRule.id))
    statement = select(AlertRule).where(AlertRule.tenant_id == work.tenant_id, where.condition)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return (await work.session.exec(statement.order_by(*keys).limit(limit))).all()


async def enabled(work: UnitOfWork) -> Sequence[AlertRule]:
    statement = select(AlertRule).where(AlertRule.tenant_id == work.tenant_id, col(AlertRule.is_enabled))
    return (await work.session.exec(statement.order_by(col(AlertRule.id)))).all()


async def remove(work: UnitOfWork, rule_id: UUID) -> None:
    """Its versions stay, with what they remember."""
    await work.execute(
        delete(AlertRule).where(col(AlertRule.tenant_id) == work.tenant_id, col(AlertRule.id) == rule_id)
    )


async def machines_of_kinds(work: UnitOfWork, kinds: Collection[str]) -> Sequence[Machine]:
    statement = select(Machine).where(Machine.tenant_id == work.tenant_id, col(Machine.kind).in_(kinds))
    return (await work.session.exec(statement.order_by(col(Machine.name), col(Machine.id)))).all()


async def metrics_named(work: UnitOfWork, names: Collection[tuple[UUID, str]]) -> Sequence[Metric]:
    """Those of these machines and names."""
    statement = select(Metric).where(
        Metric.tenant_id == work.tenant_id, tuple_(col(Metric.machine_id), col(Metric.name)).in_(names)
    )
    return (await work.session.exec(statement)).all() if names else []


async def states(work: UnitOfWork, rule_ids: Collection[UUID]) -> Sequence[StoredState]:
    """What the present versions of these rules remember."""
    is_present = and_(
        col(AlertRule.tenant_id) == col(StoredState.tenant_id),
        col(AlertRule.id) == col(StoredState.rule_id),
        col(AlertRule.version) == col(StoredState.version),
    )
    statement = (
        select(StoredState)
        .join(AlertRule, is_present)
        .where(StoredState.tenant_id == work.tenant_id, col(StoredState.rule_id).in_(rule_ids))
    )
    return (await work.session.exec(statement)).all() if rule_ids else []


async def save_states(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(StoredState).values([{"tenant_id": work.tenant_id, **row} for row in rows])
    changed = ("through", "due", "active_since", "severity", "last_started", "state")
    await work.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", *_KEY],
            set_={name: statement.excluded[name] for name in changed},
        )
    )


async def save_snapshots(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        statement = insert(StoredSnapshot).values([{"tenant_id": work.tenant_id, **row} for row in rows])
        key = ["tenant_id", *_KEY, "through"]
        await work.execute(
            statement.on_conflict_do_update(index_elements=key, set_={"state": statement.excluded.state})
        )


async def forget_snapshots(work: UnitOfWork, key: WatchKey, *, before: datetime, after: datetime | None = None) -> None:
    """Those that late readings have made wrong, and those that are too old; the newest one from before stays."""
    own = _own_snapshots(work, key)
    through = col(StoredSnapshot.through)
    newest = select(func.max(StoredSnapshot.through)).where(*own, through <= before).scalar_subquery()
    gone = through < newest if after is None else or_(through < newest, through > after)
    await work.execute(delete(StoredSnapshot).where(*own, gone))


async def snapshot_before(work: UnitOfWork, key: WatchKey, time_ms: int) -> bytes | None:
    statement = (
        select(StoredSnapshot.state)
        .where(*_own_snapshots(work, key), col(StoredSnapshot.through) < from_milliseconds(time_ms))
        .order_by(col(StoredSnapshot.through).desc())
        .limit(1)
    )
    return (await work.session.exec(statement)).one_or_none()


def _own_snapshots(work: UnitOfWork, key: WatchKey) -> list[ColumnElement[bool]]:
    columns = (col(StoredSnapshot.rule_id), col(StoredSnapshot.version), col(StoredSnapshot.machine_id))
    mine = [column == value for column, value in zip(columns, key, strict=True)]
    return [col(StoredSnapshot.tenant_id) == work.tenant_id, *mine]


async def due_states(work: UnitOfWork, before: datetime, limit: int) -> Sequence[WatchKey]:
    """Those that something happens to by silence alone."""
    statement = (
        select(StoredState.rule_id, StoredState.version, StoredState.machine_id)
        .where(StoredState.tenant_id == work.tenant_id, col(StoredState.due) <= before)
        .order_by(col(StoredState.due))
        .limit(limit)
    )
    return (await work.session.exec(statement)).all()


async def read_between(
    work: UnitOfWork, series: Collection[int], after_ms: int, until_ms: int, position: int
) -> LogSlice:
    """Readings with `after_ms < time <= until_ms` that the log holds up to the position, in its order."""
    rows = (await work.execute(_READINGS, _bounds(series, after_ms, until_ms, position))).mappings().all()
    found = to_slice(position, rows)
    return found.where((found.time_ms > after_ms) & (found.time_ms <= until_ms))


async def count_between(work: UnitOfWork, series: Collection[int], after_ms: int, until_ms: int, position: int) -> int:
    """About how many that would be, and not fewer."""
    return int((await work.execute(_COUNT, _bounds(series, after_ms, until_ms, position))).scalar_one())


def _bounds(series: Collection[int], after_ms: int, until_ms: int, position: int) -> dict[str, Any]:
    # A segment lies within one UTC day, and one of a merged hour within that hour.
    return {
        "series": list(series),
        "day": from_milliseconds(after_ms // _DAY_MS * _DAY_MS),
        "hour": from_milliseconds(after_ms // _HOUR_MS * _HOUR_MS),
        "high": from_milliseconds(until_ms),
        "position": position,
    }
