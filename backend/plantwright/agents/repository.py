"""SQL of agents."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.agents.models import Agent, AgentGap, AgentState
from plantwright.core.database import UnitOfWork

_SHOWN_NAME = func.coalesce(col(Agent.given_name), col(Agent.name))
_LOCK_LIST = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class AgentFilter:
    """What a list of agents is narrowed by; empty fields do not narrow."""

    def __init__(self, *, state: Sequence[str] = (), search: str = "") -> None:
        conditions: list[ColumnElement[bool]] = []
        if state:
            conditions.append(col(Agent.state).in_(state))
        if search:
            conditions.append(_SHOWN_NAME.icontains(search, autoescape=True))
        self.condition = and_(True, *conditions)


async def lock_list(work: UnitOfWork) -> None:
    """Until the transaction ends nobody else adds an agent to this tenant."""
    await work.execute(_LOCK_LIST, {"name": f"agents:{work.tenant_id}"})


async def get(work: UnitOfWork, agent_id: UUID, *, lock: bool = False) -> Agent | None:
    statement = select(Agent).where(Agent.tenant_id == work.tenant_id, Agent.id == agent_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def get_many(work: UnitOfWork, agent_ids: Collection[UUID]) -> Sequence[Agent]:
    statement = select(Agent).where(Agent.tenant_id == work.tenant_id, col(Agent.id).in_(agent_ids))
    return (await work.session.exec(statement)).all()


async def page_by_name(
    work: UnitOfWork, where: AgentFilter, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Agent]:
    statement = select(Agent).where(Agent.tenant_id == work.tenant_id, where.condition)
    if after is not None:
        statement = statement.where(tuple_(_SHOWN_NAME, col(Agent.id)) > tuple_(*after))
    return (await work.session.exec(statement.order_by(_SHOWN_NAME, col(Agent.id)).limit(limit))).all()


async def count(work: UnitOfWork, where: AgentFilter) -> int:
    statement = select(func.count()).select_from(Agent).where(Agent.tenant_id == work.tenant_id, where.condition)
    return (await work.session.exec(statement)).one()


async def remove(work: UnitOfWork, agent_id: UUID) -> None:
    """With its gaps."""
    await work.execute(delete(Agent).where(col(Agent.tenant_id) == work.tenant_id, col(Agent.id) == agent_id))


async def put_gaps(work: UnitOfWork, gaps: Sequence[AgentGap], keep: int) -> None:
    """A gap that is known grows; of each agent the newest `keep` stay."""
    if not gaps:
        return
    statement = insert(AgentGap).values([gap.model_dump() for gap in gaps])
    grown = {
        "start_at": func.least(AgentGap.start_at, statement.excluded.start_at),
        "end_at": func.greatest(AgentGap.end_at, statement.excluded.end_at),
        "count": func.greatest(AgentGap.count, statement.excluded["count"]),
    }
    await work.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "agent_id", "id"], set_=grown))
    own = (col(AgentGap.tenant_id) == work.tenant_id, col(AgentGap.agent_id) == gaps[0].agent_id)
    oldest_kept = (
        select(AgentGap.id).where(*own).order_by(col(AgentGap.id).desc()).offset(keep - 1).limit(1).scalar_subquery()
    )
    await work.execute(delete(AgentGap).where(*own, col(AgentGap.id) < oldest_kept))


async def gaps_newest_first(
    work: UnitOfWork, agent_id: UUID, after: tuple[datetime, int] | None, limit: int
) -> Sequence[AgentGap]:
    keys = (col(AgentGap.end_at), col(AgentGap.id))
    statement = select(AgentGap).where(AgentGap.tenant_id == work.tenant_id, AgentGap.agent_id == agent_id)
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    return (await work.session.exec(statement.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def count_gaps(work: UnitOfWork, agent_id: UUID) -> int:
    statement = (
        select(func.count())
        .select_from(AgentGap)
        .where(AgentGap.tenant_id == work.tenant_id, AgentGap.agent_id == agent_id)
    )
    return (await work.session.exec(statement)).one()


class SilenceRule(NamedTuple):
    """An agent is silent that was last heard more than `intervals` of its own, and more than `least`, before `now`.

    Time before `listening_since` does not count.
    """

    now: datetime
    listening_since: datetime
    intervals: int
    least: timedelta

    def condition(self) -> ColumnElement[bool]:
        own = func.make_interval(0, 0, 0, 0, 0, 0, self.intervals * col(Agent.interval_seconds))
        last_chance = func.greatest(col(Agent.last_seen_at), self.listening_since)
        return last_chance + func.greatest(own, self.least) < self.now


async def lock_overdue(work: UnitOfWork, rule: SilenceRule, most: int) -> Sequence[Agent]:
    """Those that are not silent yet, held until the transaction ends."""
    statement = (
        select(Agent)
        .where(Agent.tenant_id == work.tenant_id, Agent.state != AgentState.SILENT.value, rule.condition())
        .order_by(col(Agent.id))
        .limit(most)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.exec(statement)).all()
