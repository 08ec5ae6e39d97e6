"""Agents that fall silent: only the passing of time tells."""

from datetime import datetime, timedelta

from plantwright.agents import repository
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


async def mark_silent(work: UnitOfWork, journal: Journal, now: datetime, listening_since: datetime) -> int:
    """Returns how many agents fell silent.

    Before `listening_since` nobody watched: when the whole server was down, its agents get their time once more.
    """
    overdue = await repository.lock_overdue(work, SilenceRule(now, listening_since, INTERVALS, LEAST_SILENCE), _AT_ONCE)
    facts = [_fall_silent(agent, now) for agent in overdue]
    work.session.add_all(overdue)
    await journal.append(work, *facts)
    return len(facts)


def patience_of(interval_seconds: float) -> timedelta:
    """How long nothing may be heard of an agent."""
    return max(timedelta(seconds=INTERVALS * interval_seconds), LEAST_SILENCE)


def _fall_silent(agent: Agent, now: datetime) -> Fact:
    agent.enter(AgentState.SILENT, now)
    return agent_fact(
        SILENT,
        agent,
        silent_since=now,
        interval_seconds=agent.interval_seconds,
        threshold_seconds=patience_of(agent.interval_seconds).total_seconds(),
    )
