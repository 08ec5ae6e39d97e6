"""Series that no sensor should send and some do; docs/replay.md says what becomes of each."""

import numpy as np
import pytest
from plantwright.detection.columns import Floats, Ints
from plantwright.detection.findings import Detector, Finding
from plantwright.readings.columns import LogSlice

from tests.backend.detection.replay.test_arrival_order import SERIES, Arrivals, assert_same
from tests.backend.detection.support import HOUR_MS, START_MS, feed, regular, started

MINUTE_MS = 60_000


def noise(count: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(50.0, 1.0, count)


def log_of(times: Ints, values: Floats) -> LogSlice:
    """Of one series."""
    return LogSlice(0, np.full(len(times), SERIES[0], np.int32), times, values, np.zeros(len(times), np.int8))


def after(findings: list[Finding], time_ms: int) -> list[Finding]:
    return [finding for finding in started(findings) if finding.time_ms >= time_ms]


def test_a_constant_series_is_silent_and_its_first_jump_is_found() -> None:
    values = np.full(2_000, 40.0)
    assert feed(regular(2_000, MINUTE_MS), values)[1] == []
    values[1_900:] = 90.0
    assert after(feed(regular(2_000, MINUTE_MS), values)[1], START_MS + 1_900 * MINUTE_MS)


def test_a_sparse_series_is_judged_after_thirty_readings() -> None:
    """One reading in six hours: the window of seven days never holds thirty."""
    every_six_hours = regular(400, 6 * HOUR_MS)
    values = noise(400)
    values[300:] += 50.0
    assert feed(every_six_hours, values)[1] == []
    assert after(feed(regular(400, 4 * HOUR_MS), values)[1], START_MS + 300 * 4 * HOUR_MS)


def test_a_bursty_series_is_silent_and_a_fault_in_a_burst_is_found() -> None:
    """Ten readings a second apart every ten minutes; the level differs from burst to burst as noise does."""
    bursts = START_MS + 10 * MINUTE_MS * np.arange(400, dtype=np.int64)
    times = (bursts[:, None] + 1_000 * np.arange(10)).ravel()
    values = noise(len(times))
    assert feed(times, values)[1] == []
    values[-50:] += 20.0
    found = {finding.detector for finding in after(feed(times, values)[1], int(times[-50]))}
    # The change comes with a gap of ten minutes, over which it is spread: it is not fast.
    assert found == {Detector.STATIC_BASELINE, Detector.EWMA}


@pytest.mark.parametrize("absurd", [1e300, -1e300, 1e-300])
def test_an_absurd_value_is_found_and_forgotten(absurd: float) -> None:
    values = noise(3_000)
    values[2_000] = absurd
    _, findings = feed(regular(3_000, MINUTE_MS), values)
    at = START_MS + 2_000 * MINUTE_MS
    assert after(findings, at)
    assert after(findings, at + 2 * MINUTE_MS) == []


def test_a_series_that_changes_its_unit_is_found_and_learnt() -> None:
    """Degrees Celsius become Fahrenheit without a word."""
    values = noise(20 * 24 * 60, 3)
    changed = 10 * 24 * 60
    values[changed:] = values[changed:] * 1.8 + 32.0
    _, findings = feed(regular(len(values), MINUTE_MS), values)
    at = START_MS + changed * MINUTE_MS
    assert after(findings, 0) == after(findings, at)
    assert {finding.detector for finding in after(findings, at)} == set(Detector)
    assert after(findings, at + 8 * 24 * HOUR_MS) == []


def test_a_clock_that_is_set_back_gives_late_readings_and_no_findings() -> None:
    """By an hour, after twenty: the hour comes twice, and is judged once, in order."""
    first = START_MS + MINUTE_MS * np.arange(20 * 60, dtype=np.int64)
    again = first[-1] - HOUR_MS + 30_000 + MINUTE_MS * np.arange(3 * 60, dtype=np.int64)
    readings = log_of(np.concatenate((first, again)), noise(23 * 60))
    arrivals = Arrivals()
    for low in range(0, len(readings), 7):
        arrivals.take(readings.between(low, low + 7))
    assert arrivals.late
    arrivals.derive_late()
    assert arrivals.findings == []
    assert_same(arrivals, readings)


def test_a_clock_that_runs_ahead_for_a_while_gives_no_findings() -> None:
    """By four minutes, the most that is accepted, and then right again."""
    times = START_MS + 10_000 * np.arange(4_000, dtype=np.int64)
    times[3_000:3_100] += 240_000
    readings = log_of(times, noise(4_000))
    arrivals = Arrivals()
    for low in range(0, len(readings), 11):
        arrivals.take(readings.between(low, low + 11))
    arrivals.derive_late()
    assert arrivals.findings == []
    assert_same(arrivals, readings)
