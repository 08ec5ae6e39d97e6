"""Buckets against the same counted by hand, and the rows that hold them."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plantwright.readings.columns import LogSlice
from plantwright.readings.compaction.merging import StoredReadings, merge_hours
from plantwright.readings.compaction.rollups import (
    DAY,
    HOUR,
    MINUTE,
    Kept,
    Renewal,
    Rollups,
    coarsen,
    from_rows,
    minutes_of,
    renew,
    row_start,
    to_rows,
)
from plantwright.readings.models import Level

DAY_MS = DAY * 1000
# The last day but one of a month.
START = 20_483 * DAY_MS
NOTHING_KEPT = Kept(0, 0)
Bucket = tuple[int, int, int, float, float, float]

readings = st.tuples(
    st.integers(1, 3),
    st.one_of(st.integers(0, 3 * HOUR * 1000), st.integers(0, 3 * DAY_MS), st.sampled_from([0, 59_999, 60_000])),
    st.floats(-1e9, 1e9),
    st.sampled_from([0, 0, 0, 1, 2]),
)


def log_of(rows: list[Any]) -> LogSlice:
    """In flush order: as given."""
    return LogSlice(
        0,
        np.array([row[0] for row in rows], np.int32),
        np.array([START + row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
        np.array([row[3] for row in rows], np.int8),
    )


def by_hand(rows: list[Any], seconds: int) -> dict[tuple[int, int], list[float]]:
    """Usable values by series and start of the bucket, in order of time."""
    counting = {row[:2]: row for row in rows}
    values: dict[tuple[int, int], list[float]] = {}
    for (series, at), row in sorted(counting.items()):
        if row[3] != 2:
            values.setdefault((series, (START + at) // (seconds * 1000) * seconds * 1000), []).append(row[2])
    return values


def assert_equal(buckets: Rollups, values: dict[tuple[int, int], list[float]]) -> None:
    keys = list(zip(buckets.series.tolist(), buckets.start_ms.tolist(), strict=True))
    assert keys == sorted(values)
    for place, key in enumerate(keys):
        own = values[key]
        assert (buckets.counts[place], buckets.lasts[place]) == (len(own), own[-1])
        assert (buckets.minimums[place], buckets.maximums[place]) == (min(own), max(own))
        # Three levels of sums, each rounded once per addition.
        allowed = 1e-12 * sum(map(abs, own))
        assert buckets.sums[place] == pytest.approx(math.fsum(own), rel=1e-12, abs=allowed)


def content(buckets: Rollups) -> list[Any]:
    columns = (buckets.series, buckets.start_ms, buckets.counts, buckets.lasts, buckets.sums)
    return [column.tolist() for column in (*columns, buckets.minimums, buckets.maximums)]


@given(st.lists(readings, max_size=40))
def test_each_width_is_what_the_readings_give(rows: list[Any]) -> None:
    minutes = minutes_of(log_of(rows))

    assert_equal(minutes, by_hand(rows, MINUTE))
    assert_equal(coarsen(minutes, HOUR), by_hand(rows, HOUR))
    assert_equal(coarsen(coarsen(minutes, HOUR), DAY), by_hand(rows, DAY))


@given(st.lists(readings, max_size=40))
def test_merged_readings_give_the_same_buckets(rows: list[Any]) -> None:
    merged = merge_hours(StoredReadings(log_of(rows), np.arange(len(rows))), Level.HOUR)

    assert content(minutes_of(merged.readings())) == content(minutes_of(log_of(rows)))


@given(st.lists(readings, max_size=40), st.sampled_from([MINUTE, HOUR, DAY]))
def test_rows_hold_every_bucket(rows: list[Any], seconds: int) -> None:
    buckets = coarsen(minutes_of(log_of(rows)), seconds)
    stored = list(to_rows(buckets))

    assert content(from_rows(seconds, stored[::-1])) == content(buckets)
    assert len({(row.series_id, row.start_ms) for row in stored}) == len(stored)
    assert all(0 <= place < 60 for row in stored for place in row.places)


def test_rows_begin_with_the_hour_the_day_and_the_month() -> None:
    moment = np.array([START + 5 * 3_600_000 + 61_000, START + DAY_MS])
    assert np.datetime64("2026-01-30", "ms").astype(np.int64) == START

    assert row_start(moment, MINUTE).tolist() == [START + 5 * 3_600_000, START + DAY_MS]
    assert row_start(moment, HOUR).tolist() == [START, START + DAY_MS]
    assert row_start(moment, DAY).tolist() == [np.datetime64("2026-01-01", "ms").astype(int)] * 2


def test_columns_that_say_nothing_new_are_left_out() -> None:
    [row] = to_rows(minutes_of(log_of([(1, 0, 3.0, 0), (1, 60_000, 4.0, 0)])))
    assert (row.lasts, row.sums, row.minimums, row.maximums) == ([3.0, 4.0], None, None, None)

    [row] = to_rows(minutes_of(log_of([(1, 0, 3.0, 0), (1, 1, 3.0, 0)])))
    assert (row.sums, row.minimums, row.maximums) == ([6.0], None, None)


def test_sums_beyond_the_largest_double_are_infinite() -> None:
    [row] = to_rows(minutes_of(log_of([(1, 0, 1.7e308, 0), (1, 1, 1.7e308, 0)])))

    assert row.sums == [math.inf]


def renewed(rows: list[Any], before: Renewal | None = None, kept: Kept = NOTHING_KEPT) -> Renewal:
    hours, days = (Rollups.none(HOUR), Rollups.none(DAY)) if before is None else before.buckets[1:]
    return renew(log_of(rows), hours, days, kept)


@given(st.lists(readings, min_size=1, max_size=30), st.lists(readings, min_size=1, max_size=10))
def test_renewing_some_hours_is_counting_all_anew(rows: list[Any], late: list[Any]) -> None:
    hours = {(series, at // 3_600_000) for series, at, *_ in late}
    again = [row for row in rows if (row[0], row[1] // 3_600_000) in hours] + late

    after = renewed(again, renewed(rows))

    assert content(after.buckets[1]) == content(coarsen(minutes_of(log_of(rows + late)), HOUR))
    assert content(after.buckets[2]) == content(coarsen(coarsen(minutes_of(log_of(rows + late)), HOUR), DAY))


def test_an_hour_that_lost_its_usable_readings_loses_its_buckets() -> None:
    before = renewed([(1, 0, 1.0, 0), (1, 3_600_000, 2.0, 0)])

    after = renewed([(1, 0, 1.0, 0), (1, 0, 1.0, 2)], before)

    assert [len(buckets) for buckets in after.buckets] == [0, 1, 1]
    assert after.keys[0] == [(1, START)]
    assert after.buckets[2].counts.tolist() == [1]


def test_hours_whose_readings_may_be_gone_keep_their_bucket() -> None:
    before = renewed([(1, 0, 1.0, 0)])
    kept = Kept(hours_before_ms=START + DAY_MS, days_before_ms=0)

    after = renewed([(1, 0, 9.0, 0), (1, 3_600_000, 2.0, 0)], before, kept)

    assert after.buckets[0].start_ms.tolist() == [START + 3_600_000]
    assert after.buckets[1].lasts.tolist() == [1.0, 2.0]
    assert after.buckets[2].counts.tolist() == [2]


def test_days_whose_hours_may_be_gone_keep_their_bucket() -> None:
    before = renewed([(1, 0, 1.0, 0)])
    without_hours = Renewal((Rollups.none(MINUTE), Rollups.none(HOUR), before.buckets[2]), before.keys)

    after = renewed([(1, 3_600_000, 2.0, 0)], without_hours, Kept(START + DAY_MS, START + DAY_MS))

    assert after.buckets[2].lasts.tolist() == [1.0]
    assert after.keys[2] == []
