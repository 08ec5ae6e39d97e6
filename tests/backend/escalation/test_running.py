"""How an alert goes along the chain of a policy, and what stops it."""

from datetime import timedelta

import pytest
from plantwright.escalation.models import EscalationReason, EscalationState
from plantwright.worker.sweep_repository import read_overdue

from tests.backend.escalation.making import Plant, after, severities

MINUTE = timedelta(minutes=1)


async def test_each_step_waits_from_the_step_before_and_is_told_once(plant: Plant) -> None:
    await plant.add_policy(plant.step(5), plant.step(10, users=[plant.tenant.operator_id]))
    alert = await plant.find()
    running = await plant.only()
    assert (running.state, running.step, running.due_at) == (EscalationState.RUNNING, 1, after(running, 5))
    assert await plant.sweep(after(running, 4.9)) == 0
    told = [await plant.sweep(after(running, minutes)) for minutes in (5, 5.1, 14.9, 15, 15.1, 500)]
    assert told == [1, 0, 0, 1, 0, 0]
    assert await plant.told() == [("Policy", 1, 1), ("Policy", 1, 2)]
    first, second = [row.payload for row in await plant.records("alert.escalated")]
    assert first["channel_ids"] == [str(plant.channel_id)]
    assert (first["user_ids"], first["late_seconds"], first["troubles"]) == ([], 0, [])
    assert (first["alert_id"], first["message"]) == (str(alert.id), alert.message)
    assert (second["channel_ids"], second["user_ids"]) == ([], [str(plant.tenant.operator_id)])
    ended = await plant.only()
    assert (ended.state, ended.reason) == (EscalationState.ENDED, EscalationReason.COMPLETED)


async def test_the_chain_is_gone_through_as_often_as_it_says(plant: Plant) -> None:
    await plant.add_policy(plant.step(0), plant.step(5), rounds=3, repeat_after_minutes=20)
    await plant.find()
    running = await plant.only()
    due = []
    while (running := await plant.only()).due_at is not None:
        due.append((running.due_at - running.started_at) / MINUTE)
        assert await plant.sweep(running.due_at) == 1
    assert due == [0, 5, 25, 30, 50, 55]
    assert [step for _, *step in await plant.told()] == [[1, 1], [1, 2], [2, 1], [2, 2], [3, 1], [3, 2]]


async def test_an_acknowledgement_stops_it(plant: Plant) -> None:
    await plant.add_policy(plant.step(5), plant.step(5))
    alert = await plant.find()
    running = await plant.only()
    await plant.sweep(after(running, 5))
    await plant.acknowledge(alert)
    assert await plant.sweep(after(running, 60)) == 0
    assert (await plant.only()).reason == EscalationReason.ACKNOWLEDGED


async def test_an_acknowledgement_that_the_consumer_has_not_come_to_stops_it_too(plant: Plant) -> None:
    await plant.add_policy(plant.step(5))
    alert = await plant.find()
    running = await plant.only()
    await plant.acknowledge(alert, catches_up=False)
    assert await plant.sweep(after(running, 60)) == 0
    assert (await plant.only()).reason == EscalationReason.ACKNOWLEDGED
    await plant.catch_up()
    assert (await plant.only()).reason == EscalationReason.ACKNOWLEDGED


async def test_a_clear_stops_it_unless_the_policy_goes_on(plant: Plant) -> None:
    await plant.add_policy(plant.step(5), name="Stops")
    await plant.add_policy(plant.step(5), name="Goes on", stops_on_clear=False)
    await plant.find()
    await plant.find("ended", minutes=1)
    running = (await plant.escalations())[0]
    assert await plant.sweep(after(running, 6)) == 1
    assert await plant.told() == [("Goes on", 1, 1)]


async def test_a_chattering_alert_goes_on_where_it_was(plant: Plant) -> None:
    """Otherwise one that clears and comes back more often than the first step waits would never be told."""
    await plant.add_policy(plant.step(5))
    await plant.find()
    started = await plant.only()
    await plant.find("ended", minutes=0.1)
    assert (await plant.only()).reason == EscalationReason.CLEARED
    await plant.find("started", minutes=0.2)
    again = await plant.only()
    assert (again.state, again.due_at) == (EscalationState.RUNNING, started.due_at)
    assert await plant.sweep(after(again, 5)) == 1


async def test_a_rise_of_the_severity_starts_the_policies_of_the_new_one(plant: Plant) -> None:
    await plant.add_policy(plant.step(30), name="Warnings", severities=severities("warning"))
    await plant.add_policy(plant.step(1), name="Critical", severities=severities("critical"))
    await plant.find()
    await plant.find("continued", "critical", minutes=1)
    states = {row.severity: (row.state, row.reason) for row in await plant.escalations()}
    assert states == {
        "warning": (EscalationState.ENDED, EscalationReason.SUPERSEDED),
        "critical": (EscalationState.RUNNING, None),
    }


async def test_a_rise_of_the_severity_takes_an_acknowledgement_back(plant: Plant) -> None:
    await plant.add_policy(plant.step(5))
    alert = await plant.find()
    await plant.acknowledge(alert)
    await plant.find("continued", "critical", minutes=1)
    again = await plant.only()
    assert (again.state, again.step, again.severity) == (EscalationState.RUNNING, 1, "critical")


async def test_a_step_missed_in_an_outage_is_told_once_late_and_says_so(plant: Plant) -> None:
    await plant.add_policy(plant.step(5), plant.step(10), plant.step(10))
    await plant.find()
    running = await plant.only()
    back = after(running, 125)
    assert [await plant.sweep(back), await plant.sweep(back + MINUTE)] == [1, 0]
    late = await plant.last()
    assert (late["step"], late["late_seconds"]) == (1, 7_200)
    assert (await plant.only()).due_at == back + 10 * MINUTE, "people get the time that the chain gives them"
    assert await plant.sweep(back + 10 * MINUTE) == 1
    assert (await plant.last())["late_seconds"] == 0


async def test_a_step_that_comes_in_time_does_not_push_the_chain_back(plant: Plant) -> None:
    await plant.add_policy(plant.step(5), plant.step(10))
    await plant.find()
    running = await plant.only()
    await plant.sweep(after(running, 5) + timedelta(seconds=2))
    assert (await plant.only()).due_at == after(running, 15)


async def test_a_step_that_reaches_nobody_says_why_and_does_not_make_the_next_one_wait(plant: Plant) -> None:
    gone = await plant.add_channel("Old pager", is_active=False)
    steps = (plant.step(5), plant.step(30))
    policy = await plant.add_policy(*steps)
    await plant.change_policy(policy, steps=(type(steps[0])(5, (gone,)), steps[1]))
    await plant.find()
    running = await plant.only()
    now = after(running, 5)
    assert [await plant.sweep(now), await plant.sweep(now), await plant.sweep(now)] == [1, 1, 0]
    first, second = [row.payload for row in await plant.records("alert.escalated")]
    assert (first["channel_ids"], first["troubles"]) == ([], ['The channel "Old pager" is switched off.'])
    assert second["channel_ids"] == [str(plant.channel_id)]


async def test_alerts_from_before_a_policy_are_not_for_it(plant: Plant) -> None:
    await plant.find()
    await plant.add_policy(plant.step(1))
    await plant.catch_up()
    assert await plant.escalations() == []


async def test_the_worker_asks_only_when_a_step_is_due(plant: Plant) -> None:
    async def is_due() -> bool:
        async with plant.databases.worker.reading(plant.tenant.id) as work:
            started = (await plant.only()).started_at
            return (await read_overdue(work, ["latest"], ["health"], started)).escalations

    policy = await plant.add_policy(plant.step(5))
    await plant.find()
    assert not await is_due()
    await plant.change_policy(policy, steps=(plant.step(0),))
    assert await is_due()
    running = await plant.only()
    assert await plant.sweep(after(running, 1)) == 1
    assert not await is_due()


@pytest.mark.parametrize(
    ("changes", "state", "reason", "due_minutes"),
    [
        ({"name": "Renamed"}, EscalationState.RUNNING, None, 15),
        ({"is_active": False}, EscalationState.ENDED, EscalationReason.POLICY_SWITCHED_OFF, None),
        ({"rounds": 2}, EscalationState.RUNNING, None, 15),
    ],
)
async def test_a_change_of_a_policy_reaches_what_runs(
    plant: Plant, changes: dict[str, object], state: EscalationState, reason: EscalationReason, due_minutes: int | None
) -> None:
    policy = await plant.add_policy(plant.step(5), plant.step(10))
    await plant.find()
    running = await plant.only()
    await plant.sweep(after(running, 5))
    await plant.change_policy(policy, **changes)
    changed = await plant.only()
    assert (changed.state, changed.reason) == (state, reason)
    assert changed.due_at == (None if due_minutes is None else after(running, due_minutes))


async def test_other_steps_keep_the_place_in_the_chain(plant: Plant) -> None:
    policy = await plant.add_policy(plant.step(5), plant.step(10))
    await plant.find()
    running = await plant.only()
    await plant.sweep(after(running, 5))
    await plant.change_policy(policy, steps=(plant.step(5), plant.step(20), plant.step(1)))
    assert ((await plant.only()).step, (await plant.only()).due_at) == (2, after(running, 25))
    await plant.change_policy(policy, steps=(plant.step(5),))
    assert (await plant.only()).reason == EscalationReason.COMPLETED
