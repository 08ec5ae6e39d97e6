from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from plantwright.alerts import life_cycle
from plantwright.alerts.life_cycle import TRANSITIONS, AlertEvent, AlertState, derive_state, state_of
from plantwright.alerts.models import Alert
from plantwright.core.errors import Conflict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)
PERSON = uuid4()

_STAMPS = {
    AlertState.ACTIVE_UNACKNOWLEDGED: (None, None),
    AlertState.ACTIVE_ACKNOWLEDGED: (None, NOON),
    AlertState.CLEARED_UNACKNOWLEDGED: (NOON, None),
    AlertState.CLEARED: (NOON, NOON),
}


def alert_in(state: AlertState) -> Alert:
    cleared_at, acknowledged_at = _STAMPS[state]
    return Alert(
        tenant_id=uuid4(),
        machine_id=uuid4(),
        metric_id=uuid4(),
        cause="ewma",
        severity="warning",
        message="Temperature has drifted",
        value=1.0,
        score=6.0,
        threshold=5.0,
        evidence={},
        raised_at=NOON - A_MINUTE,
        last_seen_at=NOON - A_MINUTE,
        cleared_at=cleared_at,
        acknowledged_at=acknowledged_at,
        acknowledged_by=PERSON if acknowledged_at else None,
    )


def apply(alert: Alert, event: AlertEvent) -> None:
    match event:
        case AlertEvent.ACKNOWLEDGE:
            life_cycle.acknowledge(alert, NOON + A_MINUTE, PERSON, "seen")
        case AlertEvent.CLEAR:
            life_cycle.clear(alert, NOON + A_MINUTE)
        case AlertEvent.REPEAT:
            life_cycle.repeat(alert, NOON + A_MINUTE)
        case AlertEvent.RAISE_SEVERITY:
            life_cycle.raise_severity(alert, "critical")
        case AlertEvent.LOWER_SEVERITY:
            life_cycle.lower_severity(alert, "info")


@pytest.mark.parametrize("state", AlertState)
def test_the_state_follows_from_the_two_times(state: AlertState) -> None:
    assert derive_state(*_STAMPS[state]) is state


@pytest.mark.parametrize(("state", "event"), list(product(AlertState, AlertEvent)))
def test_every_state_and_event_does_what_the_table_says(state: AlertState, event: AlertEvent) -> None:
    alert = alert_in(state)
    before = alert.model_dump()
    expected = TRANSITIONS.get((state, event))
    if expected is None:
        with pytest.raises(Conflict):
            apply(alert, event)
        assert alert.model_dump() == before
    else:
        apply(alert, event)
        assert state_of(alert) is expected


def test_acknowledging_twice_says_when_it_was_done_first() -> None:
    with pytest.raises(Conflict, match="already acknowledged at 2026-03-01T12:00:00"):
        apply(alert_in(AlertState.ACTIVE_ACKNOWLEDGED), AlertEvent.ACKNOWLEDGE)


def test_an_acknowledgement_keeps_who_when_and_the_note() -> None:
    alert = alert_in(AlertState.ACTIVE_UNACKNOWLEDGED)
    apply(alert, AlertEvent.ACKNOWLEDGE)
    assert (alert.acknowledged_at, alert.acknowledged_by, alert.acknowledge_note) == (NOON + A_MINUTE, PERSON, "seen")


def test_a_rise_takes_the_acknowledgement_back_and_a_repeat_does_not() -> None:
    alert = alert_in(AlertState.ACTIVE_ACKNOWLEDGED)
    apply(alert, AlertEvent.REPEAT)
    assert alert.acknowledged_at == NOON
    assert alert.occurrences == 2
    apply(alert, AlertEvent.RAISE_SEVERITY)
    after = alert.model_dump(include={"acknowledged_at", "acknowledged_by", "severity"})
    assert after == {"acknowledged_at": None, "acknowledged_by": None, "severity": "critical"}


@pytest.mark.parametrize("severity", ["critical", "warning", "info"])
def test_severity_does_not_fall_or_rise_to_itself(severity: str) -> None:
    alert = alert_in(AlertState.ACTIVE_UNACKNOWLEDGED)
    alert.severity = "critical"
    with pytest.raises(Conflict, match="critical already"):
        life_cycle.raise_severity(alert, severity)


@pytest.mark.parametrize("severity", ["critical", "warning", "info"])
def test_severity_is_not_lowered_upwards_or_to_itself(severity: str) -> None:
    alert = alert_in(AlertState.ACTIVE_ACKNOWLEDGED)
    alert.severity = "info"
    with pytest.raises(Conflict, match="info already"):
        life_cycle.lower_severity(alert, severity)


def test_late_readings_move_no_time_back() -> None:
    alert = alert_in(AlertState.ACTIVE_UNACKNOWLEDGED)
    life_cycle.see(alert, NOON - 5 * A_MINUTE)
    assert alert.last_seen_at == NOON - A_MINUTE
    life_cycle.clear(alert, NOON - 5 * A_MINUTE)
    assert alert.cleared_at == alert.raised_at
