"""SQL of the journal."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord, ConsumerCursor, JournalHead

_LOCK_CURSOR = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


async def lock_head(work: UnitOfWork) -> JournalHead | None:
    """The head row, held until the transaction ends: appends of a tenant go one after the other."""
    statement = select(JournalHead).where(JournalHead.tenant_id == work.tenant_id).with_for_update()
    return (await work.session.exec(statement)).one_or_none()


async def read_head(work: UnitOfWork) -> JournalHead | None:
    return (await work.session.exec(select(JournalHead).where(JournalHead.tenant_id == work.tenant_id))).one_or_none()


async def insert_first_head(work: UnitOfWork, head: JournalHead) -> None:
    """Two first writers meet here: the second one waits, then finds the row of the first."""
    statement = insert(JournalHead).values(head.model_dump()).on_conflict_do_nothing()
    await work.execute(statement)


async def read_after(work: UnitOfWork, sequence: int, limit: int) -> Sequence[AuditRecord]:
    statement = (
        select(AuditRecord)
        .where(AuditRecord.tenant_id == work.tenant_id, col(AuditRecord.sequence) > sequence)
        .order_by(col(AuditRecord.sequence))
        .limit(limit)
    )
    return (await work.session.exec(statement)).all()


async def read_actions_after(
    work: UnitOfWork, sequence: int, prefixes: Sequence[str], limit: int
) -> Sequence[AuditRecord]:
    statement = (
        select(AuditRecord)
        .where(AuditRecord.tenant_id == work.tenant_id, col(AuditRecord.sequence) > sequence)
        .where(or_(*(col(AuditRecord.action).startswith(prefix, autoescape=True) for prefix in prefixes)))
        .order_by(col(AuditRecord.sequence))
        .limit(limit)
    )
    return (await work.session.exec(statement)).all()


async def last_sequence(work: UnitOfWork) -> int:
    statement = select(func.coalesce(func.max(AuditRecord.sequence), 0)).where(AuditRecord.tenant_id == work.tenant_id)
    return (await work.session.exec(statement)).one()


async def walk(work: UnitOfWork, batch: int = 2000) -> AsyncIterator[AuditRecord]:
    """Every row in order of its sequence, whatever numbers there are, in bounded memory."""
    every = select(AuditRecord).where(AuditRecord.tenant_id == work.tenant_id).order_by(col(AuditRecord.sequence))
    statement = every.limit(batch)
    while rows := (await work.session.exec(statement)).all():
        for row in rows:
            yield row
        statement = every.where(col(AuditRecord.sequence) > rows[-1].sequence).limit(batch)
        work.session.expunge_all()


async def lock_cursor(work: UnitOfWork, consumer: str, start: int) -> ConsumerCursor:
    """The consumer's cursor, new at `start` if missing; nobody else gets it until the transaction ends.

    The lock is an advisory one: locking the row would give the transaction a number, and the readings log of every
    tenant counts as unsettled behind the oldest numbered transaction, for as long as this consumer thinks.
    """
    await work.execute(_LOCK_CURSOR, {"name": f"consumer_cursor:{work.tenant_id}:{consumer}"})
    statement = select(ConsumerCursor).where(
        ConsumerCursor.tenant_id == work.tenant_id, ConsumerCursor.consumer == consumer
    )
    cursor = (await work.session.exec(statement)).one_or_none()
    return cursor or ConsumerCursor(tenant_id=work.tenant_id, consumer=consumer, position=start, updated_at=utc_now())


class RecordFilter:
    """What a list of records is narrowed by; empty fields do not narrow."""

    def __init__(
        self,
        *,
        machine_id: UUID | None = None,
        action_prefixes: Sequence[str] = (),
        resource_type: str | None = None,
        resource_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> None:
        conditions = []
        if machine_id is not None:
            conditions.append(col(AuditRecord.machine_id) == machine_id)
        if action_prefixes:
            prefixes = (col(AuditRecord.action).startswith(prefix, autoescape=True) for prefix in action_prefixes)
            conditions.append(or_(*prefixes))
        if resource_type is not None:
            conditions.append(col(AuditRecord.resource_type) == resource_type)
        if resource_id is not None:
            conditions.append(col(AuditRecord.resource_id) == resource_id)
        if start is not None:
            conditions.append(col(AuditRecord.created_at) >= start)
        if end is not None:
            conditions.append(col(AuditRecord.created_at) < end)
        self.condition = and_(True, *conditions)


async def page_newest_first(
    work: UnitOfWork, where: RecordFilter, before: int | None, limit: int
) -> Sequence[AuditRecord]:
    statement = select(AuditRecord).where(AuditRecord.tenant_id == work.tenant_id, where.condition)
    if before is not None:
        statement = statement.where(col(AuditRecord.sequence) < before)
    return (await work.session.exec(statement.order_by(col(AuditRecord.sequence).desc()).limit(limit))).all()


async def count(work: UnitOfWork, where: RecordFilter) -> int:
    statement = (
        select(func.count()).select_from(AuditRecord).where(AuditRecord.tenant_id == work.tenant_id, where.condition)
    )
    return (await work.session.exec(statement)).one()
