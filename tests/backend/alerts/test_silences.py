"""Alerts about agents: one per silence, through the same life as alerts about machines."""

from uuid import UUID

import pytest
from plantwright.agents.models import Agent
from plantwright.alerts import service
from plantwright.alerts.life_cycle import AlertState, state_of
from plantwright.alerts.repository import AlertFilter
from plantwright.assets.models import Metric
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.health.consumer import HealthConsumer
from plantwright.journal.consumers import run_consumer
from plantwright.journal.service import Journal
from plantwright.maintenance import service as maintenance
from plantwright.maintenance.models import WorkOrder

from tests.backend.agents.making import NOON, document, make_plant
from tests.backend.agents.making import Plant as Agents
from tests.backend.agents.making import at as second
from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MadeTenant


@pytest.fixture
async def agents(databases: Databases, journal: Journal, tenant: MadeTenant) -> Agents:
    return await make_plant(databases, journal, tenant)


@pytest.fixture
async def agent(agents: Agents) -> Agent:
    """Heard at noon, then no more."""
    return await agents.hear(document(), NOON)


async def test_a_silent_agent_raises_one_warning_in_words(agents: Agents, agent: Agent, plant: Plant) -> None:
    await agents.sweep(second(200))
    await agents.sweep(second(300))
    [alert] = await plant.find()
    assert (alert.machine_id, alert.metric_id, alert.agent_id) == (None, None, agent.id)
    assert (alert.cause, alert.severity, state_of(alert)) == ("agent_silent", "warning", "active_unacknowledged")
    assert alert.message == "Agent hall-3 has not been heard of since 2026-03-01 12:00:00 UTC"
    assert (alert.value, round(alert.score, 3), alert.threshold) == (200.0, 3.333, 3.0)
    assert alert.raised_at == second(200)
    assert alert.evidence["inputs"]["threshold_seconds"] == "180.0"
    [raised] = await plant.payloads("alert.raised")
    assert (raised["agent_id"], raised["machine_id"], raised["metric"]) == (str(agent.id), None, None)


async def test_it_clears_when_the_agent_is_heard_again(agents: Agents, agent: Agent, plant: Plant) -> None:
    await agents.sweep(second(200))
    await agents.hear(document(agent.id), second(900))
    [alert] = await plant.find()
    assert (state_of(alert), alert.cleared_at) == (AlertState.CLEARED_UNACKNOWLEDGED, second(900))


async def test_soon_after_it_is_the_same_alert_later_another(agents: Agents, agent: Agent, plant: Plant) -> None:
    await agents.sweep(second(200))
    await agents.hear(document(agent.id), second(210))
    await agents.sweep(second(400))
    [alert] = await plant.find()
    assert (alert.occurrences, alert.cleared_at) == (2, None)
    await agents.hear(document(agent.id), second(410))
    await agents.hear(document(agent.id), second(4_000))
    await agents.sweep(second(4_200))
    assert len(await plant.find()) == 2
    assert await plant.actions() == [
        "alert.raised",
        "alert.cleared",
        "alert.repeated",
        "alert.cleared",
        "alert.raised",
    ]


async def test_an_agent_that_is_removed_alerts_no_longer(agents: Agents, agent: Agent, plant: Plant) -> None:
    await agents.sweep(second(200))
    await plant.find()
    await agents.remove(agent.id)
    [alert] = await plant.find()
    assert state_of(alert) == AlertState.CLEARED_UNACKNOWLEDGED
    assert alert.agent_id == agent.id


async def test_two_agents_and_a_metric_alert_side_by_side(
    agents: Agents, agent: Agent, plant: Plant, vibration: Metric
) -> None:
    other = await agents.hear(document(name="hall-4"), NOON)
    await agents.sweep(second(200))
    alerts = await plant.find(finding("started", vibration, at(0)))
    assert {alert.agent_id for alert in alerts} == {agent.id, other.id, None}
    await agents.hear(document(other.id), second(300))
    alerts = await plant.find(finding("ended", vibration, at(9)))
    assert [alert.agent_id for alert in alerts if alert.cleared_at is None] == [agent.id]


async def test_people_acknowledge_it_and_lists_narrow_to_it(
    databases: Databases, tenant: MadeTenant, agents: Agents, agent: Agent, plant: Plant, vibration: Metric
) -> None:
    await agents.sweep(second(200))
    await plant.find(finding("started", vibration, at(0)))
    async with databases.app.transaction(tenant.id) as work:
        [found] = await service.page(work, AlertFilter(agent_id=agent.id), None, 10)
        await service.acknowledge(work, plant.journal, tenant.viewer_id, found.id, "Power is off in hall 3.")
    [acknowledged] = await plant.payloads("alert.acknowledged")
    assert (acknowledged["agent_id"], acknowledged["metric"], acknowledged["unit"]) == (str(agent.id), None, "s")


async def test_it_takes_nothing_from_the_health_of_a_machine(
    databases: Databases, agents: Agents, agent: Agent, plant: Plant, vibration: Metric
) -> None:
    consumer = HealthConsumer(plant.journal)
    await run_consumer(databases.worker, plant.tenant_id, consumer)
    before = await plant.actions("health.")
    await agents.sweep(second(200))
    [alert] = await plant.find()
    await run_consumer(databases.worker, plant.tenant_id, consumer)
    assert alert.agent_id == agent.id
    assert vibration.machine_id is not None
    assert await plant.actions("health.") == before


async def test_a_work_order_from_it_needs_a_machine(
    databases: Databases, tenant: MadeTenant, agents: Agents, agent: Agent, plant: Plant, vibration: Metric
) -> None:
    await agents.sweep(second(200))
    [alert] = await plant.find()
    assert alert.agent_id == agent.id

    async def order(machine_id: UUID | None = None) -> WorkOrder:
        async with databases.app.transaction(tenant.id) as work:
            return await maintenance.create(
                work,
                plant.journal,
                tenant.admin_id,
                title="Look at the computer",
                alert_id=alert.id,
                machine_id=machine_id,
            )

    with pytest.raises(ValidationFailed, match="about an agent"):
        await order()
    with pytest.raises(NotFound):
        await order(machine_id=agent.id)
    made = await order(machine_id=vibration.machine_id)
    assert (made.machine_id, made.alert_id) == (vibration.machine_id, alert.id)
