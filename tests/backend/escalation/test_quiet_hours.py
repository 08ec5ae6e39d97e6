"""What waits, and until when."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.alerts.models import Severity
from plantwright.escalation.quiet_hours import DigestRhythm, QuietHours, is_held, never_ends, quiet_until, release_time
from plantwright.escalation.wall_time import WeeklyWindow, wall_of

from tests.backend.escalation.clocks import BERLIN, berlin, wall

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
NIGHT = WeeklyWindow(EVERY_DAY, time(22), time(6))
WEEKEND = WeeklyWindow((6, 7), time(0), time(0))


def quiet(*windows: WeeklyWindow, rhythm: DigestRhythm = DigestRhythm.AFTER_QUIET_HOURS) -> QuietHours:
    return QuietHours(
        time_zone="Europe/Berlin",
        windows=windows or (NIGHT,),
        low_urgency=(Severity.INFO, Severity.WARNING),
        rhythm=rhythm,
        digest_time=time(7, 30),
        digest_weekday=1,
    )


@pytest.mark.parametrize(
    ("severity", "at", "holds"),
    [
        ("warning", berlin(2026, 3, 4, 21, 59), False),
        ("warning", berlin(2026, 3, 4, 22, 0), True),
        ("info", berlin(2026, 3, 5, 5, 59), True),
        ("info", berlin(2026, 3, 5, 6, 0), False),
        ("critical", berlin(2026, 3, 5, 3, 0), False),
    ],
)
def test_low_urgency_waits_in_quiet_hours_and_critical_never(severity: str, at: datetime, *, holds: bool) -> None:
    assert is_held(quiet(), severity, at) is holds
    assert not is_held(None, severity, at)


@given(st.datetimes(min_value=wall(2020, 1, 1), max_value=wall(2030, 1, 1), timezones=st.just(UTC)))
def test_what_is_critical_never_waits(at: datetime) -> None:
    assert not is_held(quiet(WeeklyWindow(EVERY_DAY, time(0), time(0))), Severity.CRITICAL, at)


def test_only_what_the_setting_calls_low_urgency_waits() -> None:
    setting = QuietHours(
        time_zone="UTC",
        windows=(NIGHT,),
        low_urgency=(Severity.INFO,),
        rhythm=DigestRhythm.DAILY,
        digest_time=time(7),
        digest_weekday=1,
    )
    at = datetime(2026, 3, 4, 23, tzinfo=UTC)
    assert is_held(setting, "info", at)
    assert not is_held(setting, "warning", at)


def test_it_is_told_when_quiet_hours_end() -> None:
    assert release_time(quiet(), berlin(2026, 3, 4, 23)) == berlin(2026, 3, 5, 6)
    assert release_time(quiet(NIGHT, WEEKEND), berlin(2026, 3, 6, 23)) == berlin(2026, 3, 9, 6), "the whole weekend"
    assert release_time(quiet(), berlin(2026, 3, 28, 23)) == datetime(2026, 3, 29, 4, tzinfo=UTC), "summer time begins"
    assert quiet_until(quiet(), berlin(2026, 3, 4, 12)) == berlin(2026, 3, 4, 12)


def test_it_is_told_with_the_next_digest() -> None:
    daily, every_week = quiet(rhythm=DigestRhythm.DAILY), quiet(rhythm=DigestRhythm.WEEKLY)
    assert release_time(daily, berlin(2026, 3, 4, 23)) == berlin(2026, 3, 5, 7, 30)
    assert release_time(daily, berlin(2026, 3, 5, 5)) == berlin(2026, 3, 5, 7, 30)
    assert release_time(daily, berlin(2026, 3, 5, 7, 30)) == berlin(2026, 3, 6, 7, 30), "what comes at its time waits"
    assert release_time(every_week, berlin(2026, 3, 4, 23)) == berlin(2026, 3, 9, 7, 30)


@given(
    st.datetimes(min_value=wall(2025, 1, 1), max_value=wall(2027, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(DigestRhythm),
)
def test_nothing_waits_longer_than_its_rhythm(at: datetime, rhythm: DigestRhythm) -> None:
    longest = {DigestRhythm.AFTER_QUIET_HOURS: 9, DigestRhythm.DAILY: 25, DigestRhythm.WEEKLY: 169}[rhythm]
    released = release_time(quiet(rhythm=rhythm), at)
    assert at <= released <= at + timedelta(hours=longest)
    if rhythm is not DigestRhythm.AFTER_QUIET_HOURS:
        assert wall_of(released, BERLIN).time() == time(7, 30)


def test_quiet_hours_that_never_end_are_known() -> None:
    assert never_ends((WeeklyWindow(EVERY_DAY, time(0), time(0)),))
    assert never_ends((WeeklyWindow(EVERY_DAY, time(8), time(20)), WeeklyWindow(EVERY_DAY, time(20), time(8))))
    assert not never_ends((WeeklyWindow((1, 2, 3, 4, 5, 6), time(0), time(0)),))
    assert not never_ends((NIGHT,))
