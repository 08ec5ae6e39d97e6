"""SQL of channels, routes and templates, as people see and change them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.identity.models import User
from plantwright.notifications.models import (
    ChannelRuntime,
    DeliveryStatus,
    NotificationChannel,
    NotificationDelivery,
    NotificationRoute,
    NotificationTemplate,
)

_LOCK_LIST = text("SELECT pg_advisory_xact_lock(hashtextextended('notifications of ' || :tenant, 0))")


class ChannelFilter:
    """What the list of channels is narrowed by; empty fields do not narrow. Addresses of users are not in it."""

    def __init__(self, *, types: Sequence[str] = (), is_active: bool | None = None, search: str = "") -> None:
        conditions: list[ColumnElement[bool]] = [col(NotificationChannel.user_id).is_(None)]
        if types:
            conditions.append(col(NotificationChannel.type).in_(types))
        if is_active is not None:
            conditions.append(col(NotificationChannel.is_active) == is_active)
        if search:
            conditions.append(col(NotificationChannel.name).icontains(search, autoescape=True))
        self.condition = and_(True, *conditions)


async def lock_list(work: UnitOfWork) -> None:
    """Until the transaction ends nobody else adds a channel or a route to this tenant."""
    await work.execute(_LOCK_LIST, {"tenant": str(work.tenant_id)})


async def page_by_name(
    work: UnitOfWork, where: ChannelFilter, after: tuple[str, UUID] | None, limit: int
) -> Sequence[NotificationChannel]:
    keys = (col(NotificationChannel.name), col(NotificationChannel.id))
    statement = select(NotificationChannel).where(NotificationChannel.tenant_id == work.tenant_id, where.condition)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return (await work.session.exec(statement.order_by(*keys).limit(limit))).all()


async def count(work: UnitOfWork, where: ChannelFilter) -> int:
    statement = (
        select(func.count())
        .select_from(NotificationChannel)
        .where(NotificationChannel.tenant_id == work.tenant_id, where.condition)
    )
    return (await work.session.exec(statement)).one()


async def get_channel(work: UnitOfWork, channel_id: UUID, *, lock: bool = False) -> NotificationChannel | None:
    """With `lock` its runtime row is locked first, as by whoever sends."""
    if lock:
        runtime = select(ChannelRuntime).where(
            ChannelRuntime.tenant_id == work.tenant_id, ChannelRuntime.channel_id == channel_id
        )
        await work.session.exec(runtime.with_for_update().execution_options(populate_existing=True))
    statement = select(NotificationChannel).where(
        NotificationChannel.tenant_id == work.tenant_id, NotificationChannel.id == channel_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def get_channels(work: UnitOfWork, channel_ids: Collection[UUID]) -> Sequence[NotificationChannel]:
    statement = select(NotificationChannel).where(
        NotificationChannel.tenant_id == work.tenant_id, col(NotificationChannel.id).in_(channel_ids)
    )
    return (await work.session.exec(statement)).all()


async def active_channels(work: UnitOfWork) -> Sequence[NotificationChannel]:
    """Addresses of users among them, but not of those who may not sign in any more."""
    is_of_active_user = exists().where(
        col(User.tenant_id) == work.tenant_id,
        col(User.id) == col(NotificationChannel.user_id),
        col(User.is_active),
    )
    statement = select(NotificationChannel).where(
        NotificationChannel.tenant_id == work.tenant_id,
        col(NotificationChannel.is_active),
        or_(col(NotificationChannel.user_id).is_(None), is_of_active_user),
    )
    return (await work.session.exec(statement.order_by(col(NotificationChannel.id)))).all()


async def channels_of_user(work: UnitOfWork, user_id: UUID, channel_type: str) -> Sequence[NotificationChannel]:
    statement = select(NotificationChannel).where(
        NotificationChannel.tenant_id == work.tenant_id,
        NotificationChannel.user_id == user_id,
        NotificationChannel.type == channel_type,
    )
    return (await work.session.exec(statement.order_by(col(NotificationChannel.id)))).all()


async def addresses_of(work: UnitOfWork, user_id: UUID) -> Sequence[NotificationChannel]:
    """All of the user's own."""
    statement = select(NotificationChannel).where(
        NotificationChannel.tenant_id == work.tenant_id, NotificationChannel.user_id == user_id
    )
    return (await work.session.exec(statement.order_by(col(NotificationChannel.id)))).all()


async def browsers_at(work: UnitOfWork, endpoint: str) -> Sequence[NotificationChannel]:
    """Whoever of the tenant subscribed with it."""
    statement = select(NotificationChannel).where(
        NotificationChannel.tenant_id == work.tenant_id,
        NotificationChannel.type == "web_push",
        col(NotificationChannel.config)["endpoint"].astext == endpoint,
    )
    return (await work.session.exec(statement)).all()


async def runtimes(work: UnitOfWork, channel_ids: Sequence[UUID]) -> Mapping[UUID, ChannelRuntime]:
    statement = select(ChannelRuntime).where(
        ChannelRuntime.tenant_id == work.tenant_id, col(ChannelRuntime.channel_id).in_(channel_ids)
    )
    return {row.channel_id: row for row in await work.session.exec(statement)}


async def remove_channel(work: UnitOfWork, channel_id: UUID) -> None:
    """With its deliveries; routes no longer name it."""
    named = update(NotificationRoute).where(
        col(NotificationRoute.tenant_id) == work.tenant_id, col(NotificationRoute.channel_ids).contains([channel_id])
    )
    await work.execute(named.values(channel_ids=func.array_remove(NotificationRoute.channel_ids, channel_id)))
    await work.execute(
        delete(NotificationChannel).where(
            col(NotificationChannel.tenant_id) == work.tenant_id, col(NotificationChannel.id) == channel_id
        )
    )


async def forget_browsers(work: UnitOfWork, before: datetime) -> int:
    """Those that were switched off before then, with their deliveries; how many."""
    statement = delete(NotificationChannel).where(
        col(NotificationChannel.tenant_id) == work.tenant_id,
        col(NotificationChannel.type) == "web_push",
        col(NotificationChannel.user_id).is_not(None),
        col(NotificationChannel.is_active).is_(False),
        col(NotificationChannel.updated_at) < before,
    )
    return (await work.execute(statement)).rowcount


async def cancel_pending(work: UnitOfWork, channel_id: UUID, detail: str, now: datetime) -> None:
    statement = update(NotificationDelivery).where(
        col(NotificationDelivery.tenant_id) == work.tenant_id,
        col(NotificationDelivery.channel_id) == channel_id,
        col(NotificationDelivery.status) == DeliveryStatus.PENDING.value,
    )
    await work.execute(statement.values(status=DeliveryStatus.CANCELLED.value, detail=detail, finished_at=now))


async def routes(work: UnitOfWork) -> Sequence[NotificationRoute]:
    statement = select(NotificationRoute).where(NotificationRoute.tenant_id == work.tenant_id)
    return (await work.session.exec(statement.order_by(col(NotificationRoute.name)))).all()


async def get_route(work: UnitOfWork, route_id: UUID, *, lock: bool = False) -> NotificationRoute | None:
    statement = select(NotificationRoute).where(
        NotificationRoute.tenant_id == work.tenant_id, NotificationRoute.id == route_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def templates(work: UnitOfWork) -> Sequence[NotificationTemplate]:
    statement = select(NotificationTemplate).where(NotificationTemplate.tenant_id == work.tenant_id)
    keys = (col(NotificationTemplate.event), col(NotificationTemplate.language))
    return (await work.session.exec(statement.order_by(*keys))).all()


async def put_template(work: UnitOfWork, template: NotificationTemplate) -> None:
    statement = insert(NotificationTemplate).values(template.model_dump())
    changed = {name: statement.excluded[name] for name in ("subject", "text", "updated_at")}
    await work.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "event", "language"], set_=changed))


async def remove_template(work: UnitOfWork, event: str, language: str) -> bool:
    """Whether there was one."""
    statement = delete(NotificationTemplate).where(
        col(NotificationTemplate.tenant_id) == work.tenant_id,
        col(NotificationTemplate.event) == event,
        col(NotificationTemplate.language) == language,
    )
    return (await work.execute(statement)).rowcount > 0
