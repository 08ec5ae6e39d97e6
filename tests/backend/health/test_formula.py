from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from plantwright.assets.models import MachineStatus
from plantwright.health.formula import RULES, AlertEntry, assess, combine, count_episodes, deduct, status_of

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


def alert(severity: str, days: float, *, active: bool = False, acknowledged: bool = True, **held: bool) -> AlertEntry:
    return AlertEntry(
        severity=severity,
        raised_at=NOW - timedelta(days=days),
        is_active=active,
        is_acknowledged=acknowledged,
        **held,
    )


def points(*alerts: AlertEntry) -> dict[str, int]:
    return {deduction.rule: deduction.points for deduction in deduct(alerts, NOW) if deduction.points}


def test_the_table_is_the_published_one() -> None:
    assert [(rule.name, rule.points_each, rule.cap) for rule in RULES] == [
        ("critical_alert_7d", 15, 3),
        ("critical_alert_8_30d", 6, 3),
        ("warning_alert_7d", 5, 4),
        ("warning_alert_8_30d", 2, 4),
        ("unacknowledged_active_alert", 4, 5),
    ]


def test_a_machine_without_events_has_100() -> None:
    assert assess((), {}, 0.3, NOW).score == 100


@pytest.mark.parametrize(
    ("rule", "one"),
    [
        ("critical_alert_7d", alert("critical", 1)),
        ("critical_alert_8_30d", alert("critical", 10)),
        ("warning_alert_7d", alert("warning", 1)),
        ("warning_alert_8_30d", alert("warning", 10)),
        ("unacknowledged_active_alert", alert("info", 60, active=True, acknowledged=False)),
    ],
)
def test_each_row_counts_up_to_its_cap(rule: str, one: AlertEntry) -> None:
    row = next(row for row in RULES if row.name == rule)
    for number in range(row.cap + 3):
        expected = {rule: min(number, row.cap) * row.points_each} if number else {}
        assert points(*[one] * number) == expected
    [deduction] = [d for d in deduct([one] * (row.cap + 3), NOW) if d.found]
    assert (deduction.found, deduction.counted) == (row.cap + 3, row.cap)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (-A_MINUTE, {"critical_alert_7d": 15}),
        (timedelta(0), {"critical_alert_7d": 15}),
        (timedelta(days=7) - A_MINUTE, {"critical_alert_7d": 15}),
        (timedelta(days=7), {"critical_alert_8_30d": 6}),
        (timedelta(days=30) - A_MINUTE, {"critical_alert_8_30d": 6}),
        (timedelta(days=30), {}),
    ],
)
def test_windows_end_where_they_should(age: timedelta, expected: dict[str, int]) -> None:
    entry = AlertEntry(severity="critical", raised_at=NOW - age, is_active=False, is_acknowledged=True)
    assert points(entry) == expected


def test_an_unacknowledged_recent_critical_counts_in_both_rows() -> None:
    assert points(alert("critical", 1, active=True, acknowledged=False)) == {
        "critical_alert_7d": 15,
        "unacknowledged_active_alert": 4,
    }


@pytest.mark.parametrize(("active", "acknowledged"), [(True, True), (False, False), (False, True)])
def test_only_active_unacknowledged_alerts_count_as_such(active: bool, acknowledged: bool) -> None:
    assert points(alert("info", 1, active=active, acknowledged=acknowledged)) == {}


def test_a_shelved_alert_counts_for_having_happened() -> None:
    assert points(alert("critical", 1, active=True, acknowledged=False, is_shelved=True)) == {"critical_alert_7d": 15}


@pytest.mark.parametrize("days", [1, 10])
def test_what_is_suppressed_by_design_or_out_of_service_counts_nowhere(days: float) -> None:
    assert points(alert("critical", days, active=True, acknowledged=False, is_suppressed=True)) == {}


def test_the_alert_score_stops_at_zero() -> None:
    everything = [alert("critical", 1, active=True, acknowledged=False)] * 9
    everything += [alert("critical", 10), alert("warning", 1), alert("warning", 10)] * 9
    result = assess(everything, {}, 0.0, NOW)
    assert sum(one.points for one in result.deductions) == 111
    assert (result.alert_score, result.score) == (0, 0)


@pytest.mark.parametrize(
    ("episodes", "counted"), [([], 0), ([1], 1), ([4], 4), ([50], 4), ([50, 3], 7), ([4] * 5, 20), ([9] * 30, 20)]
)
def test_episodes_saturate_per_detector_and_in_all(episodes: Sequence[int], counted: int) -> None:
    by_detector: dict[tuple[str | None, str], int] = {
        (f"metric {n}", "ewma"): number for n, number in enumerate(episodes)
    }
    assert count_episodes(by_detector) == counted
    assert assess((), by_detector, 1.0, NOW).score == 100 - 5 * counted


@pytest.mark.parametrize(
    ("alert_score", "anomaly_score", "weight", "score"),
    [
        (69, 65, 0.3, 68),
        (100, 95, 0.1, 100),  # 99.5 goes up
        (99, 100, 0.5, 100),  # 99.5 goes up
        (81, 80, 0.5, 81),  # 80.5 goes up, not to even
        (45, 0, 0.3, 32),  # 31.5, which binary floats put just below
        (0, 100, 0, 0),
        (0, 100, 1, 100),
    ],
)
def test_scores_are_combined_exactly_and_halves_go_up(
    alert_score: int, anomaly_score: int, weight: float, score: int
) -> None:
    assert combine(alert_score, anomaly_score, weight) == score


@pytest.mark.parametrize(
    ("score", "severities", "silent_seconds", "expected"),
    [
        (100, [], 0, MachineStatus.HEALTHY),
        (75, [], 0, MachineStatus.HEALTHY),
        (74, [], 0, MachineStatus.WARNING),
        (40, [], 0, MachineStatus.WARNING),
        (39, [], 0, MachineStatus.CRITICAL),
        (100, ["info"], 0, MachineStatus.HEALTHY),
        (100, ["warning"], 0, MachineStatus.WARNING),
        (100, ["warning", "critical"], 0, MachineStatus.CRITICAL),
        (39, ["warning"], 0, MachineStatus.CRITICAL),
        (100, [], 60, MachineStatus.HEALTHY),
        (100, [], 61, MachineStatus.OFFLINE),
        (10, ["critical"], 61, MachineStatus.OFFLINE),
        (100, [], -120, MachineStatus.HEALTHY),
        (100, [], None, MachineStatus.OFFLINE),
    ],
)
def test_the_worst_reason_decides_the_status(
    score: int, severities: list[str], silent_seconds: int | None, expected: MachineStatus
) -> None:
    last = None if silent_seconds is None else NOW - timedelta(seconds=silent_seconds)
    status, reason = status_of(score, severities, last, timedelta(seconds=60), NOW)
    assert status is expected
    assert reason.endswith(".")
