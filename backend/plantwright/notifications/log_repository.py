"""SQL of the delivery log, as people read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, tuple_
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.notifications.models import DeliveryStatus, NotificationAttempt, NotificationDelivery

UNDELIVERED: Final = (DeliveryStatus.DEAD.value, DeliveryStatus.CANCELLED.value)


class DeliveryFilter:
    """What the log is narrowed by; empty fields do not narrow."""

    def __init__(
        self,
        *,
        channel_id: UUID | None = None,
        alert_id: UUID | None = None,
        machine_id: UUID | None = None,
        status: Sequence[str] = (),
        event: Sequence[str] = (),
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> None:
        conditions: list[ColumnElement[bool]] = []
        if channel_id is not None:
            conditions.append(col(NotificationDelivery.channel_id) == channel_id)
        if alert_id is not None:
            conditions.append(col(NotificationDelivery.alert_id) == alert_id)
        if machine_id is not None:
            conditions.append(col(NotificationDelivery.machine_id) == machine_id)
        if status:
            conditions.append(col(NotificationDelivery.status).in_(status))
        if event:
            conditions.append(col(NotificationDelivery.event).in_(event))
        if start is not None:
            conditions.append(col(NotificationDelivery.created_at) >= start)
        if end is not None:
            conditions.append(col(NotificationDelivery.created_at) < end)
        self.condition = and_(True, *conditions)


async def page_newest_first(
    work: UnitOfWork, where: DeliveryFilter, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[NotificationDelivery]:
    keys = (col(NotificationDelivery.created_at), col(NotificationDelivery.id))
    statement = select(NotificationDelivery).where(NotificationDelivery.tenant_id == work.tenant_id, where.condition)
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    return (await work.session.exec(statement.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def count(work: UnitOfWork, where: DeliveryFilter) -> int:
    statement = (
        select(func.count())
        .select_from(NotificationDelivery)
        .where(NotificationDelivery.tenant_id == work.tenant_id, where.condition)
    )
    return (await work.session.exec(statement)).one()


async def attempts_of(work: UnitOfWork, delivery_ids: Sequence[UUID]) -> Mapping[UUID, list[NotificationAttempt]]:
    statement = select(NotificationAttempt).where(
        NotificationAttempt.tenant_id == work.tenant_id, col(NotificationAttempt.delivery_id).in_(delivery_ids)
    )
    grouped: dict[UUID, list[NotificationAttempt]] = {}
    for row in await work.session.exec(statement.order_by(col(NotificationAttempt.number))):
        grouped.setdefault(row.delivery_id, []).append(row)
    return grouped


async def undelivered_of(work: UnitOfWork, channel_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """By channel how many messages were given up or cancelled; those that have some."""
    statement = (
        select(NotificationDelivery.channel_id, func.count())
        .where(*_undelivered(work.tenant_id), col(NotificationDelivery.channel_id).in_(channel_ids))
        .group_by(col(NotificationDelivery.channel_id))
    )
    return dict((await work.session.exec(statement)).all())


async def lock_undelivered(work: UnitOfWork, channel_id: UUID, most: int) -> Sequence[NotificationDelivery]:
    """Of the channel, oldest first, held until the transaction ends."""
    statement = (
        select(NotificationDelivery)
        .where(*_undelivered(work.tenant_id), NotificationDelivery.channel_id == channel_id)
        .order_by(col(NotificationDelivery.sequence))
        .limit(most)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()


def _undelivered(tenant_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(NotificationDelivery.tenant_id) == tenant_id,
        col(NotificationDelivery.status).in_(UNDELIVERED),
        col(NotificationDelivery.is_test).is_(False),
    )
