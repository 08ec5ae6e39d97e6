from plantwright.assets.models import Metric

from tests.backend.alerts.making import Plant, at, finding
from tests.factories import MachineFactory, MadeTenant


async def metrics_of(make_machine: MachineFactory, tenant: MadeTenant, count: int) -> list[Metric]:
    _, metrics = await make_machine(tenant, metrics={f"metric_{number}": "mm" for number in range(count)})
    return list(metrics.values())


async def test_alerts_of_a_machine_that_begin_together_follow_the_first(
    plant: Plant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    one, two, three, late = await metrics_of(make_machine, tenant, 4)
    [other] = await metrics_of(make_machine, tenant, 1)
    first, second, third, elsewhere, after = await plant.find(
        finding("started", one, at(0)),
        finding("started", two, at(1)),
        finding("started", three, at(4.9)),
        finding("started", other, at(5)),
        finding("started", late, at(6)),
    )
    assert (first.group_id, second.group_id, third.group_id) == (None, first.id, first.id)
    assert (elsewhere.group_id, after.group_id) == (None, None)
    told = await plant.payloads("alert.raised")
    assert [payload["group_id"] == str(first.id) for payload in told] == [True, True, True, False, False]


async def test_what_was_out_earlier_but_came_later_leads(
    plant: Plant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    one, two, three = await metrics_of(make_machine, tenant, 3)
    await plant.find(finding("started", one, at(3)), finding("started", two, at(4)))
    leader, first, second = await plant.find(finding("started", three, at(1)))
    assert (leader.group_id, first.group_id, second.group_id) == (None, leader.id, leader.id)


async def test_three_changes_within_a_minute_are_a_chatter(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(
        finding("started", vibration, at(0)),
        finding("ended", vibration, at(0.3)),
        finding("started", vibration, at(0.9)),
    )
    assert alert.chatters == 1
    [alert] = await plant.find(finding("ended", vibration, at(2)))
    assert alert.chatters == 1


async def test_what_clears_before_anyone_can_act_is_fleeting(plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)), finding("ended", vibration, at(0.5)))
    assert (alert.fleetings, alert.chatters) == (1, 0)
    [alert] = await plant.find(finding("started", vibration, at(5)), finding("ended", vibration, at(7)))
    assert alert.fleetings == 1
