"""SQL of what is shown beside one alert."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from plantwright.alerts.book import key_of
from plantwright.alerts.models import Alert, AlertComment
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord


async def comments(work: UnitOfWork, alert_id: UUID, limit: int) -> Sequence[AlertComment]:
    """The newest."""
    statement = select(AlertComment).where(AlertComment.tenant_id == work.tenant_id, AlertComment.alert_id == alert_id)
    newest = statement.order_by(col(AlertComment.created_at).desc(), col(AlertComment.id)).limit(limit)
    return (await work.session.exec(newest)).all()


async def records(work: UnitOfWork, alert_id: UUID, but: str, limit: int) -> Sequence[AuditRecord]:
    """The newest that the journal has of the alert, without one action."""
    statement = select(AuditRecord).where(
        AuditRecord.tenant_id == work.tenant_id,
        AuditRecord.resource_type == "alert",
        AuditRecord.resource_id == str(alert_id),
        AuditRecord.action != but,
    )
    return (await work.session.exec(statement.order_by(col(AuditRecord.sequence).desc()).limit(limit))).all()


async def neighbours(work: UnitOfWork, alert: Alert, near: timedelta, limit: int) -> Sequence[Alert]:
    """Of its group, and of its machine or site near in time; the closest first."""
    leader = alert.group_id or alert.id
    in_group = or_(col(Alert.group_id) == leader, col(Alert.id) == leader)
    is_near = and_(col(Alert.raised_at) >= alert.raised_at - near, col(Alert.raised_at) <= alert.raised_at + near)
    beside = and_(is_near, or_(col(Alert.machine_id) == alert.machine_id, col(Alert.site) == alert.site))
    distance = func.abs(func.extract("epoch", col(Alert.raised_at) - alert.raised_at))
    statement = select(Alert).where(Alert.tenant_id == work.tenant_id, Alert.id != alert.id, or_(in_group, beside))
    closest = statement.order_by(in_group.desc(), distance, col(Alert.id)).limit(limit)
    return (await work.session.exec(closest)).all()


async def previous(work: UnitOfWork, alert: Alert, limit: int) -> Sequence[Alert]:
    """Earlier alerts of the same key, newest first."""
    conditions = (
        col(getattr(Alert, name)).is_not_distinct_from(value) for name, value in key_of(alert)._asdict().items()
    )
    statement = select(Alert).where(
        Alert.tenant_id == work.tenant_id, Alert.id != alert.id, col(Alert.raised_at) < alert.raised_at, *conditions
    )
    return (await work.session.exec(statement.order_by(col(Alert.raised_at).desc()).limit(limit))).all()


async def group_sizes(work: UnitOfWork, leaders: Collection[UUID]) -> dict[UUID, int]:
    """By the first alert of each group, which counts too."""
    statement = (
        select_columns(col(Alert.group_id), func.count().label("members"))
        .where(col(Alert.tenant_id) == work.tenant_id, col(Alert.group_id).in_(leaders))
        .group_by(col(Alert.group_id))
    )
    found = {row.group_id: row.members + 1 for row in (await work.execute(statement)).all()}
    return {leader: found.get(leader, 1) for leader in leaders}
