"""Agents that fall silent: only the passing of time tells."""

from datetime import datetime, timedelta
from uuid import UUID

from plantwright.agents import machines_repository, repository
from plantwright.agents.machines_repository import MOST_MACHINES, MachinesBehind
from plantwright.agents.models import Agent, AgentState
from plantwright.agents.repository import SilenceRule
from plantwright.agents.service import SILENT, agent_fact
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact, Journal

# Two heartbeats may be lost, or late; what sends every few seconds gets time for a restart.
INTERVALS = 3
LEAST_SILENCE = timedelta(seconds=90)
# Bounds how long one transaction holds the tenant's journal; the rest follows at the next sweep.
_AT_ONCE = 200
_MOST_NAMED = 20


async def mark_silent(work: UnitOfWork, journal: Journal, now: datetime, listening_since: datetime) -> int:
    """Returns how many agents fell silent.

    Before `listening_since` nobody watched: when the whole server was down, its agents get their time once more.
    """
    overdue = await repository.lock_overdue(work, SilenceRule(now, listening_since, INTERVALS, LEAST_SILENCE), _AT_ONCE)
    behind = await machines_repository.machines_of_agents(work, [agent.id for agent in overdue])
    facts = [_fall_silent(agent, behind[agent.id], now) for agent in overdue]
    work.session.add_all(overdue)
    await journal.append(work, *facts)
    return len(facts)


def patience_of(interval_seconds: float) -> timedelta:
    """How long nothing may be heard of an agent."""
    return max(timedelta(seconds=INTERVALS * interval_seconds), LEAST_SILENCE)


def _fall_silent(agent: Agent, behind: MachinesBehind, now: datetime) -> Fact:
    agent.enter(AgentState.SILENT, now)
    return agent_fact(
        SILENT,
        agent,
        silent_since=now,
        interval_seconds=agent.interval_seconds,
        threshold_seconds=patience_of(agent.interval_seconds).total_seconds(),
        machines=[machine.name for machine in behind.machines[:_MOST_NAMED]],
        machine_count=behind.total,
        located_at=_located_at(behind),
    )


def _located_at(behind: MachinesBehind) -> UUID | None:
    """A machine that stands where all of them stand; None where they are spread."""
    places = {machine.location for machine in behind.machines}
    return behind.machines[0].id if len(places) == 1 and behind.total <= MOST_MACHINES else None
