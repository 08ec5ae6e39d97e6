"""Kinds of signals that plants have, and what must and must not be found in them."""

import numpy as np
import pytest
from plantwright.demo.faults import Fault, FaultKind
from plantwright.demo.machines import MACHINES, PUMP_101
from plantwright.demo.model import Machine
from plantwright.demo.signals import machine_values
from plantwright.detection.columns import Floats, Ints
from plantwright.detection.config import DetectionConfig
from plantwright.detection.findings import Detector, Severity

from tests.backend.detection.support import HOUR_MS, START_MS, feed, regular, started

DAY_MS = 24 * HOUR_MS


def noise(count: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(0.0, 1.0, count)


def test_noise_is_silent() -> None:
    _, findings = feed(regular(5_000), np.stack([noise(5_000, seed) for seed in range(20)], axis=1))
    assert findings == []


@pytest.mark.parametrize("period", [60, 300, 3_600])
def test_a_smooth_load_cycle_is_silent_from_the_start(period: int) -> None:
    seconds = np.arange(3 * 3_600)
    _, findings = feed(regular(len(seconds)), 10.0 * np.sin(2 * np.pi * seconds / period) + 0.3 * noise(len(seconds)))
    assert findings == []


@pytest.mark.parametrize("period", [60, 300, 1_800])
def test_a_load_that_is_switched_is_silent_once_it_was_seen(period: int) -> None:
    seconds = np.arange(4 * 3_600)
    values = 10.0 * (seconds % period < period // 3) + 0.3 * noise(len(seconds))
    _, findings = feed(regular(len(seconds)), values)
    assert [found for found in started(findings) if found.time_ms >= START_MS + 3 * HOUR_MS] == []


def test_a_fault_on_top_of_a_load_cycle_is_found() -> None:
    seconds = np.arange(2 * 3_600)
    values = 10.0 * np.sin(2 * np.pi * seconds / 300) + 0.3 * noise(len(seconds))
    ramp_from = 6_000
    values[ramp_from:] += np.minimum((seconds[ramp_from:] - ramp_from) * 1.0, 60.0)
    _, findings = feed(regular(len(seconds)), values)
    first = started(findings)[0]
    assert ramp_from < (first.time_ms - START_MS) / 1_000 < ramp_from + 60


def test_slow_drift_is_found_by_the_moving_average_first() -> None:
    values = noise(2 * 8_640)
    values[8_640 : 8_640 + 1_440] += np.linspace(0.0, 6.0, 1_440)
    values[8_640 + 1_440 :] += 6.0
    _, findings = feed(regular(len(values), 10_000), values)
    first = started(findings)[0]
    assert first.detector is Detector.EWMA
    assert float(first.inputs["ewma"]) < 3.5


def test_a_spike_is_one_finding_of_the_rate_of_change() -> None:
    values = noise(1_000)
    values[600] += 20.0
    _, findings = feed(regular(1_000), values)
    assert [found.detector for found in started(findings)] == [Detector.RATE_OF_CHANGE]
    assert started(findings)[0].time_ms == START_MS + 600_000


def test_a_series_that_never_moved() -> None:
    values = np.full(400, 40.0)
    values[200:] = 90.0
    _, findings = feed(regular(400), values)
    first = next(found for found in findings if found.detector is Detector.STATIC_BASELINE)
    assert (first.started_ms, first.time_ms) == (START_MS + 200_000, START_MS + 202_000)
    assert first.peak_score >= 100.0
    assert first.inputs["std"] != 0.0
    _, small = feed(regular(203), np.concatenate((np.full(200, 40.0), np.full(3, 40.5))))
    assert small == []


def test_a_constant_with_rounding_noise_counts_as_constant() -> None:
    _, findings = feed(regular(7_200, 10_000), np.full(7_200, 0.1) * 3)
    assert findings == []


def test_a_switch_is_silent() -> None:
    minutes = np.arange(3 * 24 * 60)
    values = (minutes % (8 * 60) >= 7 * 60).astype(float)
    _, findings = feed(regular(len(minutes), 60_000), values)
    assert findings == []


def test_single_steps_of_a_quantised_signal_are_silent() -> None:
    values = np.full(10_000, 20.0)
    values[np.random.default_rng(1).integers(0, 10_000, 20)] += 0.5
    _, findings = feed(regular(10_000, 10_000), values)
    assert findings == []


def test_a_quantised_signal_that_leaves_its_range_is_found() -> None:
    values = np.round(noise(2_000) * 0.4) * 0.5 + 20.0
    values[1_500:] += 6.0
    _, findings = feed(regular(2_000), values)
    assert {found.detector for found in findings} == set(Detector)


def test_sparse_readings_are_watched() -> None:
    values = noise(24 * 5)
    values[100:103] += 12.0
    _, findings = feed(regular(24 * 5, HOUR_MS), values)
    assert Detector.STATIC_BASELINE in {found.detector for found in started(findings)}


def test_irregular_sampling_does_not_make_noise_look_fast() -> None:
    rng = np.random.default_rng(8)
    times = START_MS + np.cumsum(rng.choice([5, 1_000, 10_000, 600_000], size=5_000, p=[0.1, 0.4, 0.45, 0.05]))
    _, findings = feed(times, noise(5_000))
    assert findings == []


def test_a_faster_sampling_rate_is_silent() -> None:
    slow, fast = regular(8_640, 10_000), regular(3_600, 1_000, START_MS + DAY_MS)
    times = np.concatenate((slow, fast))
    _, findings = feed(times, noise(len(times)) + 5.0 * np.sin(times / 60_000))
    assert findings == []


def test_a_slow_rise_from_a_cold_start_is_not_judged() -> None:
    seconds = np.arange(1_800)
    values = 20.0 + 60.0 * (1 - np.exp(-seconds / 600)) + 0.1 * noise(1_800)
    _, findings = feed(regular(1_800), values)
    assert findings == []


@pytest.mark.parametrize("absurd", [1e300, -1e300, 1.7e308, 65_535.0])
def test_an_absurd_value_does_not_blind(absurd: float) -> None:
    values = noise(3_000)
    values[12] = values[1_000] = absurd
    values[2_500:] += 15.0
    _, findings = feed(regular(3_000), values)
    assert all(np.isfinite(found.score) and found.score <= 1e9 for found in findings)
    spike = next(found for found in findings if found.time_ms == START_MS + 1_000_000)
    assert spike.value == absurd
    assert spike.severity is Severity.CRITICAL
    fault = [found for found in started(findings) if START_MS + 2_500_000 <= found.time_ms < START_MS + 2_600_000]
    assert fault


def test_absurd_values_only() -> None:
    values = np.where(np.arange(500) % 2, 1e300, -1.7e308)
    state, findings = feed(regular(500), values)
    assert all(np.isfinite(found.score) for found in findings)
    assert np.isfinite(state.series.bucket_m2).all()


def test_a_permanent_shift_is_learnt_in_the_end_but_not_soon() -> None:
    minutes = np.arange(10 * 24 * 60)
    values = noise(len(minutes))
    values[7 * 1_440 :] += 10.0
    _, findings = feed(regular(len(minutes), 60_000), values, DetectionConfig(confirm_readings=3))
    opened, *_, ended = [found for found in findings if found.detector is Detector.STATIC_BASELINE]
    assert opened.time_ms == START_MS + 7 * DAY_MS + 120_000
    assert 4 * HOUR_MS < ended.time_ms - opened.time_ms < 2 * DAY_MS


def test_findings_of_a_long_fault_are_bounded_by_time_not_by_rate() -> None:
    values = noise(12_000)
    values[4_000:] += 1e6
    _, findings = feed(regular(12_000, 100), values)
    assert len(findings) <= 3 * (800 / 60 + 3)


def plant(machine: Machine, times: Ints, faults: tuple[Fault, ...] = ()) -> Floats:
    return np.stack(list(machine_values(machine, times, faults).values()), axis=1)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.identifier)
def test_the_demo_plant_is_silent_after_a_day_of_history(machine: Machine) -> None:
    state, past = feed(regular(8_640, 10_000), plant(machine, regular(8_640, 10_000)))
    live = regular(3_600, start_ms=START_MS + DAY_MS)
    _, findings = feed(live, plant(machine, live), state=state)
    assert past + findings == []


@pytest.mark.parametrize("kind", [FaultKind.BEARING_WEAR, FaultKind.CAVITATION, FaultKind.BLOCKED_FILTER])
def test_a_fault_of_the_demo_plant_is_found_within_a_minute(kind: FaultKind) -> None:
    state, _ = feed(regular(8_640, 10_000), plant(PUMP_101, regular(8_640, 10_000)))
    live = regular(900, start_ms=START_MS + DAY_MS)
    fault_ms = START_MS + DAY_MS + 300_000
    _, findings = feed(live, plant(PUMP_101, live, (Fault(PUMP_101.identifier, kind, fault_ms),)), state=state)
    first = started(findings)[0]
    assert fault_ms < first.time_ms <= fault_ms + 45_000
