"""Rules tried on stored readings: the same as if they had been there."""

from datetime import datetime, timedelta

import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.rules import trial
from plantwright.rules.definition import Condition
from plantwright.rules.trial import Trial, try_rule

from tests.backend.rules.making import NOON, NOON_MS, TEMPERATURE, VIBRATION, Plant, documented, over


async def attempt(plant: Plant, condition: Condition, start: datetime = NOON, hours: float = 1) -> Trial:
    async with plant.databases.app.snapshot(plant.tenant.id) as work:
        return await try_rule(work, plant.definition(condition), start, start + timedelta(hours=hours))


async def test_a_trial_finds_what_the_rule_would_have_found(plant: Plant) -> None:
    values = [7.2 if second % 1_200 < 700 else 3.0 for second in range(0, 3_600, 10)]
    for place, value in enumerate(values):
        await plant.log.flush(
            [plant.reading(VIBRATION, place * 10, value), plant.reading(TEMPERATURE, place * 10, 81.0)]
        )
    found = await attempt(plant, documented())
    await plant.create(plant.definition(documented()), since=NOON)
    await plant.consume()
    journaled = await plant.findings()
    assert found.times_fired == 3
    assert [(one.start_ms - NOON_MS) / 1000 for one in found.intervals] == [
        seconds for kind, _, seconds in journaled if kind == "started"
    ]
    assert [(one.end_ms - NOON_MS) / 1000 for one in found.intervals if one.end_ms] == [
        seconds for kind, _, seconds in journaled if kind == "ended"
    ]
    assert found.active_ms == 3 * 400_000
    assert found.per_day()[1] == [3]


async def test_what_holds_all_the_time_fires_once(plant: Plant) -> None:
    await plant.log.flush([plant.reading(VIBRATION, second, 6.0) for second in (-600, 600, 1_200)])
    found = await attempt(plant, over(VIBRATION, 5.0))
    [interval] = found.intervals
    assert (interval.start_ms, interval.end_ms) == (NOON_MS, None)


async def test_a_trial_is_bounded(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    await plant.log.flush([plant.reading(VIBRATION, second, 6.0) for second in range(10)])
    monkeypatch.setattr(trial, "MAX_READINGS", 5)
    with pytest.raises(ValidationFailed, match="Choose a shorter one"):
        await attempt(plant, over(VIBRATION, 5.0))
    with pytest.raises(ValidationFailed, match="at most 92 days"):
        await attempt(plant, over(VIBRATION, 5.0), NOON - timedelta(days=100), hours=100 * 24)
    with pytest.raises(ValidationFailed, match="The period is empty"):
        await attempt(plant, over(VIBRATION, 5.0), hours=0)
