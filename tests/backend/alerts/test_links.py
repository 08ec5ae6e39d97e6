"""Machines behind an agent that is silent: one alert tells of the link, what says only "no data" is suppressed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from plantwright.agents.machines import MachineLinks
from plantwright.agents.models import Agent
from plantwright.alerts.models import Alert
from plantwright.assets.models import Metric
from plantwright.assets.repository import get_machines
from plantwright.core.clock import utc_now
from plantwright.journal.service import Journal

from tests.backend.agents.making import Plant as Agents
from tests.backend.agents.making import document, make_plant
from tests.backend.alerts.making import Plant, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

NO_DATA: dict[str, Any] = {"kind": "no_data", "is_true": True}
OFFLINE: dict[str, Any] = {"kind": "machine_state", "is_true": True, "value": "offline"}
CRITICAL: dict[str, Any] = {"kind": "machine_state", "is_true": True, "value": "critical"}
TOO_HOT: dict[str, Any] = {"kind": "comparison", "is_true": True, "value": "91.0"}


def rule(*conditions: dict[str, Any]) -> dict[str, Any]:
    tree = {"is_true": True, "conditions": list(conditions)}
    inputs = {"rule": "Heard of", "levels": [{"severity": "warning", "condition": tree}]}
    return {"detector": "rule", "rule_id": str(uuid4()), "inputs": inputs, "message": "A rule holds"}


def of_rule(alerts: list[Alert], made: dict[str, Any]) -> Alert:
    return next(alert for alert in alerts if str(alert.rule_id) == made["rule_id"])


@pytest.fixture
async def agents(databases: Databases, journal: Journal, tenant: MadeTenant) -> Agents:
    return await make_plant(databases, journal, tenant)


@pytest.fixture
async def agent(agents: Agents, databases: Databases, vibration: Metric) -> Agent:
    return await reading(agents, databases, vibration.machine_id)


async def reading(agents: Agents, databases: Databases, machine_id: UUID, agent_id: UUID | None = None) -> Agent:
    """An agent that is heard, and reads the machine."""
    agent = await agents.hear(document(agent_id), utc_now())
    async with databases.app.reading(agents.tenant.id) as work:
        [machine] = await get_machines(work, [machine_id])
    await MachineLinks(databases.app).note(agents.tenant.id, agent.id, {machine.identifier})
    return agent


async def fall_silent(agents: Agents) -> None:
    assert await agents.sweep(utc_now() + timedelta(seconds=200)) > 0


async def test_what_only_says_that_nothing_comes_is_suppressed_and_told_when_the_link_is_back(
    plant: Plant, agents: Agents, agent: Agent, vibration: Metric
) -> None:
    await fall_silent(agents)
    silent, offline, hot, worse = rule(NO_DATA), rule(OFFLINE), rule(NO_DATA, TOO_HOT), rule(CRITICAL)
    made = (silent, offline, hot, worse)
    alerts = await plant.find(*(finding("started", vibration, utc_now(), **one) for one in made))
    assert [of_rule(alerts, one).design_reasons for one in made] == [
        ["communication_lost"],
        ["communication_lost"],
        [],
        [],
    ]
    announced = {one["rule_id"]: one["is_announced"] for one in await plant.payloads("alert.raised") if one["rule_id"]}
    assert announced == {
        silent["rule_id"]: False,
        offline["rule_id"]: False,
        hot["rule_id"]: True,
        worse["rule_id"]: True,
    }
    await agents.hear(document(agent.id), utc_now())
    alerts = await plant.find()
    assert [alert.design_reasons for alert in alerts] == [[]] * 5
    told = await plant.payloads("alert.unsuppressed")
    assert {(one["rule_id"], one["design_reason"], one["is_announced"]) for one in told} == {
        (silent["rule_id"], "communication_lost", True),
        (offline["rule_id"], "communication_lost", True),
    }


async def test_an_alert_that_came_before_the_silence_was_noticed_is_suppressed_then(
    plant: Plant, agents: Agents, agent: Agent, vibration: Metric
) -> None:
    silent = rule(NO_DATA)
    alerts = await plant.find(finding("started", vibration, utc_now(), **silent))
    assert of_rule(alerts, silent).design_reasons == []
    await fall_silent(agents)
    assert of_rule(await plant.find(), silent).design_reasons == ["communication_lost"]
    [told] = await plant.payloads("alert.suppressed")
    assert (told["design_reason"], told["is_announced"]) == ("communication_lost", False)


async def test_a_machine_with_two_agents_is_affected_when_both_are_silent(
    plant: Plant, agents: Agents, agent: Agent, databases: Databases, vibration: Metric
) -> None:
    other = await reading(agents, databases, vibration.machine_id)
    silent = rule(NO_DATA)
    await agents.hear(document(other.id), utc_now() + timedelta(seconds=100))
    await fall_silent(agents)
    assert of_rule(await plant.find(finding("started", vibration, utc_now(), **silent)), silent).design_reasons == []
    assert await agents.sweep(utc_now() + timedelta(seconds=300)) == 1
    assert of_rule(await plant.find(), silent).design_reasons == ["communication_lost"]
    await agents.hear(document(other.id), utc_now())
    assert of_rule(await plant.find(), silent).design_reasons == []


async def test_removing_the_agent_that_was_heard_leaves_the_silent_one(
    plant: Plant, agents: Agents, agent: Agent, databases: Databases, vibration: Metric
) -> None:
    other = await reading(agents, databases, vibration.machine_id)
    await agents.hear(document(other.id), utc_now() + timedelta(seconds=100))
    await fall_silent(agents)
    silent = rule(NO_DATA)
    await plant.find(finding("started", vibration, utc_now(), **silent))
    await agents.remove(other.id)
    assert of_rule(await plant.find(), silent).design_reasons == ["communication_lost"]
    await agents.remove(agent.id)
    assert of_rule(await plant.find(), silent).design_reasons == []


async def test_a_machine_that_another_agent_reads_is_not_touched(
    plant: Plant, agents: Agents, agent: Agent, make_machine: MachineFactory, tenant: MadeTenant
) -> None:
    _, metrics = await make_machine(tenant)
    await fall_silent(agents)
    silent = rule(NO_DATA)
    elsewhere = metrics["vibration_rms"]
    assert of_rule(await plant.find(finding("started", elsewhere, utc_now(), **silent)), silent).design_reasons == []


async def test_the_alert_names_the_machines_and_is_of_their_site(
    plant: Plant, agents: Agents, agent: Agent, vibration: Metric
) -> None:
    await fall_silent(agents)
    [alert] = await plant.find()
    [name] = alert.evidence["inputs"]["machines"]
    assert alert.message.endswith(f"; behind it: {name}")
    assert (alert.site, alert.evidence["inputs"]["machine_count"]) == ("Hall 1", 1)
