"""`plantwright replay` of rules: what the worker journaled while it happened is derived again from the log alone."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.detection.replay.derivation import Filters, Period, Replayed, difference_from
from plantwright.detection.replay.record import Difference, in_order, line_of
from plantwright.journal.service import Fact
from plantwright.rules import replay, service
from plantwright.rules.definition import (
    AllOf,
    AnyOf,
    Definition,
    Deviation,
    InService,
    InState,
    Level,
    MachineState,
    NoData,
    Rate,
    RateUnit,
    Running,
    Severity,
)
from plantwright.rules.record import PASSED_OVER
from plantwright.rules.replay import RuleDerivation
from plantwright.rules.runner import RuleRunner
from plantwright.rules.service import Draft

from tests.backend.readings.log_writer import Reading
from tests.backend.rules.making import NOON, TEMPERATURE, VIBRATION, Plant, over

ALL = Period(0, 2**42)


class History:
    """What happens to a plant, with readings that come in any order, and in any slices."""

    def __init__(self, plant: Plant, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self._plant, self._chance, self._monkeypatch = plant, Random(seed), monkeypatch  # noqa: S311 - repeatable
        self.start = utc_now().replace(microsecond=0)
        self._held_back: list[Reading] = []

    def at(self, seconds: float) -> datetime:
        return self.start + timedelta(seconds=seconds)

    async def run(self, first: int, last: int, *, hold_back: float = 0.0) -> None:
        """Readings of these seconds; some of them come with what is run later."""
        chance = self._chance
        for low in range(first, last, 120):
            readings = [
                self._reading(metric, second + chance.random(), chance.choice(values))
                for second in range(low, min(low + 120, last), 10)
                for metric, values in ((VIBRATION, (1.0, 4.0, 6.0, 6.0, 9.0)), (TEMPERATURE, (70.0, 80.0, 85.0)))
                if chance.random() < 0.8
            ]
            late = [one for one in readings if chance.random() < hold_back]
            again, self._held_back = self._held_back, late
            slices = [*(one for one in readings if one not in late), *again]
            chance.shuffle(slices)
            while slices:
                size = chance.randint(1, 20)
                await self._plant.say(*slices[:size])
                slices = slices[size:]
            if chance.random() < 0.3:
                self._plant.runner = RuleRunner(self._plant.journal)

    def _reading(self, metric: str, seconds: float, value: float) -> Reading:
        return self._plant.series(metric), to_milliseconds(self.at(seconds)), value, 0

    @asynccontextmanager
    async def clock(self, seconds: float) -> AsyncIterator[None]:
        """Rules are changed by people, at that time."""
        self._monkeypatch.setattr(service, "utc_now", lambda: self.at(seconds))
        yield
        self._monkeypatch.undo()

    async def make(self, definition: Definition, name: str, seconds: float) -> UUID:
        async with self.clock(seconds), self._plant.databases.app.transaction(self._plant.tenant.id) as work:
            draft = Draft(name=name, description="", is_enabled=True, definition=definition)
            rule = await service.create(work, self._plant.journal, self._plant.tenant.admin_id, draft)
        return rule.id

    async def change(self, rule_id: UUID, definition: Definition, name: str, version: int, seconds: float) -> None:
        draft = Draft(name=name, description="", is_enabled=True, definition=definition)
        plant = self._plant
        async with self.clock(seconds), plant.databases.app.transaction(plant.tenant.id) as work:
            await service.update(work, plant.journal, plant.tenant.admin_id, rule_id, draft, expected_version=version)

    async def switch(self, rule_id: UUID, seconds: float, *, is_enabled: bool) -> None:
        plant = self._plant
        async with self.clock(seconds), plant.databases.app.transaction(plant.tenant.id) as work:
            await service.set_enabled(work, plant.journal, plant.tenant.admin_id, rule_id, is_enabled=is_enabled)

    async def delete(self, rule_id: UUID, seconds: float) -> None:
        plant = self._plant
        async with self.clock(seconds), plant.databases.app.transaction(plant.tenant.id) as work:
            await service.delete(work, plant.journal, plant.tenant.admin_id, rule_id)


async def derived(plant: Plant, period: Period = ALL) -> Replayed:
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        units = await RuleDerivation().units(work, Filters())
    return await RuleDerivation().derive(plant.databases.worker, plant.tenant.id, units, period)


async def checked(plant: Plant) -> Difference:
    source = RuleDerivation()
    found = await derived(plant)
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        records = await source.recorded(work, await source.units(work, Filters()))
    return difference_from(records, source.detectors, ALL, found.payloads)[0]


def levels(*levels: tuple[Severity, object]) -> tuple[Level, ...]:
    return tuple(Level(severity=severity, condition=condition) for severity, condition in levels)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_happened_is_derived_again_byte_for_byte(
    plant: Plant, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(plant, seed, monkeypatch)
    hot = over(TEMPERATURE, 78.0, clear=75.0, for_seconds=20)
    shaking = over(VIBRATION, 5.0, count=2, within_seconds=120)
    both = AllOf(conditions=(shaking, hot))
    bearing = await history.make(
        plant.definition(both, levels=levels((Severity.WARNING, hot), (Severity.CRITICAL, both)), off_delay_seconds=15),
        "Bearing",
        1,
    )
    silent = await history.make(plant.definition(NoData(metric=VIBRATION, seconds=25), Severity.INFO), "Silent", 1)
    jumps = AnyOf(
        conditions=(
            Rate(metric=VIBRATION, operator=shaking.operator, threshold=20.0, unit=RateUnit.MINUTE, window_seconds=60),
            Deviation(metric=TEMPERATURE, threshold=1.0, hours=1, min_samples=5),
        )
    )
    await history.make(plant.definition(jumps), "Jumps", 1)
    await history.make(
        plant.definition(
            AllOf(conditions=(over(VIBRATION, 3.0), Running(is_running=False), InService(is_in_service=True)))
        ),
        "Shaking though stopped",
        1,
    )
    await history.make(plant.definition(InState(states=(MachineState.OFFLINE,), for_seconds=60)), "Offline", -60)
    await history.run(0, 600, hold_back=0.2)
    for action, payload in (
        ("machine.status_changed", {"old_status": "healthy", "new_status": "offline"}),
        ("machine.stopped", {"condition": {"value": 1.0}}),
    ):
        await say_of_machine(plant, action, payload)
    await history.run(600, 900, hold_back=0.2)
    await history.change(bearing, plant.definition(over(VIBRATION, 5.0)), "Bearing, simply", 1, 850)
    await plant.pass_at(history.at(960))
    await history.run(960, 1_200, hold_back=0.2)
    await history.switch(silent, 1_100, is_enabled=False)
    await say_of_machine(plant, "out_of_service.began", {"metric_id": None})
    await history.run(1_200, 1_400, hold_back=0.2)
    await history.switch(silent, 1_300, is_enabled=True)
    await history.run(1_400, 1_500)
    await history.delete(bearing, 1_450)
    await history.run(1_500, 1_600)
    await plant.pass_at(history.at(1_700))

    difference = await checked(plant)
    assert (difference.missing, difference.superseded) == ([], [])
    assert difference.equal > 30
    marks = {mark for row in await plant.records() for mark in ("late", "withdrawn") if row.payload.get(mark)}
    assert marks == {"late", "withdrawn"}
    messages = {row.payload.get("message") for row in await plant.records()}
    assert any(str(message).startswith("Ended because the rule was ") for message in messages)


async def say_of_machine(plant: Plant, action: str, payload: Mapping[str, object]) -> None:
    kind = action.partition(".")[0]
    fact = Fact(
        action=action,
        resource_type=kind,
        resource_id=str(plant.machine.id),
        payload={"machine_id": plant.machine.id, **payload},
    )
    async with plant.databases.worker.transaction(plant.tenant.id) as work:
        await plant.journal.append(work, fact)
    await plant.hear_journal()


async def test_neither_the_slices_nor_who_does_the_work_matters(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(plant, 4, monkeypatch)
    for name, threshold in (("Low", 3.0), ("High", 5.0)):
        await history.make(plant.definition(over(VIBRATION, threshold, for_seconds=15)), name, 0)
    await history.run(0, 1_800)
    whole = [line_of(one) for one in in_order((await derived(plant)).payloads)]
    monkeypatch.setattr(replay, "SLICE_READINGS", 10)
    monkeypatch.setattr(replay, "_LONGEST_MS", 70_000)
    source = RuleDerivation()
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        units = await source.units(work, Filters())
    parts = [
        await source.derive(plant.databases.worker, plant.tenant.id, [unit], Period(low, high))
        for unit in reversed(units)
        for low, high in ((0, to_milliseconds(history.at(700))), (to_milliseconds(history.at(700)), 2**42))
    ]
    assert len(units) == 2
    assert len(whole) > 20
    assert [line_of(one) for one in in_order(payload for part in parts for payload in part.payloads)] == whole


async def test_a_rule_is_named_by_its_metric_or_machine(plant: Plant) -> None:
    await plant.create(plant.definition(over(VIBRATION, 5.0)))
    source = RuleDerivation()
    named = f"{plant.machine.identifier}/{VIBRATION}"
    async with plant.databases.worker.reading(plant.tenant.id) as work:
        for filters in (Filters(metrics=[named]), Filters(machines=[plant.machine.identifier])):
            assert len(await source.units(work, filters)) == 1
        other = Filters(metrics=[f"{plant.machine.identifier}/{TEMPERATURE}"])
        assert await source.units(work, other) == []


async def test_what_is_not_in_the_journal_is_told_as_missing(plant: Plant) -> None:
    """Readings that come more than a day late are not judged any more; the journal says so, once."""
    await plant.create(plant.definition(over(VIBRATION, 5.0)), since=NOON)
    await plant.say(plant.reading(VIBRATION, 0, 1.0), plant.reading(VIBRATION, 90_000, 1.0))
    for second in (3_000, 3_010):
        await plant.say(plant.reading(VIBRATION, second, 9.0), plant.reading(VIBRATION, 90_000 + second, 1.0))
    assert await plant.findings() == []
    [passed_over] = await plant.records(PASSED_OVER)
    assert passed_over.payload["from"] == "2026-03-01T12:50:00.000000Z"
    difference = await checked(plant)
    assert [(one["kind"], one["time_ms"]) for one in difference.missing] == [
        ("started", passed_over.payload["from_ms"]),
        ("ended", to_milliseconds(NOON) + 90_000_000),
    ]
