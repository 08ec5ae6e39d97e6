"""SQL of policies and of the escalations that run by them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, delete, select

from plantwright.alerts.models import Alert
from plantwright.core.database import UnitOfWork
from plantwright.escalation.models import Escalation, EscalationPolicy, EscalationState


async def lock_list(work: UnitOfWork, name: str) -> None:
    """Additions to a list of the tenant go one after the other from here to the end, so its limit holds."""
    key = f"{name}:{work.tenant_id}"
    await work.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


async def list_policies(work: UnitOfWork, *, is_active: bool = False) -> Sequence[EscalationPolicy]:
    """By name; only those that are switched on with `is_active`."""
    statement = select(EscalationPolicy).where(EscalationPolicy.tenant_id == work.tenant_id)
    if is_active:
        statement = statement.where(col(EscalationPolicy.is_active))
    keys = (func.lower(EscalationPolicy.name), col(EscalationPolicy.id))
    return (await work.session.exec(statement.order_by(*keys))).all()


async def get_policy(work: UnitOfWork, policy_id: UUID, *, lock: bool = False) -> EscalationPolicy | None:
    statement = select(EscalationPolicy).where(
        EscalationPolicy.tenant_id == work.tenant_id, EscalationPolicy.id == policy_id
    )
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def count_policies(work: UnitOfWork) -> int:
    statement = select(func.count()).select_from(EscalationPolicy).where(EscalationPolicy.tenant_id == work.tenant_id)
    return (await work.session.exec(statement)).one()


async def delete_policy(work: UnitOfWork, policy_id: UUID) -> None:
    await work.execute(
        delete(EscalationPolicy).where(
            col(EscalationPolicy.tenant_id) == work.tenant_id, col(EscalationPolicy.id) == policy_id
        )
    )


async def lock_of_policy(work: UnitOfWork, policy_id: UUID) -> Sequence[Escalation]:
    """Those that have not ended, held until the transaction ends."""
    statement = (
        select(Escalation)
        .where(Escalation.tenant_id == work.tenant_id, Escalation.policy_id == policy_id)
        .where(Escalation.state != EscalationState.ENDED)
        .order_by(col(Escalation.alert_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()


async def lock_of_alerts(work: UnitOfWork, alert_ids: Collection[UUID]) -> Sequence[Escalation]:
    statement = (
        select(Escalation)
        .where(Escalation.tenant_id == work.tenant_id, col(Escalation.alert_id).in_(alert_ids))
        .order_by(col(Escalation.alert_id), col(Escalation.policy_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()


async def of_alert(work: UnitOfWork, alert_id: UUID) -> Sequence[tuple[Escalation, EscalationPolicy]]:
    """Those that go on soonest first, with their policies."""
    statement = (
        select(Escalation, EscalationPolicy)
        .where(Escalation.tenant_id == work.tenant_id, Escalation.alert_id == alert_id)
        .where(EscalationPolicy.tenant_id == work.tenant_id, EscalationPolicy.id == Escalation.policy_id)
        .order_by(col(Escalation.due_at).asc().nulls_last(), col(EscalationPolicy.name), col(EscalationPolicy.id))
    )
    return (await work.session.exec(statement)).all()


async def lock_due(work: UnitOfWork, now: datetime, most: int) -> Sequence[Escalation]:
    """Those whose step is due, longest waiting first, held until the transaction ends; others may hold the rest."""
    statement = (
        select(Escalation)
        .where(Escalation.tenant_id == work.tenant_id, Escalation.state == EscalationState.RUNNING)
        .where(col(Escalation.due_at) <= now)
        .order_by(col(Escalation.due_at), col(Escalation.alert_id), col(Escalation.policy_id))
        .limit(most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()


async def lock_alerts(work: UnitOfWork, alert_ids: Collection[UUID]) -> dict[UUID, Alert]:
    """Held until the transaction ends: nobody acknowledges one between the look at it and what is told of it."""
    statement = (
        select(Alert)
        .where(Alert.tenant_id == work.tenant_id, col(Alert.id).in_(alert_ids))
        .order_by(col(Alert.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {alert.id: alert for alert in (await work.session.exec(statement)).all()}
