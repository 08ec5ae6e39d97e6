"""Which machines an agent reads, as the ingest notes it."""

from datetime import timedelta
from uuid import UUID

import pytest
from plantwright.agents.machines import MachineLinks
from plantwright.agents.machines_repository import (
    MachinesBehind,
    agents_of_machines,
    machines_behind_silence,
    machines_of_agents,
)
from plantwright.agents.models import Agent, AgentMachine
from plantwright.assets.models import Machine
from plantwright.core.clock import utc_now
from sqlalchemy import update
from sqlmodel import col, select

from tests.backend.agents.making import Plant, at, document
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

WEEK = timedelta(days=7)


@pytest.fixture
async def agent(plant: Plant) -> Agent:
    return await plant.hear(document(), utc_now())


@pytest.fixture
def links(databases: Databases) -> MachineLinks:
    return MachineLinks(databases.app)


@pytest.fixture
async def press(make_machine: MachineFactory, tenant: MadeTenant) -> Machine:
    return (await make_machine(tenant, "PRESS-1"))[0]


async def behind(plant: Plant, agent_id: UUID) -> MachinesBehind:
    async with plant.databases.app.reading(plant.tenant.id) as work:
        return (await machines_of_agents(work, [agent_id]))[agent_id]


async def lost(plant: Plant, *machines: Machine) -> set[UUID]:
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        return await machines_behind_silence(work, [machine.id for machine in machines])


async def age(plant: Plant, agent_id: UUID, by: timedelta) -> None:
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        statement = update(AgentMachine).where(
            col(AgentMachine.tenant_id) == plant.tenant.id, col(AgentMachine.agent_id) == agent_id
        )
        await work.execute(statement.values(last_read_at=col(AgentMachine.last_read_at) - by))


async def noted(plant: Plant) -> list[AgentMachine]:
    async with plant.databases.app.reading(plant.tenant.id) as work:
        return list((await work.session.exec(select(AgentMachine))).all())


async def test_machines_are_named_by_name_and_counted(
    plant: Plant, agent: Agent, links: MachineLinks, make_machine: MachineFactory, tenant: MadeTenant
) -> None:
    await make_machine(tenant, "M-2")
    await make_machine(tenant, "M-1")
    await make_machine(tenant, "M-3")
    await links.note(tenant.id, agent.id, {"M-1", "M-2", "NO-SUCH-MACHINE"})
    found = await behind(plant, agent.id)
    assert [machine.identifier for machine in found.machines] == ["M-1", "M-2"]
    assert found.total == 2


async def test_what_was_noted_lately_costs_nothing(
    plant: Plant, agent: Agent, links: MachineLinks, press: Machine, databases: Databases
) -> None:
    await links.note(plant.tenant.id, agent.id, {"PRESS-1"})
    await age(plant, agent.id, timedelta(hours=2))
    [before] = await noted(plant)
    await links.note(plant.tenant.id, agent.id, {"PRESS-1"})
    assert (await noted(plant))[0].last_read_at == before.last_read_at
    await MachineLinks(databases.app, refresh_seconds=0).note(plant.tenant.id, agent.id, {"PRESS-1"})
    assert (await noted(plant))[0].last_read_at > before.last_read_at


async def test_a_machine_that_was_registered_later_is_noted_then(
    plant: Plant, agent: Agent, links: MachineLinks, make_machine: MachineFactory
) -> None:
    await links.note(plant.tenant.id, agent.id, set())
    machine, _ = await make_machine(plant.tenant, "LATE-1")
    await links.note(plant.tenant.id, agent.id, {"LATE-1"})
    assert [one.id for one in (await behind(plant, agent.id)).machines] == [machine.id]


async def test_a_machine_counts_for_a_week_before_the_agent_was_last_heard(
    plant: Plant, agent: Agent, links: MachineLinks, press: Machine
) -> None:
    await links.note(plant.tenant.id, agent.id, {"PRESS-1"})
    await age(plant, agent.id, WEEK - timedelta(minutes=1))
    assert (await behind(plant, agent.id)).total == 1
    await age(plant, agent.id, timedelta(minutes=2))
    assert await behind(plant, agent.id) == MachinesBehind()
    async with plant.databases.app.reading(plant.tenant.id) as work:
        assert await agents_of_machines(work, [press.id]) == {}


async def test_what_no_longer_counts_is_forgotten_what_a_silent_agent_read_is_not(
    plant: Plant, links: MachineLinks, press: Machine, make_machine: MachineFactory
) -> None:
    silent = await plant.hear(document(), utc_now() - timedelta(days=20))
    moved = await plant.hear(document(), utc_now())
    for one in (silent, moved):
        await links.note(plant.tenant.id, one.id, {"PRESS-1"})
        await age(plant, one.id, timedelta(days=20))
    await make_machine(plant.tenant, "M-9")
    await links.note(plant.tenant.id, moved.id, {"M-9"})
    assert {row.agent_id for row in await noted(plant) if row.machine_id == press.id} == {silent.id}


async def test_a_machine_is_behind_silence_when_all_its_agents_are(
    plant: Plant, links: MachineLinks, press: Machine
) -> None:
    now = utc_now()
    first, second = await plant.hear(document(), now), await plant.hear(document(), now + timedelta(seconds=60))
    for one in (first, second):
        await links.note(plant.tenant.id, one.id, {"PRESS-1"})
    assert await lost(plant, press) == set()
    assert await plant.sweep(now + timedelta(seconds=200)) == 1
    assert await lost(plant, press) == set()
    assert await plant.sweep(now + timedelta(seconds=300)) == 1
    assert await lost(plant, press) == {press.id}
    async with plant.databases.app.reading(plant.tenant.id) as work:
        assert {agent.id for agent in (await agents_of_machines(work, [press.id]))[press.id]} == {first.id, second.id}
    await plant.hear(document(first.id), now + timedelta(seconds=301))
    assert await lost(plant, press) == set()


async def test_a_machine_that_no_agent_reads_is_behind_nothing(plant: Plant, press: Machine) -> None:
    await plant.hear(document())
    assert await plant.sweep(at(200)) == 1
    assert await lost(plant, press) == set()


async def test_an_agent_that_is_removed_is_forgotten_with_its_machines(
    plant: Plant, agent: Agent, links: MachineLinks, press: Machine
) -> None:
    await links.note(plant.tenant.id, agent.id, {"PRESS-1"})
    await plant.remove(agent.id)
    assert await noted(plant) == []


async def test_the_silence_names_its_machines_and_where_they_stand(
    plant: Plant, links: MachineLinks, press: Machine
) -> None:
    agent = await plant.hear(document(), utc_now())
    await links.note(plant.tenant.id, agent.id, {"PRESS-1"})
    assert await plant.sweep(utc_now() + timedelta(seconds=200)) == 1
    told = (await plant.records())[-1].payload
    assert (told["machines"], told["machine_count"]) == (["Machine PRESS-1"], 1)
    assert told["located_at"] == str(press.id)


async def test_names_of_another_tenant_mean_nothing(
    plant: Plant, agent: Agent, links: MachineLinks, press: Machine, make_tenant: TenantFactory
) -> None:
    stranger = await make_tenant()
    await links.note(stranger.id, agent.id, {"PRESS-1"})
    assert await noted(plant) == []
    assert await behind(plant, agent.id) == MachinesBehind()


async def test_what_cannot_be_noted_keeps_nobody_from_sending(
    plant: Plant, agent: Agent, links: MachineLinks, press: Machine
) -> None:
    await links.note(plant.tenant.id, agent.id, {"PRESS-1", "nul \x00 is no text of the database"})
    assert await noted(plant) == []
    await links.note(plant.tenant.id, agent.id, {"PRESS-1"})
    assert len(await noted(plant)) == 1
