"""SQL of the scores that machines had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from plantwright.core.database import UnitOfWork
from plantwright.health.models import MachineHealthChange
from plantwright.journal.models import AuditRecord


class HealthPoint(NamedTuple):
    """The score in force from `at` on; `lowest` and `highest` were in force since the point before."""

    at: datetime
    score: int
    lowest: int
    highest: int
    alert_score: int
    anomaly_score: int
    changes: int


class RecordedChange(NamedTuple):
    """A change with the journal's row about it."""

    sequence: int
    changed_at: datetime
    payload: dict[str, Any]


class MachineScore(NamedTuple):
    """`score_day_ago` and `score_week_ago` are None when the machine was not there yet."""

    id: UUID
    name: str
    site: str
    status: str
    score: int
    score_day_ago: int | None
    score_week_ago: int | None


async def add(work: UnitOfWork, records: Sequence[AuditRecord], now: datetime) -> None:
    """What `health.changed` rows say, beside them and in the same transaction."""
    for record in records:
        payload = record.payload
        work.session.add(
            MachineHealthChange(
                tenant_id=work.tenant_id,
                machine_id=UUID(str(payload["machine_id"])),
                changed_at=now,
                sequence=record.sequence,
                old_score=int(payload["old_score"]),
                score=int(payload["score"]),
                alert_score=int(payload["alert_score"]),
                anomaly_score=int(payload["anomaly_score"]),
            )
        )
    await work.session.flush()


_WINDOW = """
    FROM machine_health_change
    WHERE tenant_id = :tenant AND machine_id = :machine AND changed_at >= :start AND changed_at < :end"""
_COUNT = text(f"SELECT count(*) {_WINDOW}")
_POINTS = text(f"""
    SELECT changed_at, score, least(old_score, score), greatest(old_score, score), alert_score, anomaly_score, 1
    {_WINDOW} ORDER BY changed_at, sequence""")
# The extremes come from one pass; what was last in each bucket is then looked up in the key.
_BUCKETS = text(f"""
    SELECT bucket.at, last.score, bucket.lowest, bucket.highest, last.alert_score, last.anomaly_score, bucket.changes
    FROM (
        SELECT max(changed_at) AS at, count(*) AS changes,
               min(least(old_score, score)) AS lowest, max(greatest(old_score, score)) AS highest
        {_WINDOW}
        GROUP BY floor(date_part('epoch', changed_at - :start) / :width)
    ) AS bucket
    CROSS JOIN LATERAL (
        SELECT c.score, c.alert_score, c.anomaly_score FROM machine_health_change c
        WHERE c.tenant_id = :tenant AND c.machine_id = :machine AND c.changed_at = bucket.at
        ORDER BY c.sequence DESC LIMIT 1
    ) AS last
    ORDER BY bucket.at""")  # noqa: S608 - a constant


async def points(
    work: UnitOfWork, machine_id: UUID, start: datetime, end: datetime, max_points: int
) -> Sequence[HealthPoint]:
    """Every change with `start <= time < end` when there are so few, else one point for each of as many buckets."""
    window = {"tenant": work.tenant_id, "machine": machine_id, "start": start, "end": end}
    if (await work.execute(_COUNT, window)).scalar_one() <= max_points:
        rows = await work.execute(_POINTS, window)
    else:
        rows = await work.execute(_BUCKETS, window | {"width": (end - start).total_seconds() / max_points})
    return [HealthPoint._make(row) for row in rows.all()]


_BEFORE = text("""
    SELECT score FROM machine_health_change
    WHERE tenant_id = :tenant AND machine_id = :machine AND changed_at < :start
    ORDER BY changed_at DESC, sequence DESC LIMIT 1""")


async def score_before(work: UnitOfWork, machine_id: UUID, start: datetime) -> int | None:
    """The last score that came into force before `start`."""
    parameters = {"tenant": work.tenant_id, "machine": machine_id, "start": start}
    found: int | None = (await work.execute(_BEFORE, parameters)).scalar_one_or_none()
    return found


_CHANGES = text("""
    SELECT c.sequence, c.changed_at, a.payload
    FROM machine_health_change c
    JOIN audit_record a ON a.tenant_id = c.tenant_id AND a.sequence = c.sequence
    WHERE c.tenant_id = :tenant AND c.machine_id = :machine AND c.changed_at >= :start AND c.changed_at < :end
    ORDER BY c.changed_at DESC, c.sequence DESC LIMIT :most""")


async def changes(
    work: UnitOfWork, machine_id: UUID, start: datetime, end: datetime, most: int
) -> Sequence[RecordedChange]:
    """The newest ones of the window, newest first."""
    parameters = {"tenant": work.tenant_id, "machine": machine_id, "start": start, "end": end, "most": most}
    return [RecordedChange._make(row) for row in (await work.execute(_CHANGES, parameters)).all()]


_THEN = """
    CASE WHEN m.created_at <= :{ago} THEN coalesce(
        (SELECT c.score FROM machine_health_change c
         WHERE c.tenant_id = m.tenant_id AND c.machine_id = m.id AND c.changed_at <= :{ago}
         ORDER BY c.changed_at DESC, c.sequence DESC LIMIT 1), 100) END"""
_FLEET = text(f"""
    SELECT m.id, m.name, coalesce(btrim(m.location), ''), m.status, m.health_score,
           {_THEN.format(ago="day_ago")}, {_THEN.format(ago="week_ago")}
    FROM machine m
    WHERE m.tenant_id = :tenant
    ORDER BY m.health_score, m.name, m.id""")  # noqa: S608 - the inserted texts are constants


async def fleet(work: UnitOfWork, day_ago: datetime, week_ago: datetime) -> Sequence[MachineScore]:
    """Every machine, worst first."""
    parameters = {"tenant": work.tenant_id, "day_ago": day_ago, "week_ago": week_ago}
    return [MachineScore._make(row) for row in (await work.execute(_FLEET, parameters)).all()]
