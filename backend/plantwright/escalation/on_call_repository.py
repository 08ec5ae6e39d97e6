"""SQL of rotations and overrides."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, delete, select

from plantwright.core.database import UnitOfWork
from plantwright.escalation.models import OnCallOverride, OnCallRotation


async def list_rotations(work: UnitOfWork) -> Sequence[OnCallRotation]:
    """By name."""
    statement = select(OnCallRotation).where(OnCallRotation.tenant_id == work.tenant_id)
    keys = (func.lower(OnCallRotation.name), col(OnCallRotation.id))
    return (await work.session.exec(statement.order_by(*keys))).all()


async def get_rotation(work: UnitOfWork, rotation_id: UUID, *, lock: bool = False) -> OnCallRotation | None:
    statement = select(OnCallRotation).where(
        OnCallRotation.tenant_id == work.tenant_id, OnCallRotation.id == rotation_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def get_rotations(work: UnitOfWork, rotation_ids: Collection[UUID]) -> Sequence[OnCallRotation]:
    statement = select(OnCallRotation).where(
        OnCallRotation.tenant_id == work.tenant_id, col(OnCallRotation.id).in_(rotation_ids)
    )
    return (await work.session.exec(statement)).all()


async def find_rotation_by_name(work: UnitOfWork, name: str) -> OnCallRotation | None:
    statement = select(OnCallRotation).where(OnCallRotation.tenant_id == work.tenant_id, OnCallRotation.name == name)
    return (await work.session.exec(statement)).one_or_none()


async def count_rotations(work: UnitOfWork) -> int:
    statement = select(func.count()).select_from(OnCallRotation).where(OnCallRotation.tenant_id == work.tenant_id)
    return (await work.session.exec(statement)).one()


async def delete_rotation(work: UnitOfWork, rotation_id: UUID) -> None:
    await work.execute(
        delete(OnCallRotation).where(
            col(OnCallRotation.tenant_id) == work.tenant_id, col(OnCallRotation.id) == rotation_id
        )
    )


async def overrides_within(
    work: UnitOfWork, rotation_ids: Collection[UUID], start: datetime, end: datetime
) -> Sequence[OnCallOverride]:
    """Those that touch the time from `start` to `end`, the one that was made last at the end."""
    statement = (
        select(OnCallOverride)
        .where(OnCallOverride.tenant_id == work.tenant_id, col(OnCallOverride.rotation_id).in_(rotation_ids))
        .where(col(OnCallOverride.ends_at) > start, col(OnCallOverride.starts_at) < end)
        .order_by(col(OnCallOverride.created_at), col(OnCallOverride.id))
    )
    return (await work.session.exec(statement)).all()


async def count_overrides_after(work: UnitOfWork, rotation_id: UUID, at: datetime) -> int:
    statement = (
        select(func.count())
        .select_from(OnCallOverride)
        .where(OnCallOverride.tenant_id == work.tenant_id, OnCallOverride.rotation_id == rotation_id)
        .where(col(OnCallOverride.ends_at) > at)
    )
    return (await work.session.exec(statement)).one()


async def get_override(work: UnitOfWork, override_id: UUID) -> OnCallOverride | None:
    statement = select(OnCallOverride).where(
        OnCallOverride.tenant_id == work.tenant_id, OnCallOverride.id == override_id
    )
    return (await work.session.exec(statement.with_for_update())).one_or_none()


async def delete_override(work: UnitOfWork, override_id: UUID) -> None:
    await work.execute(
        delete(OnCallOverride).where(
            col(OnCallOverride.tenant_id) == work.tenant_id, col(OnCallOverride.id) == override_id
        )
    )
