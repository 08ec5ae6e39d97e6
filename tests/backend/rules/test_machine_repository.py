"""What the journal says of machines, as rules read it: the facts are those that other rooms write."""

from plantwright.alerts.suppression import out_of_service, running
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.rules.definition import Aspect
from plantwright.rules.machine_repository import ACTIONS, RETURNED, TAKEN_OUT, aspect_changes

from tests.backend.rules.making import Plant


def test_the_actions_are_those_that_alerts_write() -> None:
    assert set(ACTIONS[Aspect.RUNNING]) == {running.STARTED, running.STOPPED, running.CONDITION_CHANGED}
    assert (TAKEN_OUT, RETURNED) == (out_of_service.BEGAN, out_of_service.ENDED)


async def test_a_machine_is_in_service_when_nothing_takes_it_out_any_more(plant: Plant) -> None:
    before_ms = to_milliseconds(utc_now()) - 1
    metric_id = plant.metrics["temperature"].id
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        for of in (metric_id, None):
            row = await out_of_service.begin(
                work, plant.journal, plant.tenant.admin_id, machine_id=plant.machine.id, metric_id=of, reason="Repair"
            )
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await out_of_service.end(work, plant.journal, plant.tenant.admin_id, row.id)
    until_ms = to_milliseconds(utc_now())
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        wanted = [(plant.machine.id, aspect) for aspect in (Aspect.SERVICE, Aspect.RUNNING)]
        found = await aspect_changes(work, wanted, before_ms, until_ms, with_beginning=True)
    assert [(one.aspect, one.value) for one in found] == [
        (Aspect.RUNNING, 1.0),
        (Aspect.SERVICE, 1.0),
        (Aspect.SERVICE, 0.0),
        (Aspect.SERVICE, 1.0),
    ]
