"""Settings tried on stored readings."""

from typing import Any

import numpy as np
import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.core.ids import uuid7
from plantwright.detection.findings import Detector, Severity
from plantwright.detection.replay import trial
from plantwright.detection.replay.derivation import Period
from plantwright.detection.replay.trial import Trial, try_settings

from tests.backend.detection.stored_plant import COUNT, HOUR_MS, MINUTE_MS, START_MS, Plant, flushes_of, readings_of

SECOND_DAY = Period(START_MS + 26 * HOUR_MS, START_MS + 50 * HOUR_MS)


async def tried(plant: Plant, period: Period = SECOND_DAY, max_points: int = 500, **changes: object) -> Trial:
    async with plant.databases.app.snapshot(plant.tenant.id) as work:
        found = await try_settings(work, plant.metrics["flow"].id, changes, period, max_points)
    assert found is not None
    return found


async def test_the_present_settings_find_what_was_found(plant: Plant) -> None:
    await plant.take(*flushes_of(readings_of(plant.series("flow"), 3), 1000))
    found = await tried(plant)
    recorded = {
        (payload["detector"], payload["started_ms"])
        for _, payload in await plant.recorded()
        if SECOND_DAY.start_ms <= payload["time_ms"] < SECOND_DAY.end_ms
    }
    assert {(episode.detector.value, episode.started_ms) for episode in found.present.episodes} == recorded
    assert found.present == found.proposed
    assert recorded
    assert sum(found.present.per_day) == len(found.present.episodes)
    assert found.readings == 24 * 60


async def test_saving_what_was_tried_would_have_given_what_the_trial_says(plant: Plant) -> None:
    """Tried first, then saved, then the readings of the period come."""
    flow = readings_of(plant.series("flow"), 3)
    ahead = SECOND_DAY.start_ms
    known = [reading for reading in flow if reading[1] < ahead]
    await plant.take(*flushes_of(known, 1000))
    changes: dict[str, Any] = {"confirm_readings": 1, "rate_threshold": 30.0, "critical_factor": 3.0}
    other = readings_of(plant.series("pressure"), 3)
    await plant.take([reading for reading in other if reading[1] < ahead])
    await plant.change_settings("pressure", changes, ahead)
    await plant.take(flow[len(known) :], other[len(known) :])
    found = await tried(plant, **changes)
    pressure = str(plant.metrics["pressure"].id)
    recorded = {
        (payload["detector"], payload["started_ms"])
        for _, payload in await plant.recorded()
        if payload["metric_id"] == pressure and payload["time_ms"] >= ahead
    }
    assert {(episode.detector.value, episode.started_ms) for episode in found.proposed.episodes} == recorded
    assert found.proposed.episodes != found.present.episodes


async def test_higher_thresholds_find_less_and_nothing_is_saved(plant: Plant) -> None:
    await plant.take(*flushes_of(readings_of(plant.series("flow"), 3), 1000))
    before = await plant.recorded()
    found = await tried(plant, baseline_threshold=100.0, ewma_threshold=100.0, rate_threshold=1000.0)
    assert found.present.episodes
    assert found.proposed.episodes == []
    assert found.proposed.config.baseline_threshold == 100.0
    assert await plant.recorded() == before
    assert await plant.marks() == {}


async def test_the_picture_loses_no_spike(plant: Plant) -> None:
    await plant.take(*flushes_of(readings_of(plant.series("flow"), 3), 1000))
    found = await tried(plant, max_points=50)
    points = found.points
    assert len(points.times) == 50
    assert points.maximums.max() > 85
    scores = points.scores[Detector.STATIC_BASELINE]
    assert np.nanmax(scores) == max(
        episode.peak_score for episode in found.proposed.episodes if episode.detector is Detector.STATIC_BASELINE
    )
    assert (points.lowers < points.means).all()
    assert (points.means < points.uppers).all()
    assert {episode.severity for episode in found.present.episodes} == {Severity.WARNING, Severity.CRITICAL}


async def test_no_readings_give_an_empty_picture(plant: Plant) -> None:
    found = await tried(plant)
    assert (found.readings, len(found.points.times), found.present.episodes) == (0, 0, [])


async def test_limits_are_told(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    await plant.take(*flushes_of(readings_of(plant.series("flow"), 3), 1000))
    with pytest.raises(ValidationFailed, match="31 days"):
        await tried(plant, Period(START_MS, START_MS + 32 * 24 * HOUR_MS))
    with pytest.raises(ValidationFailed, match="maxPoints"):
        await tried(plant, max_points=5)
    with pytest.raises(ValidationFailed, match="from 1 to 100"):
        await tried(plant, baseline_threshold=0.0)
    monkeypatch.setattr(trial, "MAX_READINGS", 1_000)
    with pytest.raises(ValidationFailed, match="1,000 readings, too many to be tried at once: try about"):
        await tried(plant, Period(START_MS, START_MS + COUNT * MINUTE_MS))
    async with plant.databases.app.snapshot(plant.tenant.id) as work:
        assert await try_settings(work, uuid7(), {}, SECOND_DAY, 100) is None
