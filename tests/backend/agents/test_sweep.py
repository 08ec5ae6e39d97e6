"""When an agent counts as silent."""

from datetime import timedelta

import pytest
from plantwright.agents.models import AgentState
from plantwright.agents.sweep import patience_of
from plantwright.core.clock import utc_now
from plantwright.worker.sweep_repository import read_overdue

from tests.backend.agents.making import LONG_AGO, NOON, Plant, at, document


@pytest.mark.parametrize(("interval", "threshold"), [(60, 180), (5, 90), (30, 90), (31, 93), (3600, 10_800)])
async def test_silence_is_three_intervals_and_at_least_90_seconds(
    plant: Plant, interval: float, threshold: float
) -> None:
    assert patience_of(interval) == timedelta(seconds=threshold)
    agent = await plant.hear(document(interval_seconds=interval), NOON)
    assert await plant.sweep(at(threshold)) == 0
    assert await plant.sweep(at(threshold + 0.001)) == 1
    silent = await plant.agent(agent.id)
    assert (silent.state, silent.silent_since) == (AgentState.SILENT, at(threshold + 0.001))
    assert silent.last_seen_at == NOON


async def test_silence_is_told_once_and_ends_with_the_next_heartbeat(plant: Plant) -> None:
    agent = await plant.hear(document(), NOON)
    assert [await plant.sweep(at(second)) for second in (200, 202, 9_000)] == [1, 0, 0]
    heard = await plant.hear(document(agent.id), at(9_001))
    assert (heard.state, heard.state_since, heard.silent_since) == (AgentState.ONLINE, at(9_001), None)
    assert await plant.actions() == ["agent.first_seen", "agent.silent", "agent.heard_again"]
    _, silent, again = await plant.records()
    assert silent.payload["threshold_seconds"] == "180.0"
    assert silent.payload["last_seen_at"] == "2026-03-01T12:00:00.000000Z"
    assert again.payload["silent_since"] == "2026-03-01T12:03:20.000000Z"
    assert again.actor_id is None


async def test_the_time_in_which_nobody_watched_does_not_count(plant: Plant) -> None:
    await plant.hear(document(), NOON)
    started = at(86_400)
    assert await plant.sweep(at(86_410), listening_since=started) == 0
    assert await plant.sweep(at(86_581), listening_since=started) == 1


async def test_the_worker_asks_only_when_an_agent_is_due(plant: Plant) -> None:
    async def is_due() -> bool:
        async with plant.databases.worker.reading(plant.tenant.id) as work:
            return (await read_overdue(work, ["latest"], ["health"], listening_since=LONG_AGO)).silent_agents

    agent = await plant.hear(document(), utc_now())
    assert not await is_due()
    await plant.hear(document(agent.id), utc_now() - timedelta(seconds=181))
    assert await is_due()
    assert await plant.sweep(utc_now()) == 1
    assert not await is_due()
