"""Wall-clock times as moments, and weekly windows as spans."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.core.errors import ValidationFailed
from plantwright.escalation.wall_time import Span, WeeklyWindow, merged, moment_of, require_zone, spans_of, wall_of

from tests.backend.escalation.clocks import BERLIN, wall

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "Pacific/Apia",
    )
]
walls = st.datetimes(min_value=wall(2009, 1, 1), max_value=wall(2035, 1, 1))


@pytest.mark.parametrize(
    ("shown", "moment"),
    [
        (wall(2026, 3, 28, 2, 30), datetime(2026, 3, 28, 1, 30, tzinfo=UTC)),
        # Skipped: the clock goes from 02:00 to 03:00 at 01:00 UTC.
        (wall(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (wall(2026, 3, 29, 3, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (wall(2026, 3, 30, 2, 30), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
        # Shown twice: at 00:30 and at 01:30 UTC.
        (wall(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (wall(2026, 10, 25, 3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_berlin(shown: datetime, moment: datetime) -> None:
    assert moment_of(shown, BERLIN) == moment


def test_a_day_that_a_place_skipped_is_the_moment_after_it() -> None:
    """Samoa had no 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    skip = datetime(2011, 12, 30, 10, 0, tzinfo=UTC)
    assert {moment_of(wall(2011, 12, 30, hour), apia) for hour in (0, 7, 23)} == {skip}
    assert moment_of(wall(2011, 12, 31), apia) == skip


@given(walls, walls, st.sampled_from(ZONES))
def test_the_order_of_times_stays(one: datetime, other: datetime, zone: ZoneInfo) -> None:
    first, second = sorted([one, other])
    assert moment_of(first, zone) <= moment_of(second, zone)


@given(walls, st.sampled_from(ZONES))
def test_the_clock_shows_the_time_or_has_just_skipped_it(wanted: datetime, zone: ZoneInfo) -> None:
    moment = moment_of(wanted, zone)
    shown = wall_of(moment, zone)
    if shown != wanted:
        before = wall_of(moment - timedelta(microseconds=1), zone)
        assert before < wanted < shown


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe", "x" * 300, "a\x00b"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValidationFailed, match="no time zone") as caught:
        require_zone(name)
    assert caught.value.path == ("timeZone",)


def test_a_window_over_midnight_belongs_to_the_day_it_starts_on() -> None:
    friday_night = WeeklyWindow((5,), time(22), time(6))
    spans = spans_of([friday_night], BERLIN, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))
    assert spans == [
        Span(datetime(2026, 1, 2, 21, tzinfo=UTC), datetime(2026, 1, 3, 5, tzinfo=UTC)),
        Span(datetime(2026, 1, 9, 21, tzinfo=UTC), datetime(2026, 1, 10, 5, tzinfo=UTC)),
    ]


def test_the_night_in_which_the_clock_changes_is_shorter_and_longer() -> None:
    night = [WeeklyWindow((6,), time(22), time(6))]
    spring = spans_of(night, BERLIN, datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    autumn = spans_of(night, BERLIN, datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))
    assert [span.end - span.start for span in (*spring, *autumn)] == [timedelta(hours=7), timedelta(hours=9)]


def test_whole_days_in_a_row_are_one_span() -> None:
    weekend = WeeklyWindow((6, 7), time(0), time(0))
    spans = spans_of([weekend], BERLIN, datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))
    assert spans == [Span(datetime(2026, 1, 9, 23, tzinfo=UTC), datetime(2026, 1, 11, 23, tzinfo=UTC))]


def test_merging_leaves_out_what_is_empty() -> None:
    at = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(6)]
    assert merged([Span(at[4], at[5]), Span(at[0], at[2]), Span(at[1], at[3]), Span(at[4], at[4])]) == [
        Span(at[0], at[3]),
        Span(at[4], at[5]),
    ]
