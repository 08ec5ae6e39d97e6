"""Batches, order, scale and the state between steps."""

from itertools import pairwise
from math import sqrt

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plantwright.core.errors import ValidationFailed
from plantwright.detection.charts import rounds
from plantwright.detection.charts.engine import step, take_in_recorded
from plantwright.detection.charts.rounds import ReadingBatch
from plantwright.detection.charts.state import DetectionState
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.findings import Detector, Finding, finding_to_payload

from tests.backend.detection.support import HOUR_MS, START_MS, batch_of, feed, regular, started

ROWS = 5
CONFIG = ConfigColumns.from_configs(
    [
        DetectionConfig(),
        DetectionConfig(ewma_lambda=0.05),
        DetectionConfig(confirm_readings=1),
        DetectionConfig(),
        DetectionConfig(baseline_threshold=2.0, ewma_threshold=2.0, rate_threshold=2.0, clear_seconds=5),
    ]
)


def noisy_log(seed: int, count: int) -> ReadingBatch:
    """Series of different rates, mixed, with faults, late readings, duplicates, gaps and values that are not finite."""
    rng = np.random.default_rng(seed)
    series = rng.choice(ROWS, size=count, p=[0.5, 0.2, 0.15, 0.1, 0.05]).astype(np.int32)
    pace = rng.choice([1, 7, 400], size=count, p=[0.8, 0.19, 0.01]) * 1_000
    time = START_MS + np.cumsum(pace) + rng.choice([0, -20_000], size=count, p=[0.97, 0.03])
    value = np.round(rng.normal(50.0, 1.0, count), int(rng.integers(0, 6)))
    value[count // 2 : count // 2 + 60] += 15.0
    value[rng.integers(0, count, 4)] = [np.nan, np.inf, 1e300, -1e300]
    return ReadingBatch(series, time, value)


def run(log: ReadingBatch, cuts: list[int]) -> tuple[bytes, list[Finding]]:
    state, findings = DetectionState.empty(ROWS), []
    edges = [0, *sorted(cuts), len(log.series)]
    for low, high in pairwise(edges):
        state, found = step(state, part_of(log, slice(low, high)), CONFIG)
        findings += found
    return state.to_bytes(), findings


def part_of(log: ReadingBatch, which: slice | npt.NDArray[np.bool_]) -> ReadingBatch:
    return ReadingBatch(log.series[which], log.time_ms[which], log.value[which])


@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 1_200), max_size=40))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_split_gives_the_same_findings_and_state(seed: int, cuts: list[int]) -> None:
    log = noisy_log(seed, 1_200)
    whole_state, whole = run(log, [])
    split_state, split = run(log, cuts)
    assert whole
    assert split == whole
    assert split_state == whole_state


@pytest.mark.parametrize("block", [1, 2, 3])
def test_blocks_of_series_do_not_matter(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Work that is left out for a whole block, because it would change nothing, changes nothing."""
    log = noisy_log(7, 1_200)
    whole = run(log, [300, 700])
    monkeypatch.setattr(rounds, "BLOCK_SERIES", block)
    assert run(log, [300, 700]) == whole


def test_what_is_recorded_is_what_findings_say() -> None:
    log = noisy_log(1, 1_200)
    _, recording, found = take_in_recorded(DetectionState.empty(ROWS), log, CONFIG)
    assert found
    for place, finding in found:
        assert recording.scores[finding.detector][place] == finding.score
    passed_over = ~np.isfinite(log.value)
    assert np.isnan(recording.mean[passed_over]).all()
    is_judged = np.isfinite(recording.unit)
    distance = np.abs(np.clip(log.value, -1e120, 1e120) - recording.mean)
    expected = np.minimum(distance[is_judged] / recording.unit[is_judged], 1e9)
    np.testing.assert_allclose(recording.scores[Detector.STATIC_BASELINE][is_judged], expected, rtol=1e-12)


def test_one_reading_at_a_time_equals_one_batch() -> None:
    log = noisy_log(7, 400)
    assert run(log, list(range(400))) == run(log, [])


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_other_series_in_the_batch_do_not_matter(seed: int) -> None:
    log = noisy_log(seed, 1_200)
    _, together = run(log, [])
    for row in range(ROWS):
        _, alone = run(part_of(log, log.series == row), [])
        assert alone == [finding for finding in together if finding.series == row]


def test_the_given_state_is_not_written_to() -> None:
    log = noisy_log(3, 1_200)
    state, _ = step(DetectionState.empty(ROWS), part_of(log, slice(0, 600)), CONFIG)
    before = state.to_bytes()
    first = step(state, part_of(log, slice(600, 1_200)), CONFIG)
    assert state.to_bytes() == before
    second = step(state, part_of(log, slice(600, 1_200)), CONFIG)
    assert first[0].to_bytes() == second[0].to_bytes()
    assert first[1] == second[1]


def test_growing_keeps_what_was_learnt() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(10.0, 1.0, (200, 2))
    values[150:, 0] += 12.0
    _, expected = feed(regular(200), values)
    state, before = feed(regular(100), values[:100])
    state = state.grow(3)
    later = batch_of(regular(200)[100:], values[100:])
    state, after = step(state, later, ConfigColumns.from_configs([DetectionConfig()] * 5))
    assert expected
    assert before + after == expected
    assert state.rows == 5


def test_new_rows_start_from_nothing() -> None:
    assert DetectionState.empty(2).grow(3).to_bytes() == DetectionState.empty(5).to_bytes()


@pytest.mark.parametrize(("factor", "offset"), [(1024.0, 0.0), (-0.25, 0.0), (1.8, 32.0), (1e-9, 0.0), (3.7e8, -1e6)])
def test_units_do_not_matter(factor: float, offset: float) -> None:
    rng = np.random.default_rng(11)
    values = 20.0 + np.sin(np.arange(3_000) / 40.0) + rng.normal(0.0, 0.2, 3_000)
    values[1_500] += 15.0
    values[2_000:2_200] += 9.0
    _, plain = feed(regular(3_000), values)
    _, scaled = feed(regular(3_000), factor * values + offset)
    assert {found.detector for found in plain} == set(Detector)
    assert [outline(found) for found in scaled] == [outline(found) for found in plain]
    assert [found.score for found in scaled] == pytest.approx([found.score for found in plain], rel=1e-4, abs=1e-6)


def outline(finding: Finding) -> tuple[object, ...]:
    return finding.detector, finding.kind, finding.severity, finding.time_ms, finding.started_ms, finding.count


def test_late_and_repeated_readings_change_nothing() -> None:
    rng = np.random.default_rng(2)
    times, values = regular(100), rng.normal(5.0, 1.0, 100)
    clean, _ = feed(times, values)
    again = np.concatenate((times, times[40:60], [times[-1]]))
    dirty, findings = feed(again, np.concatenate((values, np.full(21, 1e9))))
    assert findings == []
    assert dirty.to_bytes() == clean.to_bytes()


def test_after_a_clock_step_back_watching_resumes_at_the_old_time() -> None:
    rng = np.random.default_rng(2)
    state, _ = feed(regular(400), rng.normal(5.0, 1.0, 400))
    stepped = regular(500, start_ms=START_MS + 300_000)
    _, findings = feed(stepped, np.full(500, 50.0), state=state)
    assert started(findings)[0].time_ms == START_MS + 400_000


def test_scores_follow_from_the_inputs() -> None:
    _, findings = run(noisy_log(1, 1_200), [])
    assert {finding.detector for finding in findings} == set(Detector)
    for finding in findings:
        assert by_hand(finding) == pytest.approx(finding.score, rel=1e-12)
        assert finding_to_payload(finding)["time_ms"] == finding.time_ms


def by_hand(finding: Finding) -> float:
    given_ = {name: float(number) for name, number in finding.inputs.items()}
    if finding.detector is Detector.RATE_OF_CHANGE:
        change = given_["step"] * min(1.0, given_["usual_interval_ms"] / given_["interval_ms"])
        scale = max(given_["rms"], given_["hourly_peak"] / 3, given_["quantum"] / 2)
        return min(abs(change) / (scale * given_["caution"]), 1e9)
    spread = max(given_["std"], given_["quantum"] / sqrt(12))
    assert given_["spread"] == pytest.approx(spread, rel=1e-12)
    if finding.detector is Detector.STATIC_BASELINE:
        return min(abs(min(max(finding.value, -1e120), 1e120) - given_["mean"]) / (spread * given_["caution"]), 1e9)
    smoothing = given_["lambda"]
    classic = spread**2 * smoothing / (2 - smoothing) * (1 - given_["decay"])
    observed = given_["share"] * given_["ewma_variance"] + (1 - given_["share"]) * spread**2
    return abs(given_["ewma"] - given_["mean"]) / (sqrt(max(classic, observed)) * given_["caution"])


def test_disabled_series_learn_but_stay_silent() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(5.0, 1.0, 300)
    values[200:] += 20.0
    silent, findings = feed(regular(300), values, DetectionConfig(enabled=False))
    watched, loud = feed(regular(300), values)
    assert findings == []
    assert loud
    assert silent.series.bucket_mean == watched.series.bucket_mean


@pytest.mark.parametrize(
    ("batch", "rows"),
    [
        (ReadingBatch(np.array([2], np.int32), np.array([START_MS]), np.array([1.0])), 2),
        (ReadingBatch(np.array([-1], np.int32), np.array([START_MS]), np.array([1.0])), 2),
        (ReadingBatch(np.array([0, 1], np.int32), np.array([START_MS]), np.array([1.0])), 2),
        (ReadingBatch(np.array([0], np.int32), np.array([START_MS]), np.array([1.0])), 3),
    ],
)
def test_a_batch_that_does_not_fit_the_state_is_refused(batch: ReadingBatch, rows: int) -> None:
    with pytest.raises(ValidationFailed):
        step(DetectionState.empty(2), batch, ConfigColumns.from_configs([DetectionConfig()] * rows))


def test_an_empty_batch_is_no_change() -> None:
    state = DetectionState.empty(1)
    empty = ReadingBatch(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0))
    assert step(state, empty, ConfigColumns.from_configs([DetectionConfig()])) == (state, [])


def test_the_window_forgets_after_seven_days() -> None:
    rng = np.random.default_rng(9)
    hours = 12 * 24
    values = rng.normal(0.0, 1.0, hours * 6)
    values[: 24 * 6] += 100.0
    times = regular(hours * 6, HOUR_MS // 6)
    state, _ = feed(times, values)
    # The next reading opens an hour, so the window before it is the 167 hours before that.
    recent = values[times >= (times[-1] // HOUR_MS - 166) * HOUR_MS]
    _, findings = feed([times[-1] + 600_000, times[-1] + 1_200_000, times[-1] + 1_800_000], [90.0] * 3, state=state)
    first = started(findings)[0]
    assert first.detector is Detector.RATE_OF_CHANGE
    assert first.inputs["n"] == len(recent) == 167 * 6
    three = next(found for found in findings if found.detector is Detector.STATIC_BASELINE)
    assert float(three.inputs["mean"]) == pytest.approx(recent.mean(), abs=0.2)


def test_silence_of_a_week_starts_over() -> None:
    rng = np.random.default_rng(9)
    state, _ = feed(regular(400), rng.normal(5.0, 1.0, 400))
    late = regular(29, start_ms=START_MS + 169 * HOUR_MS)
    state, findings = feed(late, np.full(29, 500.0), state=state)
    assert findings == []
    assert int(state.series.bucket_count[0]) == 29


@pytest.mark.parametrize("cut", [1, 400, 700])
def test_a_baseline_that_is_started_anew_learns_the_new_level(cut: int) -> None:
    rng = np.random.default_rng(6)
    values = np.concatenate((rng.normal(50.0, 1.0, 600), rng.normal(80.0, 1.0, 600)))
    times = regular(1_200)
    restart = DetectionConfig(baseline_from=int(times[600]))
    before, silent = feed(times[:600], values[:600])
    assert silent == []
    assert started(feed(times[600:], values[600:], state=before)[1])

    state, findings = feed(times[600 : 600 + cut], values[600 : 600 + cut], restart, before)
    if cut < 600:
        state, more = feed(times[600 + cut :], values[600 + cut :], restart, state)
        findings += more
    assert findings == []
    whole, _ = feed(times[600:], values[600:], restart, before)
    assert state.to_bytes() == whole.to_bytes()
    assert abs(float(state.series.bucket_mean[0]) - 80.0) < 0.5


def test_an_episode_that_is_open_when_the_baseline_starts_anew_ends() -> None:
    rng = np.random.default_rng(8)
    values = np.concatenate((rng.normal(50.0, 1.0, 600), rng.normal(80.0, 1.0, 300)))
    times = regular(900)
    state, findings = feed(times[:700], values[:700])
    assert started(findings)
    _, later = feed(times[700:], values[700:], DetectionConfig(baseline_from=int(times[700])), state)
    assert {finding.kind.value for finding in later} == {"ended"}
