"""SQL of the versions of rules, and of what they remember."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, tuple_
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.detection.replay.record import ACTIONS
from plantwright.journal.models import AuditRecord
from plantwright.rules.findings import RESOURCE_TYPE
from plantwright.rules.models import AlertRule, RuleVersion, StoredState

# Rule and version.
VersionKey = tuple[UUID, int]


async def begin(work: UnitOfWork, rule: AlertRule) -> None:
    """What the rule says now holds from `effective_at` on."""
    work.session.add(
        RuleVersion(
            tenant_id=work.tenant_id,
            rule_id=rule.id,
            version=rule.version,
            name=rule.name,
            definition=rule.definition,
            holds_from=rule.effective_at,
        )
    )
    await work.session.flush()


async def end(work: UnitOfWork, rule: AlertRule, now: datetime, reason: str) -> RuleVersion | None:
    """The version that has held up to now; None of a rule that was switched off."""
    own = (RuleVersion.tenant_id == work.tenant_id, RuleVersion.rule_id == rule.id)
    version = (
        await work.session.exec(select(RuleVersion).where(*own, RuleVersion.version == rule.version))
    ).one_or_none()
    if version is None or version.holds_until is not None:
        return None
    # Clocks of several machines: a version never ends before it has begun.
    version.holds_until, version.end_reason = max(now, version.holds_from), reason
    work.session.add(version)
    await work.session.flush()
    return version


async def judging(work: UnitOfWork, ended_after: datetime) -> Sequence[RuleVersion]:
    """Those that hold, and those for which readings may still come late."""
    statement = select(RuleVersion).where(
        RuleVersion.tenant_id == work.tenant_id,
        or_(col(RuleVersion.holds_until).is_(None), col(RuleVersion.holds_until) > ended_after),
    )
    return (await work.session.exec(statement.order_by(col(RuleVersion.rule_id), col(RuleVersion.version)))).all()


async def every(work: UnitOfWork) -> Sequence[RuleVersion]:
    statement = select(RuleVersion).where(RuleVersion.tenant_id == work.tenant_id)
    return (await work.session.exec(statement.order_by(col(RuleVersion.rule_id), col(RuleVersion.version)))).all()


async def get_many(work: UnitOfWork, keys: Collection[VersionKey]) -> Sequence[RuleVersion]:
    statement = select(RuleVersion).where(
        RuleVersion.tenant_id == work.tenant_id, tuple_(col(RuleVersion.rule_id), col(RuleVersion.version)).in_(keys)
    )
    return (await work.session.exec(statement)).all() if keys else []


async def states(work: UnitOfWork, keys: Collection[VersionKey]) -> Sequence[StoredState]:
    statement = select(StoredState).where(
        StoredState.tenant_id == work.tenant_id, tuple_(col(StoredState.rule_id), col(StoredState.version)).in_(keys)
    )
    return (await work.session.exec(statement)).all() if keys else []


async def forget_all_but(work: UnitOfWork, keys: Collection[VersionKey]) -> None:
    """What other versions remember."""
    kept = tuple_(col(StoredState.rule_id), col(StoredState.version)).in_(keys)
    await work.execute(delete(StoredState).where(col(StoredState.tenant_id) == work.tenant_id, ~kept))


async def recorded(work: UnitOfWork, rule_ids: Collection[UUID]) -> Sequence[tuple[int, str, Mapping[str, Any]]]:
    """Sequence, action and payload of what the journal holds of their findings, in its order."""
    statement = (
        select(AuditRecord.sequence, AuditRecord.action, AuditRecord.payload)
        .where(
            AuditRecord.tenant_id == work.tenant_id,
            AuditRecord.resource_type == RESOURCE_TYPE,
            col(AuditRecord.resource_id).in_([str(rule_id) for rule_id in rule_ids]),
            col(AuditRecord.action).in_(ACTIONS),
        )
        .order_by(col(AuditRecord.sequence))
    )
    return (await work.session.exec(statement)).all()
