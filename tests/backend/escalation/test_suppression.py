"""A suppressed alert pauses; what announces it again starts the chains from their first step."""

from datetime import timedelta

from plantwright.alerts.suppression import out_of_service, shelving
from plantwright.alerts.suppression.models import ShelfKind
from plantwright.alerts.suppression.shelving import ShelfWish
from plantwright.escalation.models import EscalationReason, EscalationState

from tests.backend.escalation.making import Plant, after

MINUTE = timedelta(minutes=1)


async def test_a_shelved_alert_is_not_told_and_starts_anew_when_it_is_taken_off(plant: Plant) -> None:
    await plant.add_policy(plant.step(5), plant.step(5))
    alert = await plant.find()
    started = await plant.only()
    await plant.sweep(after(started, 5))
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        wish = ShelfWish(ShelfKind.TIMED, 60 * MINUTE, "Bearing is on order")
        await shelving.shelve(work, plant.journal, plant.tenant.operator_id, alert.id, wish)
    assert await plant.sweep(after(started, 60)) == 0, "before the consumer has come to it, too"
    await plant.catch_up()
    paused = await plant.only()
    assert (paused.state, paused.reason, paused.due_at) == (EscalationState.PAUSED, EscalationReason.SHELVED, None)
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await shelving.unshelve(work, plant.journal, plant.tenant.operator_id, alert.id)
    await plant.catch_up()
    again = await plant.only()
    assert (again.state, again.step, again.due_at) == (EscalationState.RUNNING, 1, again.started_at + 5 * MINUTE)
    assert again.started_at > started.started_at


async def test_what_is_out_of_service_is_told_when_it_returns(plant: Plant) -> None:
    await plant.add_policy(plant.step(5))
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        row = await out_of_service.begin(
            work, plant.journal, plant.tenant.operator_id, machine_id=plant.machine.id, reason="New bearing"
        )
    await plant.find()
    assert await plant.escalations() == []
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await out_of_service.end(work, plant.journal, plant.tenant.operator_id, row.id)
    await plant.catch_up()
    assert (await plant.only()).state == EscalationState.RUNNING


async def test_a_paused_alert_that_clears_is_over(plant: Plant) -> None:
    await plant.add_policy(plant.step(5))
    alert = await plant.find()
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        wish = ShelfWish(ShelfKind.TIMED, 60 * MINUTE, "Known")
        await shelving.shelve(work, plant.journal, plant.tenant.operator_id, alert.id, wish)
    await plant.find("ended", minutes=1)
    assert (await plant.only()).reason == EscalationReason.CLEARED
