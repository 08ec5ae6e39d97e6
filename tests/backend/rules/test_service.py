"""Making and changing rules: what is refused, what is recorded, and what becomes of one that refers to what is gone."""

from uuid import uuid4

import msgspec
import pytest
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.rules import limits, repository, service, version_repository
from plantwright.rules.definition import AllOf, Comparison, Definition, NumberOverride, Operator, Override
from plantwright.rules.models import AlertRule
from plantwright.rules.service import Draft
from plantwright.rules.watching import watched_by

from tests.backend.rules.making import NOON, TEMPERATURE, VIBRATION, Plant, over


async def attempt(plant: Plant, definition: Definition, name: str = "x") -> AlertRule:
    draft = Draft(name=name, description="", is_enabled=True, definition=definition)
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        return await service.create(work, plant.journal, plant.tenant.admin_id, draft)


async def test_a_change_is_recorded_with_what_the_rule_says(plant: Plant) -> None:
    rule = await attempt(plant, plant.definition(over(VIBRATION, 5.5)))
    [record] = await plant.records("alert_rule.")
    assert (record.action, record.resource_id) == ("alert_rule.created", str(rule.id))
    assert record.payload["definition"]["levels"][0]["condition"]["threshold"] == "5.5"
    assert record.actor_id == plant.tenant.admin_id


async def test_a_machine_or_metric_that_is_not_there_is_refused_with_its_place(plant: Plant) -> None:
    with pytest.raises(NotFound) as gone:
        await attempt(plant, plant.definition(over(VIBRATION, 5.0), machine_id=uuid4()))
    assert gone.value.path == ("machineId",)
    with pytest.raises(NotFound) as elsewhere:
        await attempt(plant, plant.definition(AllOf(conditions=(over(VIBRATION, 5.0, machine_id=uuid4()),))))
    assert elsewhere.value.path == ("levels", "0", "condition", "conditions", "0", "machineId")
    with pytest.raises(ValidationFailed, match="has no metric pressure") as missing:
        await attempt(plant, plant.definition(over("pressure", 5.0)))
    assert missing.value.path == ("levels", "0", "condition", "metric")


async def test_a_contradiction_is_refused(plant: Plant) -> None:
    below = Comparison(metric=VIBRATION, operator=Operator.LESS_THAN, threshold=3.0)
    with pytest.raises(ValidationFailed, match="No value of vibration_rms satisfies"):
        await attempt(plant, plant.definition(AllOf(conditions=(over(VIBRATION, 5.0), below))))


async def test_there_are_only_so_many_rules(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_RULES", 1)
    await attempt(plant, plant.definition(over(VIBRATION, 5.0)))
    with pytest.raises(Conflict, match="1 rules already"):
        await attempt(plant, plant.definition(over(VIBRATION, 5.0)))


async def test_a_change_over_a_change_is_a_conflict(plant: Plant) -> None:
    rule = await attempt(plant, plant.definition(over(VIBRATION, 5.0)))
    draft = Draft(name="y", description="", is_enabled=True, definition=plant.definition(over(VIBRATION, 6.0)))
    for expectation in (1, 1):
        async with plant.databases.app.transaction(plant.tenant.id) as work:
            change = service.update(
                work, plant.journal, plant.tenant.admin_id, rule.id, draft, expected_version=expectation
            )
            if rule.version == 1:
                rule = await change
            else:
                with pytest.raises(Conflict, match="meanwhile"):
                    await change


async def test_a_template_watches_each_machine_with_its_own_numbers(plant: Plant) -> None:
    numbers = (NumberOverride(key="c1", threshold=9.0),)
    override = Override(machine_id=plant.machine.id, numbers=numbers)
    rule = await attempt(
        plant, plant.definition(over(VIBRATION, 5.0, key="c1"), machine_kind="pump", overrides=(override,))
    )
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        found = (await watched_by(work, [rule]))[rule.id]
    [watch] = found.watches
    condition = watch.program.nodes[-1].condition
    assert isinstance(condition, Comparison)
    assert condition.threshold == 9.0


async def test_numbers_durations_and_groups_have_keys_and_are_overridden_on_a_machine(plant: Plant) -> None:
    group = AllOf(conditions=(over(VIBRATION, 5.0, clear=4.0), over(TEMPERATURE, 78.0, key="c1")), for_seconds=300)
    numbers = (NumberOverride(key="c2", threshold=9.0, clear=8.0), NumberOverride(key="g1", for_seconds=60.0))
    override = Override(machine_id=plant.machine.id, numbers=numbers)
    rule = await attempt(plant, plant.definition(group, machine_kind="pump", overrides=(override,)))
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        [watch] = (await watched_by(work, [rule]))[rule.id].watches
    vibration, temperature, together = (node.condition for node in watch.program.nodes)
    assert isinstance(vibration, Comparison)
    assert (vibration.key, vibration.threshold, vibration.clear) == ("c2", 9.0, 8.0)
    assert (temperature.key, together.key, together.for_seconds) == ("c1", "g1", 60.0)


async def test_a_rule_that_refers_to_what_is_gone_is_broken_and_stops_no_other(plant: Plant) -> None:
    lost = await plant.create(plant.definition(over(VIBRATION, 5.0)), "Lost")
    await plant.create(plant.definition(over(VIBRATION, 5.0)), "There")
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        row = await repository.get(work, lost.id, lock=True)
        [version] = await version_repository.get_many(work, [(lost.id, 1)])
        assert row is not None
        row.definition = version.definition = msgspec.to_builtins(
            plant.definition(AllOf(conditions=(over(VIBRATION, 5.0, machine_id=uuid4()),)))
        )
        work.session.add_all((row, version))
    await plant.say(plant.reading(VIBRATION, 0, 6.0))
    assert [record.payload["inputs"]["rule"] for record in await plant.records()] == ["There"]
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        [row] = [one for one in await repository.enabled(work) if one.id == lost.id]
        found = (await watched_by(work, [row]))[lost.id]
    assert (found.watches, found.troubles) == ([], [(None, "A machine of the rule is gone.")])


async def test_what_is_deleted_ends_and_its_version_stays(plant: Plant) -> None:
    rule = await plant.create(plant.definition(over(VIBRATION, 5.0)), since=NOON)
    await plant.say(plant.reading(VIBRATION, 0, 6.0))
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await service.delete(work, plant.journal, plant.tenant.admin_id, rule.id)
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        assert await repository.get(work, rule.id) is None
        assert await repository.states(work, [rule.id]) == []
        [version] = await version_repository.get_many(work, [(rule.id, 1)])
        assert version.holds_until is not None
    assert [kind for kind, _, _ in await plant.findings()] == ["started", "ended"]
