"""SQL of quiet hours and of what they hold."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select

from plantwright.core.database import UnitOfWork
from plantwright.escalation.models import HeldNotice, HoldReason, QuietHoursSetting


async def settings_of(work: UnitOfWork, subject_ids: Collection[UUID]) -> dict[UUID, QuietHoursSetting]:
    statement = select(QuietHoursSetting).where(
        QuietHoursSetting.tenant_id == work.tenant_id, col(QuietHoursSetting.subject_id).in_(subject_ids)
    )
    return {row.subject_id: row for row in (await work.session.exec(statement)).all()}


async def list_settings(work: UnitOfWork, scope: str) -> Sequence[QuietHoursSetting]:
    statement = select(QuietHoursSetting).where(
        QuietHoursSetting.tenant_id == work.tenant_id, QuietHoursSetting.scope == scope
    )
    return (await work.session.exec(statement.order_by(col(QuietHoursSetting.subject_id)))).all()


async def delete_setting(work: UnitOfWork, subject_id: UUID) -> None:
    await work.execute(
        delete(QuietHoursSetting).where(
            col(QuietHoursSetting.tenant_id) == work.tenant_id, col(QuietHoursSetting.subject_id) == subject_id
        )
    )


async def lock_released(work: UnitOfWork, now: datetime, most: int) -> Sequence[HeldNotice]:
    """What its time has come for, in order of release, held until the transaction ends."""
    statement = (
        select(HeldNotice)
        .where(HeldNotice.tenant_id == work.tenant_id, col(HeldNotice.release_at) <= now)
        .order_by(col(HeldNotice.release_at), col(HeldNotice.id))
        .limit(most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()


async def lock_held(work: UnitOfWork) -> Sequence[HeldNotice]:
    """All that wait for the end of quiet hours, held until the transaction ends."""
    statement = (
        select(HeldNotice)
        .where(HeldNotice.tenant_id == work.tenant_id, HeldNotice.reason == HoldReason.QUIET_HOURS)
        .order_by(col(HeldNotice.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()


async def flood_releases(work: UnitOfWork, recipient_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When those are told for whom something of a flood waits already."""
    statement = select(HeldNotice.recipient_id, HeldNotice.release_at).where(
        HeldNotice.tenant_id == work.tenant_id,
        HeldNotice.reason == HoldReason.FLOOD,
        col(HeldNotice.recipient_id).in_(recipient_ids),
    )
    return dict((await work.session.exec(statement)).all())


async def waiting_alerts(work: UnitOfWork, recipient_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Recipient and alert of what quiet hours hold for these."""
    if not recipient_ids:
        return set()
    statement = select(HeldNotice.recipient_id, HeldNotice.alert_id).where(
        HeldNotice.tenant_id == work.tenant_id,
        HeldNotice.reason == HoldReason.QUIET_HOURS,
        col(HeldNotice.recipient_id).in_(recipient_ids),
    )
    return {(recipient_id, alert_id) for recipient_id, alert_id in (await work.session.exec(statement)).all()}


async def delete_notices(work: UnitOfWork, notice_ids: Collection[UUID]) -> None:
    await work.execute(
        delete(HeldNotice).where(col(HeldNotice.tenant_id) == work.tenant_id, col(HeldNotice.id).in_(notice_ids))
    )
