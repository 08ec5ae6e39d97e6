"""Which policies apply to an alert, and what a policy may say."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from plantwright.alerts.models import Severity
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.escalation import policies
from plantwright.escalation.policies import MOST_POLICIES
from plantwright.escalation.policy import PolicyDraft, Selectors, Step, Subject, checked, closeness

from tests.backend.escalation.making import Plant, severities

PUMP, FAN, SOMEBODY = UUID(int=1), UUID(int=2), UUID(int=3)
STEP = Step(5, (SOMEBODY,))


def draft(**options: Any) -> PolicyDraft:
    return PolicyDraft(**{"name": "Policy", "steps": (STEP,), **options})


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        (Selectors([], [], []), 0),
        (Selectors(["critical"], [], []), 1),
        (Selectors(["warning"], [], []), None),
        (Selectors([], ["hall 1 "], []), 2),
        (Selectors([], ["Hall 2"], []), None),
        (Selectors(["critical"], ["Hall 2", "HALL 1"], []), 3),
        (Selectors([], [], [FAN, PUMP]), 4),
        (Selectors([], [], [FAN]), None),
        (Selectors(["info", "critical"], ["Hall 1"], [PUMP]), 7),
        (Selectors(["info"], ["Hall 1"], [PUMP]), None),
    ],
)
def test_the_machine_is_closer_than_the_site_and_that_than_the_severity(
    selectors: Selectors, expected: int | None
) -> None:
    assert closeness(selectors, Subject("critical", PUMP, "Hall 1")) == expected


def test_an_alert_about_an_agent_is_for_those_that_name_no_place() -> None:
    agent = Subject("warning", None, "")
    assert closeness(Selectors(["warning"], [], []), agent) == 1
    assert closeness(Selectors([], ["Hall 1"], []), agent) is None
    assert closeness(Selectors([], [], [PUMP]), agent) is None


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"name": "  "}, ("name",)),
        ({"name": "x" * 101}, ("name",)),
        ({"steps": ()}, ("steps",)),
        ({"steps": (STEP,) * 11}, ("steps",)),
        ({"steps": (STEP, Step(1_441, (SOMEBODY,)))}, ("steps", "1", "waitMinutes")),
        ({"steps": (Step(-1, (SOMEBODY,)),)}, ("steps", "0", "waitMinutes")),
        ({"steps": (Step(5),)}, ("steps", "0")),
        ({"steps": (Step(5, tuple(UUID(int=n) for n in range(21))),)}, ("steps", "0")),
        ({"steps": (Step(5, (SOMEBODY, SOMEBODY)),)}, ("steps", "0", "channelIds")),
        ({"rounds": 0}, ("rounds",)),
        ({"rounds": 11}, ("rounds",)),
        ({"repeat_after_minutes": 0}, ("repeatAfterMinutes",)),
        ({"sites": ("",)}, ("sites",)),
        ({"sites": tuple(f"Hall {n}" for n in range(51))}, ("sites",)),
        ({"machine_ids": tuple(UUID(int=n) for n in range(201))}, ("machineIds",)),
    ],
)
def test_what_a_policy_may_not_say(options: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationFailed) as caught:
        checked(draft(**options))
    assert caught.value.path == path


def test_texts_are_trimmed_and_repetitions_dropped() -> None:
    tidy = checked(draft(name=" P ", sites=(" Hall 1", "Hall 1"), severities=(Severity.INFO, Severity.INFO)))
    assert (tidy.name, tidy.sites, tidy.severities) == ("P", ("Hall 1",), (Severity.INFO,))


async def test_the_closest_policies_apply_and_all_of_them(plant: Plant) -> None:
    await plant.add_policy(plant.step(1), name="Everything")
    await plant.add_policy(plant.step(2), name="Warnings", severities=severities("warning"))
    await plant.add_policy(plant.step(3), name="Hall, early", sites=("Hall 1",))
    await plant.add_policy(plant.step(9), name="Hall, late", sites=("HALL 1",))
    await plant.add_policy(plant.step(4), name="Elsewhere", sites=("Hall 9",))
    await plant.add_policy(plant.step(4), name="Switched off", machine_ids=(plant.machine.id,), is_active=False)
    await plant.find()
    waits = [(one.due_at - one.started_at).total_seconds() / 60 for one in await plant.escalations() if one.due_at]
    assert sorted(waits) == [3, 9]


@pytest.mark.parametrize("field", ["channel_ids", "user_ids", "rotation_ids"])
async def test_a_target_that_is_not_there_is_refused(plant: Plant, field: str) -> None:
    words = {"channel_ids": "channelIds", "user_ids": "userIds", "rotation_ids": "rotationIds"}
    with pytest.raises(NotFound) as caught:
        await plant.add_policy(plant.step(1), Step(5, **{field: (uuid4(),)}))
    assert caught.value.path == ("steps", "1", words[field])
    with pytest.raises(NotFound, match="Machine"):
        await plant.add_policy(plant.step(1), machine_ids=(uuid4(),))
    assert await plant.records("escalation_policy.created") == []


async def test_there_are_at_most_fifty(plant: Plant) -> None:
    for number in range(MOST_POLICIES):
        await plant.add_policy(plant.step(1), name=f"Policy {number}")
    with pytest.raises(Conflict, match="50"):
        await plant.add_policy(plant.step(1), name="One more")
    assert len(await plant.records("escalation_policy.created")) == MOST_POLICIES


async def test_changing_and_deleting_are_journaled_and_end_what_runs(plant: Plant) -> None:
    policy = await plant.add_policy(plant.step(5))
    await plant.find()
    await plant.change_policy(policy, name="Renamed", rounds=2)
    await plant.change_policy(policy, name="Renamed")
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await policies.delete(work, plant.journal, plant.tenant.admin_id, policy.id)
    assert await plant.escalations() == []
    [updated] = await plant.records("escalation_policy.updated")
    [deleted] = await plant.records("escalation_policy.deleted")
    assert (updated.payload["name"], updated.payload["rounds"], updated.payload["running"]) == ("Renamed", 2, 1)
    assert (deleted.payload["running"], deleted.actor_id) == (1, plant.tenant.admin_id)


async def test_a_change_that_saw_another_version_is_refused(plant: Plant) -> None:
    policy = await plant.add_policy(plant.step(5))
    await plant.change_policy(policy, name="Renamed")
    with pytest.raises(Conflict, match="meanwhile"):
        async with plant.databases.app.transaction(plant.tenant.id) as work:
            await policies.update(
                work, plant.journal, plant.tenant.admin_id, policy.id, {"name": "Late"}, expected_version=1
            )
