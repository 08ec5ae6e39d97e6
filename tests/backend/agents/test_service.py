"""Heartbeats in the database: one row per agent, a journal of what matters, and nothing of other tenants."""

import asyncio
from uuid import uuid4

import pytest
from plantwright.agents import repository, service
from plantwright.agents.models import AgentState
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.journal.service import Journal

from tests.backend.agents.making import NOON, Plant, at, document, gap, make_plant, source
from tests.conftest import Databases
from tests.factories import TenantFactory


async def test_the_first_heartbeat_makes_the_agent_known(plant: Plant) -> None:
    heard = await plant.hear(document(sources=[source(last_error="no route to host")]), NOON)
    kept = await plant.agent(heard.id)
    assert (kept.name, kept.version, kept.state, kept.interval_seconds) == ("hall-3", "0.1.0", "online", 60.0)
    assert (kept.first_seen_at, kept.last_seen_at, kept.silent_since) == (NOON, NOON, None)
    assert kept.state_since == NOON
    assert kept.clock_offset_ms == -12.5
    assert kept.api_key_id == plant.key_id
    assert kept.sources[0]["last_error"] == "no route to host"
    assert kept.buffer["depth"] == 3
    [record] = await plant.records()
    assert record.action == "agent.first_seen"
    assert record.payload["name"] == "hall-3"
    assert record.resource_id == str(heard.id)


async def test_later_heartbeats_replace_what_was_said_and_are_not_journaled(plant: Plant) -> None:
    first = await plant.hear(document(), NOON)
    for step in range(1, 4):
        await plant.hear(document(first.id, version=f"0.1.{step}", sources=[source(name=f"s{step}")]), at(60 * step))
    [kept] = await plant.agents()
    assert (kept.version, [one["name"] for one in kept.sources]) == ("0.1.3", ["s3"])
    assert (kept.first_seen_at, kept.last_seen_at) == (NOON, at(180))
    assert await plant.actions() == ["agent.first_seen"]


async def test_a_backlog_that_grows_between_two_heartbeats_shows(plant: Plant) -> None:
    buffer = {"bytes": 1, "max_bytes": 2, "oldest_at": "2026-03-01T11:00:00Z", "set_aside": None}
    first = await plant.hear(document(buffer=buffer | {"depth": 1000}))
    assert first.state == AgentState.ONLINE
    second = await plant.hear(document(first.id, buffer=buffer | {"depth": 1060}))
    assert second.state == AgentState.BUFFERING
    third = await plant.hear(document(first.id, buffer=buffer | {"depth": 900}))
    assert third.state == AgentState.ONLINE


async def test_a_state_lasts_from_the_heartbeat_that_changed_it(plant: Plant) -> None:
    agent = await plant.hear(document(), NOON)
    seen = []
    for second, state in ((60, "ok"), (120, "recoverable"), (180, "permanent"), (240, "ok"), (300, "ok")):
        heard = await plant.hear(document(agent.id, sources=[source(state=state)]), at(second))
        seen.append((heard.state, heard.state_since))
    degraded, online = (AgentState.DEGRADED, at(120)), (AgentState.ONLINE, at(240))
    assert seen == [(AgentState.ONLINE, NOON), degraded, degraded, online, online]
    assert (await plant.agent(agent.id)).state_since == at(240)
    assert await plant.actions() == ["agent.first_seen"]


async def test_the_same_agent_id_in_two_tenants_is_two_agents(
    plant: Plant, databases: Databases, journal: Journal, make_tenant: TenantFactory
) -> None:
    other = await make_plant(databases, journal, await make_tenant())
    agent_id = uuid4()
    await plant.hear(document(agent_id, name="mine", gaps=[gap(1, reason="mine")]))
    await other.hear(document(agent_id, name="theirs", gaps=[gap(1, reason="theirs"), gap(2, reason="theirs")]))
    assert [agent.name for agent in await plant.agents()] == ["mine"]
    assert [agent.name for agent in await other.agents()] == ["theirs"]
    assert [one.reason for one in await plant.gaps(agent_id)] == ["mine"]

    await other.remove(agent_id)
    assert [agent.name for agent in await plant.agents()] == ["mine"]
    assert len(await plant.gaps(agent_id)) == 1
    with pytest.raises(NotFound):
        await other.rename(agent_id, "x")


async def test_first_heartbeats_at_the_same_moment_make_one_agent(plant: Plant) -> None:
    agent_id = uuid4()
    await asyncio.gather(*(plant.hear(document(agent_id)) for _ in range(5)))
    assert len(await plant.agents()) == 1
    assert await plant.actions() == ["agent.first_seen"]


async def test_a_tenant_has_a_bounded_number_of_agents(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_AGENTS", 3)
    known = await plant.hear(document())
    outcomes = await asyncio.gather(*(plant.hear(document()) for _ in range(4)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(refused) == 2
    assert all(isinstance(one, Conflict) and "3 agents already" in one.message for one in refused)
    assert (await plant.hear(document(known.id), at(60))).last_seen_at == at(60)
    await plant.remove(known.id)
    await plant.hear(document())


async def test_gaps_grow_and_never_shrink(plant: Plant) -> None:
    agent = await plant.hear(document(gaps=[gap(1), gap(2, tag="p1", start="2026-03-01T11:00:00Z", count=7)]))
    longer = gap(1, end="2026-03-01T10:30:00Z", count=4)
    await plant.hear(document(agent.id, gaps=[longer]))
    await plant.hear(document(agent.id, gaps=[gap(1)]))
    first = next(one for one in await plant.gaps(agent.id) if one.id == 1)
    assert (first.start_at.hour, first.end_at.minute, first.count) == (10, 30, 4)
    assert sorted(one.id for one in await plant.gaps(agent.id)) == [1, 2]


async def test_the_newest_gaps_are_kept(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_GAPS_KEPT", 5)
    agent = await plant.hear(document(gaps=[gap(number) for number in range(1, 5)]))
    assert len(await plant.gaps(agent.id)) == 4
    await plant.hear(document(agent.id, gaps=[gap(number) for number in range(5, 9)]))
    assert sorted(one.id for one in await plant.gaps(agent.id)) == [4, 5, 6, 7, 8]


async def test_a_given_name_stays_whatever_the_agent_calls_itself(plant: Plant) -> None:
    agent = await plant.hear(document())
    await plant.rename(agent.id, " Press hall ")
    await plant.rename(agent.id, "Press hall")
    await plant.hear(document(agent.id, name="hall-4"))
    [kept] = await plant.agents()
    assert (kept.shown_name, kept.name) == ("Press hall", "hall-4")
    assert (await plant.rename(agent.id, None)).shown_name == "hall-4"
    renamed = [record for record in await plant.records() if record.action == "agent.renamed"]
    assert [(one.payload["old_name"], one.payload["name"]) for one in renamed] == [
        ("hall-3", "Press hall"),
        ("Press hall", "hall-4"),
    ]
    assert all(one.actor_id == plant.tenant.admin_id for one in renamed)
    with pytest.raises(ValidationFailed):
        await plant.rename(agent.id, "x" * 101)


async def test_a_removed_agent_leaves_nothing_and_may_come_back(plant: Plant) -> None:
    agent = await plant.hear(document(gaps=[gap(1)]))
    await plant.remove(agent.id)
    assert await plant.agents() == []
    assert await plant.gaps(agent.id) == []
    with pytest.raises(NotFound):
        await plant.remove(agent.id)
    await plant.hear(document(agent.id))
    assert await plant.actions() == ["agent.first_seen", "agent.removed", "agent.first_seen"]


async def test_lists_are_by_name_and_narrowed(plant: Plant) -> None:
    ids = {name: (await plant.hear(document(name=name))).id for name in ("c", "a", "b")}
    await plant.rename(ids["c"], "0 first")
    await plant.hear(document(ids["b"], name="b", sources=[source(state="permanent")]))
    async with plant.databases.app.reading(plant.tenant.id) as work:
        every = repository.AgentFilter()
        page = await repository.page_by_name(work, every, None, 2)
        assert [agent.shown_name for agent in page] == ["0 first", "a"]
        rest = await repository.page_by_name(work, every, (page[-1].shown_name, page[-1].id), 2)
        assert [agent.shown_name for agent in rest] == ["b"]
        degraded = repository.AgentFilter(state=["degraded"])
        assert [agent.id for agent in await repository.page_by_name(work, degraded, None, 9)] == [ids["b"]]
        named = repository.AgentFilter(search="FIRST")
        assert [agent.id for agent in await repository.page_by_name(work, named, None, 9)] == [ids["c"]]
        assert await repository.count(work, repository.AgentFilter(search="%")) == 0
