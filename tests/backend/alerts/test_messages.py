from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from plantwright.alerts.findings import AlertKey, FindingAction, FindingFact
from plantwright.alerts.messages import message_of
from plantwright.alerts.models import Severity
from plantwright.core.quantities import plain_number, unit_symbol
from plantwright.core.text import metric_title


def finding(cause: str, value: float, score: float, inputs: dict[str, Any], unit: str = "mm/s") -> FindingFact:
    return FindingFact(
        action=FindingAction.STARTED,
        key=AlertKey(uuid4(), uuid4(), None, None, cause),
        metric="vibration_rms",
        unit=unit,
        severity=Severity.WARNING,
        time=datetime(2026, 3, 1, tzinfo=UTC),
        value=value,
        score=score,
        threshold=5.0,
        evidence={"inputs": inputs},
    )


@pytest.mark.parametrize(
    ("cause", "value", "score", "inputs", "expected"),
    [
        (
            "static_baseline",
            9.21,
            6.32,
            {"mean": "2.1", "spread": "1.125"},
            "Vibration RMS 9.21 mm/s is 6.3 standard deviations above its 7-day mean 2.10 mm/s",
        ),
        (
            "static_baseline",
            0.5,
            1e9,
            {"mean": "2.1"},
            "Vibration RMS 0.500 mm/s is over 1,000 standard deviations below its 7-day mean 2.10 mm/s",
        ),
        (
            "ewma",
            2.6,
            7.0,
            {"mean": "2.1", "ewma": "2.45"},
            (
                "Vibration RMS has drifted 7.0 standard deviations above its 7-day mean 2.10 mm/s; "
                "its moving average is now 2.45 mm/s"
            ),
        ),
        (
            "rate_of_change",
            9.0,
            8.04,
            {"step": "-6.0", "interval_ms": 2000},
            "Vibration RMS changed by -3.00 mm/s per second to 9.00 mm/s, 8.0 times its usual change",
        ),
        ("rate_of_change", 9.0, 8.0, {}, "Vibration RMS 9.00 mm/s changed by 8.0 times its usual change"),
    ],
)
def test_messages_say_what_was_measured_and_what_is_usual(
    cause: str, value: float, score: float, inputs: dict[str, Any], expected: str
) -> None:
    assert message_of(finding(cause, value, score, inputs)) == expected


def test_a_metric_without_a_unit_leaves_no_gap() -> None:
    text = message_of(finding("static_baseline", 3.0, 5.5, {"mean": "1.0"}, unit=""))
    assert text == "Vibration RMS 3.00 is 5.5 standard deviations above its 7-day mean 1.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (2.1, "2.10"),
        (0.02134, "0.0213"),
        (142.4, "142"),
        (1483.2, "1483"),
        (-0.5, "-0.500"),
        (1e-7, "1e-07"),
        (25_000_000.0, "2.5e+07"),
    ],
)
def test_numbers_have_three_digits_and_rarely_an_exponent(value: float, text: str) -> None:
    assert plain_number(value) == text


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("vibration_rms", "Vibration RMS"),
        ("rpm", "RPM"),
        ("Accelerometer1RMS", "Accelerometer1RMS"),
        ("Volume Flow RateRMS", "Volume Flow RateRMS"),
        ("ph", "pH"),
        ("___", "___"),
    ],
)
def test_metric_names_become_titles(name: str, title: str) -> None:
    assert metric_title(name) == title


def test_units_are_written_as_symbols() -> None:
    hot = finding("rate_of_change", 72.4, 8.0, {"step": "6.0", "interval_ms": 2000}, unit="celsius")
    assert message_of(hot) == "Vibration RMS changed by 3.00 °C per second to 72.4 °C, 8.0 times its usual change"
    far = finding("static_baseline", 98.6, 10.2, {"mean": "88"}, unit="percent")
    assert message_of(far) == "Vibration RMS 98.6 % is 10.2 standard deviations above its 7-day mean 88.0 %"


@pytest.mark.parametrize(
    ("unit", "symbol"), [("celsius", "°C"), ("Celsius", "°C"), ("percent", "%"), ("mm/s", "mm/s"), ("K", "K"), ("", "")]
)
def test_unit_symbol(unit: str, symbol: str) -> None:
    assert unit_symbol(unit) == symbol
