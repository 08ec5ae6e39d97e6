"""Who is on call: exactly one person at every moment, hand-overs at local wall times."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plantwright.escalation.rotation import Layer, Override, Shift, TurnUnit, calendar, on_call_at
from plantwright.escalation.wall_time import Span, WeeklyWindow, moment_of, wall_of

from tests.backend.escalation.clocks import BERLIN, berlin, wall
from tests.backend.escalation.test_wall_time import ZONES

ANNA, BEN, CLEO, DAN = (UUID(int=number) for number in range(1, 5))
NAMES = {ANNA: "Anna", BEN: "Ben", CLEO: "Cleo", DAN: "Dan", None: "nobody"}
DAY = timedelta(days=1)

turns = st.one_of(
    st.tuples(st.just(TurnUnit.HOUR), st.sampled_from([1, 2, 3, 4, 6, 8, 12])),
    st.tuples(st.just(TurnUnit.DAY), st.integers(1, 10)),
    st.tuples(st.just(TurnUnit.WEEK), st.integers(1, 3)),
)
starts = st.datetimes(min_value=wall(2009, 1, 1), max_value=wall(2010, 12, 31))
# Around the changes of the clocks of several years, in which the faults would be.
moments = st.datetimes(min_value=wall(2011, 1, 1), max_value=wall(2031, 1, 1), timezones=st.just(UTC)) | st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(
        [
            datetime(2026, 3, 29, 1, tzinfo=UTC),
            datetime(2026, 10, 25, 1, tzinfo=UTC),
            datetime(2026, 3, 8, 7, tzinfo=UTC),
            datetime(2026, 11, 1, 6, tzinfo=UTC),
            datetime(2011, 12, 30, 10, tzinfo=UTC),
        ]
    ),
    st.integers(-600, 600),
)


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    unit, count = draw(turns)
    return Layer(
        name="",
        participants=tuple(draw(st.lists(st.sampled_from([ANNA, BEN, CLEO, DAN]), min_size=1, max_size=5))),
        start=draw(st.datetimes(min_value=wall(2009, 1, 1), max_value=wall(2010, 12, 31))).replace(microsecond=0),
        turn_unit=unit,
        turn_count=count,
    )


def slowly_on_call(layer: Layer, zone: ZoneInfo, at: datetime) -> UUID:
    """By going through the hand-overs one by one, from two days before."""
    number = (wall_of(at - 2 * DAY, zone) - layer.start) // layer.turn
    while moment_of(layer.start + (number + 1) * layer.turn, zone) <= at:
        number += 1
    return layer.participants[number % len(layer.participants)]


def assert_gapless(shifts: list[Shift], start: datetime, end: datetime) -> None:
    assert (shifts[0].start, shifts[-1].end) == (start, end)
    assert all(shift.start < shift.end for shift in shifts)
    assert all(one.end == other.start for one, other in pairwise(shifts))


@given(layers(), st.sampled_from(ZONES), moments, st.integers(1, 20))
@settings(max_examples=300)
def test_a_gapless_rotation_has_exactly_one_person_at_every_moment(
    layer: Layer, zone: ZoneInfo, start: datetime, days: int
) -> None:
    end = start + days * DAY
    shifts = calendar([layer], [], zone, start, end)
    assert_gapless(shifts, start, end)
    assert all(shift.user_id in layer.participants for shift in shifts)
    for shift in shifts:
        for at in (shift.start, shift.start + (shift.end - shift.start) / 2, shift.end - timedelta(microseconds=1)):
            assert shift.user_id == slowly_on_call(layer, zone, at) == on_call_at([layer], [], zone, at)


@given(layers(), st.sampled_from(ZONES), moments)
@settings(max_examples=300)
def test_hand_overs_are_at_the_same_wall_time_whatever_the_clocks_do(
    layer: Layer, zone: ZoneInfo, start: datetime
) -> None:
    for shift in calendar([layer], [], zone, start, start + 15 * DAY)[1:]:
        shown, before = wall_of(shift.start, zone), wall_of(shift.start - timedelta(microseconds=1), zone)
        is_skip = shown - before > timedelta(minutes=1)
        assert is_skip or (shown - layer.start) % layer.turn == timedelta(0)


@given(st.lists(layers(), min_size=1, max_size=3), moments, st.data())
def test_overrides_and_layers_lie_on_top_of_each_other(
    stack: list[Layer], start: datetime, data: st.DataObject
) -> None:
    end = start + 10 * DAY
    offsets = st.integers(-2 * 1440, 12 * 1440).map(lambda minutes: timedelta(minutes=minutes))
    overrides = []
    for number in range(data.draw(st.integers(0, 3))):
        begin = start + data.draw(offsets)
        length = timedelta(minutes=data.draw(st.integers(1, 5_000)))
        overrides.append(Override(UUID(int=100 + number), DAN, Span(begin, begin + length)))
    shifts = calendar(stack, overrides, BERLIN, start, end)
    assert_gapless(shifts, start, end)
    for shift in shifts:
        middle = shift.start + (shift.end - shift.start) / 2
        covering = [override for override in overrides if override.span.start <= middle < override.span.end]
        if covering:
            assert (shift.user_id, shift.override_id, shift.layer) == (DAN, covering[-1].id, None)
        else:
            assert shift.layer == len(stack) - 1
            assert shift.user_id == slowly_on_call(stack[-1], BERLIN, middle)


def told(shifts: list[Shift]) -> list[str]:
    return [f"{wall_of(shift.start, BERLIN):%a %d %H:%M} {NAMES[shift.user_id]}" for shift in shifts]


def weekly(*participants: UUID, windows: tuple[WeeklyWindow, ...] = ()) -> Layer:
    return Layer("", participants, wall(2026, 3, 2, 8), TurnUnit.WEEK, 1, windows)


def test_a_weekly_rotation_over_the_change_of_the_clock() -> None:
    shifts = calendar(
        [weekly(ANNA, BEN, CLEO)],
        [],
        BERLIN,
        datetime(2026, 3, 20, tzinfo=UTC),
        datetime(2026, 4, 8, tzinfo=UTC),
    )
    assert told(shifts) == ["Fri 20 01:00 Cleo", "Mon 23 08:00 Anna", "Mon 30 08:00 Ben", "Mon 06 08:00 Cleo"]
    assert shifts[1].end - shifts[1].start == timedelta(days=7) - timedelta(hours=1)


def test_nights_and_weekends_are_a_layer_of_their_own() -> None:
    nights = weekly(
        DAN,
        windows=(
            WeeklyWindow((1, 2, 3, 4, 5), time(18), time(8)),
            WeeklyWindow((6, 7), time(0), time(0)),
        ),
    )
    shifts = calendar(
        [weekly(ANNA, BEN), nights],
        [],
        BERLIN,
        datetime(2026, 3, 5, 7, tzinfo=UTC),
        datetime(2026, 3, 9, 12, tzinfo=UTC),
    )
    assert told(shifts) == [
        "Thu 05 08:00 Anna",
        "Thu 05 18:00 Dan",
        "Fri 06 08:00 Anna",
        "Fri 06 18:00 Dan",
        "Mon 09 00:00 Anna",
        "Mon 09 08:00 Ben",
    ]


def test_outside_of_its_windows_and_before_its_start_a_layer_has_nobody() -> None:
    office = weekly(ANNA, windows=(WeeklyWindow((1, 2, 3, 4, 5), time(8), time(17)),))
    shifts = calendar([office], [], BERLIN, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    assert told(shifts) == [
        "Sun 01 01:00 nobody",
        "Mon 02 08:00 Anna",
        "Mon 02 17:00 nobody",
    ]


@pytest.mark.parametrize(
    ("clock", "person"),
    [
        ((2026, 3, 4, 11, 59), ANNA),
        ((2026, 3, 4, 12, 0), BEN),
        ((2026, 3, 4, 17, 59), BEN),
        ((2026, 3, 4, 18, 0), ANNA),
    ],
)
def test_an_override_counts_from_its_first_moment_up_to_its_last(
    clock: tuple[int, int, int, int, int], person: UUID
) -> None:
    span = Span(datetime(2026, 3, 4, 11, tzinfo=UTC), datetime(2026, 3, 4, 17, tzinfo=UTC))
    override = Override(UUID(int=9), BEN, span)
    at = berlin(*clock)
    assert on_call_at([weekly(ANNA)], [override], BERLIN, at) == person
