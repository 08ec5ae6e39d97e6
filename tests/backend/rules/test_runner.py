"""Rules in the worker: findings in the journal, late readings, silence, restarts."""

import random
from datetime import timedelta

from plantwright.journal.service import Fact
from plantwright.rules import service
from plantwright.rules.definition import AnyOf, InState, Level, MachineState, NoData, Severity
from plantwright.rules.runner import RuleRunner
from plantwright.rules.service import Draft
from plantwright.rules.state import encode_state

from tests.backend.rules.making import NOON, TEMPERATURE, VIBRATION, Plant, documented, over


async def test_the_documented_rule_fires_when_both_hold_for_five_minutes(plant: Plant) -> None:
    rule = await plant.create(plant.definition(documented()))
    for second in range(0, 331, 10):
        await plant.say(plant.reading(VIBRATION, second, 7.2), plant.reading(TEMPERATURE, second, 81.0))
    await plant.say(plant.reading(TEMPERATURE, 340, 70.0))
    assert await plant.findings() == [("started", "critical", 300.0), ("ended", "critical", 340.0)]
    [started, _] = await plant.records()
    assert started.payload["message"] == "vibration_rms 7.20 mm/s > 5 and temperature 81.0 °C > 78 for 5 min"
    assert started.payload["rule_id"] == str(rule.id)
    assert started.payload["machine_id"] == str(plant.machine.id)
    assert started.payload["metric_id"] is None
    assert (started.payload["value"], started.payload["threshold"]) == ("7.2", "5.0")
    tree = started.payload["inputs"]["levels"][0]["condition"]
    assert [part["words"] for part in tree["conditions"]] == ["vibration_rms > 5 mm/s", "temperature > 78 °C"]
    assert [part["since"] for part in tree["conditions"]] == ["2026-03-01T12:00:00.000000Z"] * 2
    assert "late" not in started.payload


async def test_a_rule_about_one_metric_names_it(plant: Plant) -> None:
    await plant.create(plant.definition(over(VIBRATION, 5.0)))
    await plant.say(plant.reading(VIBRATION, 0, 6.0))
    [started] = await plant.records()
    assert started.payload["metric_id"] == str(plant.metrics[VIBRATION].id)
    assert (started.payload["metric"], started.payload["unit"]) == (VIBRATION, "mm/s")


async def test_a_late_reading_makes_what_follows_be_judged_again(plant: Plant) -> None:
    await plant.create(plant.definition(over(VIBRATION, 5.0, for_seconds=60)))
    await plant.say(*(plant.reading(VIBRATION, second, 6.0) for second in (0, 30, 90)))
    assert await plant.findings() == [("started", "critical", 60.0)]
    await plant.say(plant.reading(VIBRATION, 45, 1.0))
    assert await plant.findings() == [("started", "critical", 60.0), ("ended", "critical", 60.0)]
    assert (await plant.records())[-1].payload["late"] is True
    await plant.say(plant.reading(VIBRATION, 150, 6.0))
    assert (await plant.findings())[-1] == ("started", "critical", 150.0)


async def test_what_came_late_may_start_an_episode_in_the_past(plant: Plant) -> None:
    await plant.create(plant.definition(over(VIBRATION, 5.0)))
    await plant.say(plant.reading(VIBRATION, 0, 1.0), plant.reading(VIBRATION, 20, 1.0))
    await plant.say(plant.reading(VIBRATION, 10, 6.0))
    assert await plant.findings() == [("started", "critical", 10.0), ("ended", "critical", 20.0)]
    assert all(row.payload["late"] for row in await plant.records())


async def test_any_order_of_arrival_and_any_restart_leads_to_the_same(plant: Plant) -> None:
    """The second rule finds the whole log at once, in order; the first one has seen it come in pieces."""
    condition = AnyOf(conditions=(documented(), over(VIBRATION, 9.0, count=2, within_seconds=400)), for_seconds=5)
    chance = random.Random(7)  # noqa: S311 - repeatable
    readings = [
        plant.reading(metric, second + chance.random(), chance.choice(values))
        for second in range(0, 7_200, 60)
        for metric, values in ((VIBRATION, (4.0, 6.0, 6.0, 10.0)), (TEMPERATURE, (80.0, 80.0, 80.0, 70.0)))
    ]
    first = await plant.create(plant.definition(condition), "In pieces")
    chance.shuffle(readings)
    for start in range(0, len(readings), 12):
        if chance.random() < 0.3:
            plant.runner = RuleRunner(plant.journal)
        await plant.say(*readings[start : start + 12])
    plant.runner = RuleRunner(plant.journal)
    second = await plant.create(plant.definition(condition), "At once")
    newest = max(readings, key=lambda one: one[1])
    await plant.say((newest[0], newest[1] + 60_000, 1.0, 0))
    found, expected = await plant.tracked(first.id), await plant.tracked(second.id)
    assert len(expected.recorded) > 5
    assert found.recorded == expected.recorded
    assert encode_state(found.state) == encode_state(expected.state)


async def test_silence_is_noticed_by_time_alone(plant: Plant) -> None:
    await plant.create(plant.definition(NoData(metric=VIBRATION, seconds=30), Severity.WARNING), since=NOON)
    await plant.say(plant.reading(VIBRATION, 0, 1.0), plant.reading(TEMPERATURE, 0, 1.0))
    await plant.pass_time(25)
    assert await plant.findings() == []
    await plant.pass_time(35)
    assert await plant.findings() == [("started", "warning", 30.0)]
    await plant.say(plant.reading(VIBRATION, 50, 1.0))
    assert (await plant.findings())[-1] == ("ended", "warning", 50.0)


async def test_readings_that_were_on_their_way_take_back_what_silence_said(plant: Plant) -> None:
    await plant.create(plant.definition(NoData(metric=VIBRATION, seconds=30), Severity.WARNING), since=NOON)
    await plant.say(plant.reading(VIBRATION, 0, 1.0))
    await plant.pass_time(40)
    await plant.say(plant.reading(VIBRATION, 20, 1.0))
    assert [kind for kind, _, _ in await plant.findings()] == ["started", "ended"]
    assert (await plant.records())[-1].payload["late"] is True


async def test_severity_rises_and_falls(plant: Plant) -> None:
    levels = (
        Level(severity=Severity.WARNING, condition=over(VIBRATION, 5.0)),
        Level(severity=Severity.CRITICAL, condition=over(VIBRATION, 9.0)),
    )
    await plant.create(plant.definition(over(VIBRATION, 5.0), levels=levels))
    await plant.say(*(plant.reading(VIBRATION, second, value) for second, value in enumerate((6.0, 10.0, 7.0, 1.0))))
    assert await plant.findings() == [
        ("started", "warning", 0.0),
        ("continued", "critical", 1.0),
        ("continued", "warning", 2.0),
        ("ended", "warning", 3.0),
    ]


async def test_the_state_of_a_machine_counts_from_when_it_changed(plant: Plant) -> None:
    rule = await plant.create(plant.definition(InState(states=(MachineState.OFFLINE,))))
    for old, new in (("healthy", "offline"), ("offline", "healthy")):
        payload = {"machine_id": plant.machine.id, "old_status": old, "new_status": new}
        fact = Fact(
            action="machine.status_changed",
            resource_type="machine",
            resource_id=str(plant.machine.id),
            payload=payload,
        )
        async with plant.databases.worker.transaction(plant.tenant.id) as work:
            await plant.journal.append(work, fact)
        await plant.hear_journal()
    assert [(kind, severity) for kind, severity, _ in await plant.findings()] == [
        ("started", "critical"),
        ("ended", "critical"),
    ]
    assert len((await plant.tracked(rule.id)).recorded) == 2


async def test_a_changed_rule_ends_its_episode_and_begins_anew(plant: Plant) -> None:
    rule = await plant.create(plant.definition(over(VIBRATION, 5.0)))
    await plant.say(plant.reading(VIBRATION, 0, 6.0))
    draft = Draft(name="x", description="", is_enabled=True, definition=plant.definition(over(VIBRATION, 8.0)))
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await service.update(work, plant.journal, plant.tenant.admin_id, rule.id, draft, expected_version=1)
    kinds = [kind for kind, _, _ in await plant.findings()]
    assert kinds == ["started", "ended"]
    assert (await plant.records())[-1].payload["message"] == "Ended because the rule was changed"
    await plant.say(plant.reading(VIBRATION, 10, 7.0))
    assert len(await plant.findings()) == 2


async def test_the_rule_of_one_machine_kind_watches_each_machine(plant: Plant) -> None:
    await plant.create(plant.definition(over(VIBRATION, 5.0), machine_kind="pump"), since=NOON + timedelta(days=-1))
    await plant.say(plant.reading(VIBRATION, 0, 6.0))
    # The pump was made now, long after these readings: what it did before is none of the rule's business.
    assert await plant.findings() == []


async def test_a_condition_looks_back_over_what_was_there_before_the_rule(plant: Plant) -> None:
    await plant.say(plant.reading(VIBRATION, -200, 6.0))
    await plant.create(plant.definition(over(VIBRATION, 5.0, for_seconds=300)), since=NOON)
    await plant.say(plant.reading(VIBRATION, 150, 6.0))
    assert await plant.findings() == [("started", "critical", 100.0)]


async def test_what_holds_already_when_a_rule_is_made_starts_with_it(plant: Plant) -> None:
    await plant.say(plant.reading(VIBRATION, -200, 6.0))
    await plant.create(plant.definition(over(VIBRATION, 5.0)), since=NOON)
    await plant.say(plant.reading(VIBRATION, 50, 6.0))
    assert await plant.findings() == [("started", "critical", 0.0)]
