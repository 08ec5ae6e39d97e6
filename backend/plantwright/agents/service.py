"""Taking heartbeats, and what people do with agents.

Lock order: the list of agents when one is added, then the agent, then the head of the journal.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from plantwright.agents import machines_repository, repository
from plantwright.agents.heartbeat import MAX_NAME, Heartbeat, state_of
from plantwright.agents.models import Agent, AgentGap
from plantwright.agents.repository import AgentFilter
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, NotFound
from plantwright.core.text import bounded_text
from plantwright.journal.service import Fact, Journal

FIRST_SEEN = "agent.first_seen"
SILENT = "agent.silent"
HEARD_AGAIN = "agent.heard_again"
RENAMED = "agent.renamed"
REMOVED = "agent.removed"

MAX_AGENTS = 1_000
MAX_GAPS_KEPT = 2_000
AGENT_NOT_FOUND = "Agent not found."


async def take_heartbeat(
    work: UnitOfWork, journal: Journal, api_key_id: UUID, heartbeat: Heartbeat, now: datetime
) -> Agent:
    """What the agent says replaces what it said before.

    Raises:
        Conflict: a new agent, and the tenant has as many as it may have.
    """
    agent = await repository.get(work, heartbeat.agent, lock=True)
    if agent is None:
        await repository.lock_list(work)
        agent = await repository.get(work, heartbeat.agent, lock=True)
    fact: Fact | None
    if agent is None:
        agent = await _add(work, api_key_id, heartbeat, now)
        fact = agent_fact(FIRST_SEEN, agent, version=agent.version, platform=agent.platform, api_key_id=api_key_id)
    else:
        fact = None if agent.silent_since is None else _heard_again(agent, now)
        agent.enter(state_of(heartbeat, agent.buffer["depth"]), now)
        for name, value in _described(api_key_id, heartbeat, now).items():
            setattr(agent, name, value)
    work.session.add(agent)
    await work.session.flush()
    await repository.put_gaps(work, _gaps(work.tenant_id, heartbeat), MAX_GAPS_KEPT)
    if fact is not None:
        await journal.append(work, fact)
    return agent


async def rename(work: UnitOfWork, journal: Journal, actor_id: UUID, agent_id: UUID, name: str | None) -> Agent:
    """Call an agent otherwise than it calls itself, or, with None or nothing, as it does.

    Raises:
        NotFound: no such agent in this tenant.
        ValidationFailed: the name is too long.
    """
    given = bounded_text(name or "", "name", longest=MAX_NAME) or None
    agent = await _require(work, agent_id)
    old = agent.shown_name
    if agent.given_name != given:
        agent.given_name = given
        work.session.add(agent)
        await journal.append(work, agent_fact(RENAMED, agent, actor_id=actor_id, old_name=old))
    return agent


async def remove(work: UnitOfWork, journal: Journal, actor_id: UUID, agent_id: UUID) -> None:
    """Forget an agent with its gaps and machines. One that still runs comes back with its next heartbeat; its key
    stops it.

    Raises:
        NotFound: no such agent in this tenant.
    """
    agent = await _require(work, agent_id)
    fact = agent_fact(REMOVED, agent, actor_id=actor_id)
    work.session.expunge(agent)
    await repository.remove(work, agent_id)
    await machines_repository.forget(work, agent_id)
    await journal.append(work, fact)


def agent_fact(action: str, agent: Agent, *, actor_id: UUID | None = None, **details: Any) -> Fact:
    payload = {"agent_id": agent.id, "name": agent.shown_name, "last_seen_at": agent.last_seen_at, **details}
    return Fact(action=action, resource_type="agent", resource_id=str(agent.id), payload=payload, actor_id=actor_id)


async def _require(work: UnitOfWork, agent_id: UUID) -> Agent:
    agent = await repository.get(work, agent_id, lock=True)
    if agent is None:
        raise NotFound(AGENT_NOT_FOUND, ["id"])
    return agent


async def _add(work: UnitOfWork, api_key_id: UUID, heartbeat: Heartbeat, now: datetime) -> Agent:
    if await repository.count(work, AgentFilter()) >= MAX_AGENTS:
        raise Conflict(f"This tenant has {MAX_AGENTS:,} agents already. Remove those that are gone.", ["agent"])
    return Agent(
        tenant_id=work.tenant_id,
        id=heartbeat.agent,
        state=state_of(heartbeat, None).value,
        state_since=now,
        first_seen_at=now,
        **_described(api_key_id, heartbeat, now),
    )


def _described(api_key_id: UUID, heartbeat: Heartbeat, now: datetime) -> dict[str, Any]:
    return {
        "name": heartbeat.name,
        "version": heartbeat.version,
        "platform": heartbeat.platform,
        "api_key_id": api_key_id,
        "started_at": heartbeat.started_at,
        "last_seen_at": now,
        "interval_seconds": heartbeat.interval_seconds,
        "clock_offset_ms": heartbeat.clock_offset_ms,
        "certificate_expires_at": heartbeat.certificate_expires_at,
        "uplink": msgspec.to_builtins(heartbeat.uplink),
        "buffer": msgspec.to_builtins(heartbeat.buffer),
        "sources": msgspec.to_builtins(heartbeat.sources),
    }


def _heard_again(agent: Agent, now: datetime) -> Fact:
    return agent_fact(HEARD_AGAIN, agent, silent_since=agent.silent_since, heard_at=now)


def _gaps(tenant_id: UUID, heartbeat: Heartbeat) -> list[AgentGap]:
    by_id = {gap.id: gap for gap in heartbeat.gaps}
    return [
        AgentGap(
            tenant_id=tenant_id,
            agent_id=heartbeat.agent,
            id=gap.id,
            source=gap.source,
            tag=gap.tag,
            reason=gap.reason,
            start_at=gap.start,
            end_at=gap.end,
            count=gap.count,
        )
        for gap in by_id.values()
    ]
