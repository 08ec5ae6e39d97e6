"""Every window is cut without a gap, and never into more buckets than asked for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.query.plan import HOUR_MS, MINUTE_MS, Grid, Level, Part, Window, choose_grid, split

DAY = 20_000 * DAY_MS
LONGEST = 3_660 * DAY_MS

moments = st.integers(DAY - 2 * LONGEST, DAY + LONGEST)
lengths = st.one_of(
    st.integers(1, LONGEST),
    st.integers(1, 2 * HOUR_MS),
    st.builds(int.__mul__, st.sampled_from((MINUTE_MS, HOUR_MS, DAY_MS)), st.integers(1, 3_660)),
)
windows = st.builds(
    lambda start, unit, length, frontier: Window(start // unit * unit, start // unit * unit + length, frontier),
    moments,
    st.sampled_from((1, MINUTE_MS, HOUR_MS, DAY_MS)),
    lengths,
    moments,
)


@given(windows, st.sampled_from(Level))
def test_parts_cover_the_window_once_and_in_order(window: Window, level: Level) -> None:
    parts = split(window, level)

    assert parts[0].start_ms == window.start_ms
    assert parts[-1].end_ms == window.end_ms
    assert all(one.end_ms == other.start_ms for one, other in pairwise(parts))
    assert all(part.start_ms < part.end_ms for part in parts)
    assert len(parts) <= 7
    for part in parts:
        assert part.level <= level
        if part.level > Level.RAW:
            assert part.start_ms % part.level == part.end_ms % part.level == 0
            assert part.end_ms <= window.frontier_ms


@given(windows, st.sampled_from(Level))
def test_only_what_no_bucket_covers_is_read_raw(window: Window, level: Level) -> None:
    """Before the frontier: less than a minute at each edge."""
    raw = [part for part in split(window, level) if part.level == Level.RAW]
    closed = sum(max(0, min(part.end_ms, window.frontier_ms) - part.start_ms) for part in raw)

    if level > Level.RAW and window.frontier_ms % HOUR_MS == 0:
        assert closed < 2 * MINUTE_MS


@given(windows, st.sampled_from((Level.MINUTE, Level.HOUR)))
def test_parts_finer_than_the_finest_are_left_out(window: Window, finest: Level) -> None:
    everything = split(window, Level.DAY)

    assert split(window, Level.DAY, finest) == [part for part in everything if part.level >= finest]


@given(windows, st.integers(1, 10_000))
def test_a_grid_covers_the_window_with_no_more_points_than_asked_for(window: Window, max_points: int) -> None:
    grid = choose_grid(window, max_points)

    assert grid.count <= max_points
    assert grid.start_ms <= window.start_ms < grid.start_ms + grid.width_ms
    assert grid.start_ms + (grid.count - 1) * grid.width_ms < window.end_ms
    assert window.end_ms <= grid.start_ms + grid.count * grid.width_ms
    if max_points > 1:
        assert grid.start_ms % grid.width_ms == 0


@given(windows, st.integers(2, 10_000), st.sampled_from(Level))
def test_buckets_can_be_made_of_the_level_of_their_grid(window: Window, max_points: int, level: Level) -> None:
    grid = choose_grid(window, max_points, level)

    assert grid.level >= level
    assert grid.level == Level.RAW or grid.width_ms % grid.level == 0


@pytest.mark.parametrize(
    ("length", "max_points", "width"),
    [
        (HOUR_MS, 1_000, 5_000),
        (DAY_MS, 1_000, 2 * MINUTE_MS),
        (7 * DAY_MS, 1_000, 15 * MINUTE_MS),
        (30 * DAY_MS, 1_000, HOUR_MS),
        (365 * DAY_MS, 1_000, 12 * HOUR_MS),
        (3_650 * DAY_MS, 1_000, 4 * DAY_MS),
        (3_650 * DAY_MS, 10_000, 12 * HOUR_MS),
        (5, 1_000, 1),
    ],
)
def test_widths_that_people_know(length: int, max_points: int, width: int) -> None:
    assert choose_grid(Window(DAY, DAY + length, 0), max_points).width_ms == width


def test_a_single_point_is_the_whole_window() -> None:
    window = Window(DAY - 7, DAY + 5, 0)

    assert choose_grid(window, 1) == Grid(DAY - 7, 12, 1)


def test_a_day_and_its_edges() -> None:
    window = Window(DAY - HOUR_MS - MINUTE_MS - 1, DAY + DAY_MS + 1, DAY + DAY_MS)

    assert split(window, Level.DAY) == [
        Part(Level.RAW, window.start_ms, window.start_ms + 1),
        Part(Level.MINUTE, window.start_ms + 1, DAY - HOUR_MS),
        Part(Level.HOUR, DAY - HOUR_MS, DAY),
        Part(Level.DAY, DAY, DAY + DAY_MS),
        Part(Level.RAW, DAY + DAY_MS, DAY + DAY_MS + 1),
    ]
