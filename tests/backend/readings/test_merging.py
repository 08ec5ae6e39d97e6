"""Merging by itself: nothing is lost, changed or put in another order, however the readings were split."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.readings.columns import LogSlice
from plantwright.readings.compaction.merging import HOUR_MS, MergedRows, StoredReadings, merge_hours, split_hours
from plantwright.readings.models import Level

START = 500_000 * HOUR_MS
# Series, milliseconds, value, quality, flush: few of each, so that equal ones meet.
readings = st.tuples(
    st.integers(1, 2),
    st.one_of(st.integers(0, 4), st.integers(0, 3 * HOUR_MS)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.integers(1, 5),
)


def stored(rows: list[Any]) -> StoredReadings:
    return StoredReadings(
        LogSlice(
            0,
            np.array([row[0] for row in rows], np.int32),
            np.array([START + row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], np.float64),
            np.array([row[3] for row in rows], np.int8),
        ),
        np.array([row[4] for row in rows], np.int64),
    )


def unpacked(merged: MergedRows) -> list[list[tuple[int, int, str, int]]]:
    """Series, time, bits and quality, row by row, from what is written."""
    found = []
    for row in merged.rows():
        assert (row.offsets is None) == (row.period is not None)
        count = len(row.values)
        offsets = row.offsets if row.period is None else [place * row.period for place in range(count)]
        qualities = row.quality or [0] * count
        found.append(
            [
                (row.series_id, row.start_ms + offset - START, value.hex(), quality)
                for offset, value, quality in zip(offsets or [], row.values, qualities, strict=True)
            ]
        )
    return found


@given(st.lists(readings, max_size=40))
def test_merging_is_sorting_by_series_and_time_and_then_flush(rows: list[Any]) -> None:
    merged = unpacked(merge_hours(stored(rows), Level.HOUR))

    expected = sorted(rows, key=lambda row: (row[0], row[1], row[4]))
    assert [reading for row in merged for reading in row] == [
        (row[0], row[1], row[2].hex(), row[3]) for row in expected
    ]
    hours = [{(series, time // HOUR_MS) for series, time, *_ in row} for row in merged]
    assert all(len(hour) == 1 for hour in hours)
    assert len({hour.copy().pop() for hour in hours}) == len(hours)


@given(st.lists(readings, min_size=1, max_size=40))
def test_a_merged_row_has_the_latest_flush_of_its_sources(rows: list[Any]) -> None:
    for row in merge_hours(stored(rows), Level.HOUR).rows():
        hour = row.start_ms // HOUR_MS
        assert row.level == Level.HOUR
        assert row.flush_id == max(
            each[4] for each in rows if each[0] == row.series_id and (START + each[1]) // HOUR_MS == hour
        )


@given(st.lists(readings, max_size=30), st.lists(readings, max_size=30))
def test_merging_in_two_steps_is_merging_at_once(earlier: list[Any], later: list[Any]) -> None:
    """The second step takes the merged rows of flushes 1 to 5 and those of later flushes."""
    later = [(*row[:4], row[4] + 5) for row in later]
    first = merge_hours(stored(earlier), Level.PIECE)
    flush_of_row = np.repeat([row.flush_id for row in first.rows()], np.diff(first.first)).astype(np.int64)
    rest = stored(later)
    both = StoredReadings(
        LogSlice(
            0,
            np.concatenate((first.series, rest.readings.series)),
            np.concatenate((first.time_ms, rest.readings.time_ms)),
            np.concatenate((first.value, rest.readings.value)),
            np.concatenate((first.quality, rest.readings.quality)),
        ),
        np.concatenate((flush_of_row, rest.flush_id)),
    )

    assert unpacked(merge_hours(both, Level.HOUR)) == unpacked(merge_hours(stored(earlier + later), Level.HOUR))


@given(st.lists(readings, max_size=40))
def test_cutting_keeps_flushes_apart(rows: list[Any]) -> None:
    parts = split_hours(stored(rows))

    found = [
        (row.flush_id, *reading)
        for row, content in zip(parts.rows(), unpacked(parts), strict=True)
        for reading in content
    ]
    expected = sorted(rows, key=lambda row: (row[0], row[1] // HOUR_MS, row[4], row[1]))
    assert found == [(row[4], row[0], row[1], row[2].hex(), row[3]) for row in expected]
    keys = [(row.series_id, row.start_ms // HOUR_MS, row.flush_id) for row in parts.rows()]
    assert len(set(keys)) == len(keys)
    assert all(row.level == Level.FLUSH for row in parts.rows())


@pytest.mark.parametrize(
    ("times", "period"),
    [
        ([5], 0),
        ([5, 5, 5], 0),
        ([5, 6], 1),
        ([0, 1_000, 2_000, 3_000], 1_000),
        ([0, 1_000, 2_001], None),
        ([0, 1_000, 1_000], None),
        ([0, 0, 1_000], None),
    ],
)
def test_only_a_constant_step_needs_no_times(times: list[int], period: int | None) -> None:
    [row] = merge_hours(stored([(1, time, 1.0, 0, 1) for time in times]), Level.HOUR).rows()

    assert row.period == period
    assert row.offsets == (None if period is not None else times)


def test_the_step_between_two_rows_is_no_step_of_either() -> None:
    rows = [(1, 0, 1.0, 0, 1), (1, 10, 1.0, 0, 1), (1, HOUR_MS, 1.0, 0, 1), (2, 7, 1.0, 0, 1), (2, 9, 1.0, 0, 1)]

    assert [row.period for row in merge_hours(stored(rows), Level.HOUR).rows()] == [10, 0, 2]


def test_quality_is_left_out_where_all_is_good() -> None:
    rows = [(1, 0, 1.0, 0, 1), (1, 1, 1.0, 2, 1), (2, 0, 1.0, 0, 1)]

    assert [row.quality for row in merge_hours(stored(rows), Level.HOUR).rows()] == [[0, 2], None]
