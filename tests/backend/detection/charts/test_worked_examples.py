"""The examples of docs/detectors.md, number by number."""

from math import sqrt

import pytest
from plantwright.detection.findings import Detector, FindingKind, Severity, finding_to_payload

from tests.backend.detection.support import START_MS, feed, regular, started

CALM = [50.0, *[49.0, 51.0] * 100]


def test_static_baseline() -> None:
    values = [*CALM, 64.0, 64.0, 64.0, *[50.0] * 8]
    _, findings = feed(regular(len(values), 10_000), values)
    opened, closed = [found for found in findings if found.detector is Detector.STATIC_BASELINE]

    # What violates is learnt as if it were just at the limit: 5 * 1.5 spreads from the mean.
    mean_2 = 50 + 7.5 / 201
    std_2 = sqrt((200 + 7.5 * (57.5 - mean_2)) / 201)
    mean_3 = mean_2 + 7.5 * std_2 / 202
    std_3 = sqrt((201 * std_2**2 + 7.5 * std_2 * (mean_2 + 7.5 * std_2 - mean_3)) / 202)
    assert opened.kind is FindingKind.STARTED
    assert opened.severity is Severity.WARNING
    assert (opened.started_ms, opened.time_ms, opened.count) == (START_MS + 2_010_000, START_MS + 2_030_000, 3)
    assert opened.inputs["n"] == 202
    assert opened.inputs["mean"] == pytest.approx(mean_3, rel=1e-12) == pytest.approx(50.0792, abs=1e-4)
    assert opened.inputs["std"] == pytest.approx(std_3, rel=1e-12) == pytest.approx(1.2728, abs=1e-4)
    assert opened.inputs["caution"] == 1.5
    assert opened.score == pytest.approx((64 - mean_3) / std_3 / 1.5, rel=1e-12) == pytest.approx(7.2914, abs=1e-4)
    assert opened.peak_score == pytest.approx(14 / 1.5, rel=1e-12)
    assert closed.kind is FindingKind.ENDED
    assert closed.time_ms == opened.time_ms + 60_000


def test_ewma() -> None:
    values = [*CALM, *[55.0] * 8]
    _, findings = feed(regular(len(values), 10_000), values)
    (opened,) = started(findings)
    assert opened.detector is Detector.EWMA
    assert (opened.started_ms, opened.time_ms) == (START_MS + 2_040_000, START_MS + 2_060_000)
    # After an alternation of ±1 the average is 1/9 off the mean; 55 then pulls it up by a fifth of the distance.
    average = 50 + 1 / 9
    for _ in range(6):
        average = 0.8 * average + 0.2 * 55
    assert opened.inputs["ewma"] == pytest.approx(average, rel=1e-9) == pytest.approx(53.7184, abs=1e-4)
    assert opened.inputs["sigma"] == pytest.approx(float(opened.inputs["spread"]) / 3, rel=1e-9)
    # Five readings of 55 have entered the window of 200.
    mean = 50 + 5 * 5 / 205
    std = sqrt((200 + 5 * 25) / 205 - (25 / 205) ** 2)
    assert opened.inputs["mean"] == pytest.approx(mean, rel=1e-12)
    assert opened.inputs["std"] == pytest.approx(std, rel=1e-12)
    assert (
        opened.score == pytest.approx((average - mean) / (std / 3) / 1.5, rel=1e-9) == pytest.approx(5.7397, abs=1e-4)
    )


def test_rate_of_change() -> None:
    values = [*CALM, 71.0]
    _, findings = feed(regular(len(values), 10_000), values)
    (jump,) = findings
    assert jump.detector is Detector.RATE_OF_CHANGE
    assert jump.kind is FindingKind.STARTED
    # 200 changes have weight: one of 1 and 199 of 2.
    assert jump.inputs["rms"] == pytest.approx(sqrt((1 + 199 * 4) / 200), rel=1e-12)
    assert jump.inputs["hourly_peak"] == 2.0
    assert jump.inputs["change"] == 20.0
    assert jump.score == pytest.approx(20 / sqrt(797 / 200) / 1.5, rel=1e-12) == pytest.approx(6.6792, abs=1e-4)


def test_payload_has_no_floats() -> None:
    values = [*CALM, 81.0, 81.5, 82.0]
    _, findings = feed(regular(len(values), 10_000), values)
    assert len(findings) >= 2
    for finding in findings:
        payload = finding_to_payload(finding)
        flat = [*payload.values(), *payload["inputs"].values()]
        assert not any(isinstance(value, float) for value in flat)
        assert float(payload["score"]) == finding.score
        assert float(payload["inputs"]["rms" if "rms" in finding.inputs else "mean"]) in finding.inputs.values()
