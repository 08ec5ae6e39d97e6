"""The examples of docs/detectors.md, number by number."""

from math import sqrt

import pytest
from plantwright.detection.findings import Detector, FindingKind, Severity, finding_to_payload

from tests.backend.detection.support import START_MS, feed, regular, started

CALM = [50.0, *[49.0, 51.0] * 20]


def test_static_baseline() -> None:
    values = [*CALM, 59.0, 59.0, 59.0, *[50.0] * 8]
    _, findings = feed(regular(len(values), 10_000), values)
    opened, closed = [found for found in findings if found.detector is Detector.STATIC_BASELINE]

    std_2 = sqrt((40 + 5 * (55 - 50 - 5 / 41)) / 41)
    mean_2 = 50 + 5 / 41
    mean_3 = mean_2 + 5 * std_2 / 42
    std_3 = sqrt((41 * std_2**2 + 5 * std_2 * (mean_2 + 5 * std_2 - mean_3)) / 42)
    assert opened.kind is FindingKind.STARTED
    assert opened.severity is Severity.WARNING
    assert (opened.started_ms, opened.time_ms, opened.count) == (START_MS + 410_000, START_MS + 430_000, 3)
    assert opened.inputs["n"] == 42
    assert opened.inputs["mean"] == pytest.approx(mean_3, rel=1e-12) == pytest.approx(50.2711, abs=1e-4)
    assert opened.inputs["std"] == pytest.approx(std_3, rel=1e-12) == pytest.approx(1.5639, abs=1e-4)
    assert opened.score == pytest.approx((59 - mean_3) / std_3, rel=1e-12) == pytest.approx(5.5816, abs=1e-4)
    assert opened.peak_score == pytest.approx(9.0, rel=1e-12)
    assert closed.kind is FindingKind.ENDED
    assert closed.time_ms == opened.time_ms + 60_000


def test_ewma() -> None:
    values = [50.0, *[49.0, 51.0] * 100, *[54.0] * 8]
    _, findings = feed(regular(len(values), 10_000), values)
    (opened,) = started(findings)
    assert opened.detector is Detector.EWMA
    assert (opened.started_ms, opened.time_ms) == (START_MS + 2_030_000, START_MS + 2_050_000)
    # After an alternation of ±1 the average is 1/9 off the mean; 54 then pulls it up by a fifth of the distance.
    average = 50 + 1 / 9
    for _ in range(5):
        average = 0.8 * average + 0.2 * 54
    assert opened.inputs["ewma"] == pytest.approx(average, rel=1e-9) == pytest.approx(52.7257, abs=1e-4)
    assert opened.inputs["sigma"] == pytest.approx(float(opened.inputs["spread"]) / 3, rel=1e-9)
    # Four readings of 54 have entered the window of 200.
    mean = 50 + 4 * 4 / 204
    std = sqrt((200 + 4 * 16) / 204 - (16 / 204) ** 2)
    assert opened.inputs["mean"] == pytest.approx(mean, rel=1e-12)
    assert opened.inputs["std"] == pytest.approx(std, rel=1e-12)
    assert opened.score == pytest.approx((average - mean) / (std / 3), rel=1e-9) == pytest.approx(6.9979, abs=1e-4)


def test_rate_of_change() -> None:
    values = [*CALM, 71.0]
    _, findings = feed(regular(len(values), 10_000), values)
    (jump,) = findings
    assert jump.detector is Detector.RATE_OF_CHANGE
    assert jump.kind is FindingKind.STARTED
    # 40 changes have weight: one of 1 and 39 of 2.
    assert jump.inputs["rms"] == pytest.approx(sqrt((1 + 39 * 4) / 40), rel=1e-12)
    assert jump.inputs["hourly_peak"] == 2.0
    assert jump.inputs["change"] == 20.0
    assert jump.score == pytest.approx(20 / sqrt(157 / 40), rel=1e-12) == pytest.approx(10.0951, abs=1e-4)


def test_payload_has_no_floats() -> None:
    values = [*CALM, 71.0, 71.5, 72.0]
    _, findings = feed(regular(len(values), 10_000), values)
    assert len(findings) >= 2
    for finding in findings:
        payload = finding_to_payload(finding)
        flat = [*payload.values(), *payload["inputs"].values()]
        assert not any(isinstance(value, float) for value in flat)
        assert float(payload["score"]) == finding.score
        assert float(payload["inputs"]["rms" if "rms" in finding.inputs else "mean"]) in finding.inputs.values()
