"""SQL of which machines each agent reads."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, text
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from plantwright.agents.models import READ_WITHIN, Agent, AgentMachine, AgentState
from plantwright.assets.models import Machine
from plantwright.core.database import UnitOfWork

MOST_MACHINES = 100
_NOTE = text("""
    INSERT INTO agent_machine (tenant_id, agent_id, machine_id, last_read_at)
    SELECT :tenant_id, :agent_id, m.id, now() FROM machine m
    WHERE m.tenant_id = :tenant_id AND m.identifier = ANY (CAST(:identifiers AS text[]))
    ORDER BY m.id
    ON CONFLICT (tenant_id, agent_id, machine_id) DO UPDATE SET last_read_at = excluded.last_read_at""")
# What an agent read long before it was last heard it reads no more; of a sender that is no agent nobody asks.
_FORGET = text("""
    DELETE FROM agent_machine r WHERE r.tenant_id = :tenant_id AND r.last_read_at < now() - CAST(:within AS interval)
      AND NOT EXISTS (SELECT FROM agent a WHERE a.tenant_id = r.tenant_id AND a.id = r.agent_id
                        AND r.last_read_at >= a.last_seen_at - CAST(:within AS interval))""")
_FORGET_AGENT = text("DELETE FROM agent_machine WHERE tenant_id = :tenant_id AND agent_id = :agent_id")


@dataclass(slots=True)
class MachinesBehind:
    """Of one agent: how many machines it reads, and the first of them by name."""

    total: int = 0
    machines: list[Machine] = field(default_factory=list)


async def note(work: UnitOfWork, agent_id: UUID, identifiers: Collection[str]) -> None:
    """The agent reads these machines, by the names that it uses; what it read long ago is forgotten."""
    within = {"tenant_id": work.tenant_id, "within": READ_WITHIN}
    await work.execute(_FORGET, within)
    parameters = {"tenant_id": work.tenant_id, "agent_id": agent_id, "identifiers": list(identifiers)}
    await work.execute(_NOTE, parameters)


async def forget(work: UnitOfWork, agent_id: UUID) -> None:
    await work.execute(_FORGET_AGENT, {"tenant_id": work.tenant_id, "agent_id": agent_id})


async def machines_of_agents(work: UnitOfWork, agent_ids: Collection[UUID]) -> dict[UUID, MachinesBehind]:
    """For every given agent."""
    agent = col(AgentMachine.agent_id)
    ranked = (
        select_columns(
            agent,
            col(AgentMachine.machine_id),
            func.count().over(partition_by=agent).label("total"),
            func.row_number().over(partition_by=agent, order_by=(col(Machine.name), col(Machine.id))).label("place"),
        )
        .join(Agent, _is_read(work))
        .join(Machine, and_(_own(work, Machine), col(Machine.id) == col(AgentMachine.machine_id)))
        .where(_own(work, AgentMachine), agent.in_(agent_ids))
        .subquery()
    )
    statement = (
        select(ranked.c.agent_id, ranked.c.total, Machine)
        .join(Machine, and_(_own(work, Machine), col(Machine.id) == ranked.c.machine_id))
        .where(ranked.c.place <= MOST_MACHINES)
        .order_by(ranked.c.agent_id, ranked.c.place)
    )
    found = {agent_id: MachinesBehind() for agent_id in agent_ids}
    for agent_id, total, machine in (await work.session.exec(statement)).all():
        found[agent_id].total = total
        found[agent_id].machines.append(machine)
    return found


async def agents_of_machines(work: UnitOfWork, machine_ids: Sequence[UUID]) -> dict[UUID, list[Agent]]:
    """Those that read each machine, by name."""
    statement = (
        select(AgentMachine.machine_id, Agent)
        .join(Agent, _is_read(work))
        .where(_own(work, AgentMachine), col(AgentMachine.machine_id).in_(machine_ids))
        .order_by(func.coalesce(col(Agent.given_name), col(Agent.name)), col(Agent.id))
    )
    found: dict[UUID, list[Agent]] = defaultdict(list)
    for machine_id, agent in (await work.session.exec(statement)).all():
        found[machine_id].append(agent)
    return found


async def machines_behind_silence(work: UnitOfWork, machine_ids: Collection[UUID]) -> set[UUID]:
    """Those of the given machines that agents read, and all of these agents are silent."""
    statement = (
        select(AgentMachine.machine_id)
        .join(Agent, _is_read(work))
        .where(_own(work, AgentMachine), col(AgentMachine.machine_id).in_(machine_ids))
        .group_by(col(AgentMachine.machine_id))
        .having(func.bool_and(col(Agent.state) == AgentState.SILENT.value))
    )
    return set((await work.session.exec(statement)).all())


def _own(work: UnitOfWork, table: type[AgentMachine | Machine]) -> ColumnElement[bool]:
    return col(table.tenant_id) == work.tenant_id


def _is_read(work: UnitOfWork) -> ColumnElement[bool]:
    """Joins a noted machine to its agent, as long as it counts."""
    return and_(
        col(Agent.tenant_id) == work.tenant_id,
        col(Agent.id) == col(AgentMachine.agent_id),
        col(AgentMachine.last_read_at) >= col(Agent.last_seen_at) - READ_WITHIN,
    )
