"""SQL of the outbox: what waits to be sent, and who sends for which channel.

A channel is taken as a whole, with a lease by the clock of the database: so one message at a time goes to it, and a
worker that dies gives it back after 30 seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, case, exists, func, select, text
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel import select as select_rows

from plantwright.core.database import UnitOfWork
from plantwright.notifications.models import (
    ChannelRuntime,
    DeliveryStatus,
    NotificationAttempt,
    NotificationChannel,
    NotificationDelivery,
)

LEASE_SECONDS = 30.0

# For the sweep: a channel that nobody sends for has something to do.
IS_DUE = """EXISTS (
    SELECT FROM notification_channel_runtime
    WHERE tenant_id = :tenant_id AND next_at <= now() AND (lease_until IS NULL OR lease_until < now()))"""

_RESERVE = text("""
    UPDATE notification_channel_runtime r
    SET sequence = r.sequence + given.number, next_at = least(r.next_at, CAST(:now AS timestamptz))
    FROM unnest(CAST(:channels AS uuid[]), CAST(:numbers AS int[])) AS given (channel_id, number)
    WHERE r.tenant_id = :tenant AND r.channel_id = given.channel_id
    RETURNING r.channel_id, r.sequence""")
_CLAIM = text("""
    UPDATE notification_channel_runtime r
    SET holder = :holder, epoch = r.epoch + 1, lease_until = now() + :seconds * interval '1 second'
    FROM (SELECT channel_id FROM notification_channel_runtime
          WHERE tenant_id = :tenant AND next_at <= :now AND (lease_until IS NULL OR lease_until < now())
          ORDER BY next_at LIMIT :most FOR UPDATE SKIP LOCKED) free
    WHERE r.tenant_id = :tenant AND r.channel_id = free.channel_id
    RETURNING r.channel_id, r.epoch""")
_RENEW = text("""
    UPDATE notification_channel_runtime SET lease_until = now() + :seconds * interval '1 second'
    WHERE tenant_id = :tenant AND channel_id = :channel AND holder = :holder AND epoch = :epoch
    RETURNING channel_id""")
_TOLD = text("""
    SELECT alert_id, array_agg(DISTINCT channel_id) AS channel_ids FROM notification_delivery
    WHERE tenant_id = :tenant AND alert_id = ANY (CAST(:alerts AS uuid[])) GROUP BY alert_id""")
_FORGET = text("""
    DELETE FROM notification_delivery d
    USING (SELECT id FROM notification_delivery
           WHERE tenant_id = :tenant AND created_at < :before AND status <> 'pending'
           ORDER BY created_at LIMIT :most) old
    WHERE d.tenant_id = :tenant AND d.id = old.id""")


@dataclass(frozen=True, slots=True)
class Lane:
    """A channel that this process sends for, under this epoch."""

    tenant_id: UUID
    channel_id: UUID
    epoch: int


async def reserve(work: UnitOfWork, numbers: Mapping[UUID, int], now: datetime) -> Mapping[UUID, int]:
    """So many sequence numbers of each channel, which is to be looked at now; returns the last number of each.

    A channel that was deleted meanwhile is missing.
    """
    channels = sorted(numbers)
    parameters = {
        "tenant": work.tenant_id,
        "now": now,
        "channels": channels,
        "numbers": [numbers[one] for one in channels],
    }
    return {row.channel_id: row.sequence for row in await work.execute(_RESERVE, parameters)}


async def claim(work: UnitOfWork, holder: UUID, most: int, now: datetime) -> list[Lane]:
    """Channels of the tenant that have something to send and that nobody has."""
    parameters = {"tenant": work.tenant_id, "holder": holder, "seconds": LEASE_SECONDS, "most": most, "now": now}
    return [Lane(work.tenant_id, row.channel_id, row.epoch) for row in await work.execute(_CLAIM, parameters)]


async def hold(work: UnitOfWork, lane: Lane, holder: UUID) -> tuple[ChannelRuntime, NotificationChannel] | None:
    """The channel, locked, its lease renewed; None when somebody else has it, or it is gone."""
    parameters = {
        "tenant": work.tenant_id,
        "channel": lane.channel_id,
        "holder": holder,
        "epoch": lane.epoch,
        "seconds": LEASE_SECONDS,
    }
    if (await work.execute(_RENEW, parameters)).one_or_none() is None:
        return None
    own = (work.tenant_id, lane.channel_id)
    runtime = await work.session.get(ChannelRuntime, own)
    channel = await work.session.get(NotificationChannel, own)
    return None if runtime is None or channel is None else (runtime, channel)


async def next_due(work: UnitOfWork, channel: NotificationChannel, now: datetime) -> NotificationDelivery | None:
    """With `keeps_order` nothing goes out while an earlier one waits to be tried again, unless that one is too old."""
    waiting = select_rows(NotificationDelivery).where(*_pending(NotificationDelivery, channel))
    statement = waiting.where(NotificationDelivery.due_at <= now)
    if not channel.keeps_order:
        keys = (col(NotificationDelivery.due_at), col(NotificationDelivery.sequence))
        return (await work.session.exec(statement.order_by(*keys).limit(1))).one_or_none()
    earlier = aliased(NotificationDelivery)
    is_held = exists().where(
        *_pending(earlier, channel),
        col(earlier.sequence) < col(NotificationDelivery.sequence),
        col(earlier.due_at) > now,
        col(earlier.created_at) > now - _longest_hold(channel),
    )
    statement = statement.where(~is_held).order_by(col(NotificationDelivery.sequence)).limit(1)
    return (await work.session.exec(statement)).one_or_none()


async def next_moment(work: UnitOfWork, channel: NotificationChannel, now: datetime) -> datetime | None:
    """When the channel has something to do that it does not have now; None when nothing waits."""
    due = col(NotificationDelivery.due_at)
    moment: SQLColumnExpression[datetime] = due
    if channel.keeps_order:
        let_go = col(NotificationDelivery.created_at) + _longest_hold(channel)
        moment = case((let_go > now, func.least(due, let_go)), else_=due)
    statement = select(func.min(moment)).where(*_pending(NotificationDelivery, channel), due > now)
    found: datetime | None = (await work.execute(statement)).scalar_one()
    return found


async def get_delivery(work: UnitOfWork, delivery_id: UUID, *, lock: bool = False) -> NotificationDelivery | None:
    statement = select_rows(NotificationDelivery).where(
        NotificationDelivery.tenant_id == work.tenant_id, NotificationDelivery.id == delivery_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def get_attempt(work: UnitOfWork, delivery_id: UUID, number: int) -> NotificationAttempt | None:
    return await work.session.get(NotificationAttempt, (work.tenant_id, delivery_id, number))


async def told_of(work: UnitOfWork, alert_ids: Sequence[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """By alert the channels that have, or are to have, a message about it."""
    parameters = {"tenant": work.tenant_id, "alerts": list(alert_ids)}
    return {row.alert_id: frozenset(row.channel_ids) for row in await work.execute(_TOLD, parameters)}


async def forget(work: UnitOfWork, before: datetime, most: int) -> int:
    """Deliveries that are over, with their attempts; returns how many there were."""
    parameters = {"tenant": work.tenant_id, "before": before, "most": most}
    return (await work.execute(_FORGET, parameters)).rowcount


def _pending(table: type[NotificationDelivery], channel: NotificationChannel) -> tuple[ColumnElement[bool], ...]:
    return (
        col(table.tenant_id) == channel.tenant_id,
        col(table.channel_id) == channel.id,
        col(table.status) == DeliveryStatus.PENDING.value,
    )


def _longest_hold(channel: NotificationChannel) -> timedelta:
    return timedelta(minutes=channel.max_hold_minutes)
