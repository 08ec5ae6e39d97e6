"""SQL of health scores: what they are computed from, and where they are kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, or_, text, update
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.alerts.models import Alert
from plantwright.assets.models import Machine
from plantwright.core.database import UnitOfWork
from plantwright.health.formula import FULL, AlertEntry, Assessment
from plantwright.health.models import MachineHealth
from plantwright.health.settings import DEFAULT_OFFLINE_AFTER_SECONDS, OFFLINE_AFTER


class MachineState(NamedTuple):
    id: UUID
    status: str
    health_score: int


async def exists(work: UnitOfWork, machine_id: UUID) -> bool:
    statement = select(Machine.id).where(Machine.tenant_id == work.tenant_id, Machine.id == machine_id)
    return (await work.session.exec(statement)).one_or_none() is not None


async def machines_with_deductions(work: UnitOfWork) -> Sequence[UUID]:
    """Those whose score depends on the weight, the windows or both."""
    statement = select(MachineHealth.machine_id).where(
        MachineHealth.tenant_id == work.tenant_id,
        or_(col(MachineHealth.alert_score) < FULL, col(MachineHealth.anomaly_score) < FULL),
    )
    return (await work.session.exec(statement)).all()


async def lock_machines(work: UnitOfWork, ids: Collection[UUID]) -> Sequence[MachineState]:
    """Held until the transaction ends, in the order of their ids; alerts of them can still be inserted."""
    statement = (
        select_columns(col(Machine.id), col(Machine.status), col(Machine.health_score))
        .where(col(Machine.tenant_id) == work.tenant_id, col(Machine.id).in_(ids))
        .order_by(col(Machine.id))
        .with_for_update(key_share=True)
    )
    return [MachineState._make(row) for row in (await work.execute(statement)).all()]


_ENTRY_FIELDS = tuple(field.name for field in fields(AlertEntry))


class KnownAlert(NamedTuple):
    id: UUID
    entry: AlertEntry


async def alerts_since(work: UnitOfWork, ids: Collection[UUID], since: datetime) -> Mapping[UUID, Sequence[KnownAlert]]:
    """The active alerts and those raised after `since`, newest first, by machine."""
    statement = (
        select_columns(
            col(Alert.machine_id),
            col(Alert.id),
            col(Alert.severity),
            col(Alert.raised_at),
            col(Alert.cleared_at).is_(None).label("is_active"),
            col(Alert.acknowledged_at).is_not(None).label("is_acknowledged"),
            col(Alert.shelf_id).is_not(None).label("is_shelved"),
            or_(col(Alert.out_of_service_id).is_not(None), func.cardinality(Alert.design_reasons) > 0).label(
                "is_suppressed"
            ),
        )
        .where(
            col(Alert.tenant_id) == work.tenant_id,
            col(Alert.machine_id).in_(ids),
            or_(col(Alert.raised_at) > since, col(Alert.cleared_at).is_(None)),
        )
        .order_by(col(Alert.raised_at).desc(), col(Alert.id))
    )
    found: dict[UUID, list[KnownAlert]] = {machine_id: [] for machine_id in ids}
    for row in (await work.execute(statement)).mappings():
        entry = AlertEntry(**{name: row[name] for name in _ENTRY_FIELDS})
        found[row["machine_id"]].append(KnownAlert(row["id"], entry))
    return found


_LAST_READINGS = text("""
    SELECT q.machine_id, max(l.time) AS last_reading_at
    FROM metric q
    JOIN latest_reading l
        ON l.tenant_no = (SELECT number FROM tenant WHERE id = :tenant) AND l.series_id = q.series_id
    WHERE q.tenant_id = :tenant AND q.machine_id = ANY(:ids)
    GROUP BY q.machine_id""")


async def last_readings(work: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """The newest reading of each machine that has any."""
    rows = await work.execute(_LAST_READINGS, {"tenant": work.tenant_id, "ids": list(ids)})
    return {row.machine_id: row.last_reading_at for row in rows}


# The time of a finding is that of a reading, and a reading is at most minutes ahead of the row that reports it. So the
# row's own time, which the index holds, narrows to the window with room to spare.
_AHEAD = timedelta(hours=1)
_EPISODES = text("""
    SELECT r.machine_id, payload ->> 'metric_id', max(payload ->> 'metric') AS metric, payload ->> 'detector',
           count(*), max((payload ->> 'time')::timestamptz)
    FROM unnest(CAST(:machines AS uuid[]), CAST(:since AS timestamptz[])) AS wanted (machine_id, since)
    JOIN audit_record r ON r.machine_id = wanted.machine_id
    WHERE r.tenant_id = :tenant AND action = 'finding.started' AND created_at > since - CAST(:ahead AS interval)
      AND (payload ->> 'time')::timestamptz > since AND payload ->> 'detector' <> 'rule'
    GROUP BY 1, 2, 4
    ORDER BY 1, metric NULLS FIRST, 4""")


class Episodes(NamedTuple):
    """How often a detector found something in a metric, or, when that is None, in the machine's metrics together."""

    machine_id: UUID
    metric_id: str | None
    metric: str | None
    detector: str
    found: int
    latest_at: datetime


async def episodes_since(work: UnitOfWork, since: Mapping[UUID, datetime]) -> Mapping[UUID, Sequence[Episodes]]:
    """Of each machine since its time; what rules found is left out."""
    parameters = {
        "tenant": work.tenant_id,
        "machines": list(since),
        "since": list(since.values()),
        "ahead": _AHEAD,
    }
    found: dict[UUID, list[Episodes]] = {machine_id: [] for machine_id in since}
    for row in (await work.execute(_EPISODES, parameters)).all():
        episodes = Episodes._make(row)
        found[episodes.machine_id].append(episodes)
    return found


async def stored(work: UnitOfWork, ids: Collection[UUID]) -> Sequence[MachineHealth]:
    statement = select(MachineHealth).where(
        MachineHealth.tenant_id == work.tenant_id, col(MachineHealth.machine_id).in_(ids)
    )
    return (await work.session.exec(statement)).all()


async def store(work: UnitOfWork, assessments: Mapping[UUID, Assessment], now: datetime) -> None:
    rows = [
        {
            "tenant_id": work.tenant_id,
            "machine_id": machine_id,
            "score": assessment.score,
            "alert_score": float(assessment.alert_score),
            "anomaly_score": float(assessment.anomaly_score),
            "anomaly_weight": assessment.anomaly_weight,
            "anomaly_episodes": assessment.anomaly_episodes,
            "deductions": [asdict(deduction) for deduction in assessment.deductions],
            "computed_at": now,
        }
        for machine_id, assessment in assessments.items()
    ]
    statement = insert(MachineHealth).values(rows)
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in ("tenant_id", "machine_id")}
    await work.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "machine_id"], set_=replaced))


async def update_machines(work: UnitOfWork, states: Sequence[MachineState]) -> None:
    """Write the two columns that are ours and no other, so that an edit by a person is never undone."""
    if not states:
        return
    statement = (
        update(Machine)
        .where(col(Machine.tenant_id) == bindparam("tenant"), col(Machine.id) == bindparam("machine"))
        .values(status=bindparam("new_status"), health_score=bindparam("new_score"))
    )
    connection = await work.session.connection()
    parameters: list[dict[str, Any]] = [
        {"tenant": work.tenant_id, "machine": one.id, "new_status": one.status, "new_score": one.health_score}
        for one in states
    ]
    await connection.execute(statement, parameters)


_DUE = text("""
    WITH last_seen AS (
        SELECT q.machine_id, max(l.time) AS last_reading_at
        FROM metric q
        JOIN latest_reading l
            ON l.tenant_no = (SELECT number FROM tenant WHERE id = :tenant) AND l.series_id = q.series_id
        WHERE q.tenant_id = :tenant
        GROUP BY q.machine_id
    ), rule AS (
        SELECT CAST(:now AS timestamptz) - make_interval(secs => coalesce(
            (SELECT (value #>> '{}')::double precision FROM tenant_setting
             WHERE tenant_id = :tenant AND name = :offline_after), :default_offline_after)) AS offline_before
    )
    SELECT m.id
    FROM machine m
    CROSS JOIN rule
    LEFT JOIN last_seen s ON s.machine_id = m.id
    LEFT JOIN machine_health h ON h.tenant_id = m.tenant_id AND h.machine_id = m.id
    WHERE m.tenant_id = :tenant
      AND (h.machine_id IS NULL
           OR (m.status = 'offline') <> (coalesce(s.last_reading_at, '-infinity') < rule.offline_before)
           OR (h.computed_at <= :stale_before AND (h.alert_score < 100 OR h.anomaly_score < 100)))
    ORDER BY m.id
    LIMIT :most""")


async def machines_due(work: UnitOfWork, now: datetime, stale_after: timedelta, most: int) -> Sequence[UUID]:
    """Machines that came or went, were never computed, or hold deductions older than `stale_after`."""
    parameters = {
        "tenant": work.tenant_id,
        "now": now,
        "offline_after": OFFLINE_AFTER,
        "default_offline_after": float(DEFAULT_OFFLINE_AFTER_SECONDS),
        "stale_before": now - stale_after,
        "most": most,
    }
    return (await work.execute(_DUE, parameters)).scalars().all()
