"""Shards of series: their bytes, their hours, and that cutting a tenant into shards changes nothing."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plantwright.detection.charts.engine import needs_buckets, step, take_in
from plantwright.detection.charts.rounds import ReadingBatch
from plantwright.detection.charts.state import BUCKETS, Buckets, DetectionState, StateUnreadable, bytes_per_series
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.states.shards import SHARD_SERIES, SeriesShard, buckets_of, changed_slots, hour_bytes

from tests.backend.detection.support import HOUR_MS, START_MS, batch_of, feed, regular


def learnt(hours: int = 30) -> DetectionState:
    rng = np.random.default_rng(1)
    values = rng.normal(0.0, 1.0, (hours * 30, 3))
    values[-5:, 1] += 30.0
    state, findings = feed(regular(hours * 30, 120_000), values)
    assert findings
    assert state.episodes.is_open.any()
    return state


def stored(state: DetectionState, first_series: int = 5) -> tuple[bytes, dict[int, bytes]]:
    ids = np.arange(first_series, first_series + state.rows, dtype=np.int32)
    slots = changed_slots(Buckets.empty(state.rows), state.buckets)
    hours = {slot: hour_bytes(state.buckets, slot) for slot in slots}
    return SeriesShard(ids, state).to_bytes(), hours


def test_a_shard_reads_back_exactly() -> None:
    state = learnt()
    data, hours = stored(state)
    again = SeriesShard.from_bytes(data)
    whole = DetectionState(again.state.series, buckets_of(state.rows, hours), again.state.episodes)
    assert again.series_ids.tolist() == [5, 6, 7]
    assert whole.to_bytes() == state.to_bytes()
    assert again.to_bytes() == data


def test_only_hours_that_ended_are_written() -> None:
    state = learnt()
    later = batch_of([START_MS + 30 * HOUR_MS], [[0.5, 0.5, 0.5]])
    after, _ = step(state, later, ConfigColumns.from_configs([DetectionConfig()] * 3))
    assert changed_slots(state.buckets, after.buckets) == [(START_MS // HOUR_MS + 29) % BUCKETS]
    assert changed_slots(after.buckets, after.buckets) == []


def test_most_of_the_bytes_are_in_the_hours() -> None:
    data, _ = stored(learnt())
    assert len(data) / 3 < bytes_per_series() / 15


def test_rows_keep_their_place_when_a_shard_grows() -> None:
    shard = SeriesShard.empty().with_series(np.array([900, 7, 900], np.int32))
    assert shard.series_ids.tolist() == [7, 900]
    grown = shard.with_series(np.array([3, 7], np.int32))
    assert grown.series_ids.tolist() == [7, 900, 3]
    assert grown.rows_of(np.array([3, 900, 7, 8], np.int32)).tolist() == [2, 1, 0, -1]
    assert grown.with_series(np.array([7], np.int32)) is grown
    beyond = 5 * SHARD_SERIES + 3
    assert SeriesShard.empty().with_series(np.array([beyond], np.int32)).rows_of(np.array([beyond])).tolist() == [0]


def test_an_hour_stored_before_a_shard_grew_has_nothing_of_the_new_rows() -> None:
    state = learnt()
    _, hours = stored(state)
    grown = buckets_of(5, hours)
    np.testing.assert_array_equal(grown.mean[:3], state.buckets.mean)
    assert not grown.weight[3:].any()


@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 600), max_size=8))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_buckets_are_missing_only_where_no_hour_ends(seed: int, cuts: list[int]) -> None:
    """Storing and loading between batches, with the hours only where they are asked for, gives the same bytes."""
    rng = np.random.default_rng(seed)
    pace = rng.choice([1_000, 60_000, 1_500_000], size=600, p=[0.6, 0.38, 0.02])
    time = START_MS + np.cumsum(pace) - rng.choice([0, 90_000], size=600, p=[0.97, 0.03])
    value = np.round(rng.normal(50.0, 1.0, 600), 2)
    value[300:330] += 12.0
    log = ReadingBatch(rng.integers(0, 4, 600).astype(np.int32), time, value)
    config = ConfigColumns.from_configs([DetectionConfig()] * 4)
    whole, expected = step(DetectionState.empty(4), log, config)

    shard = SeriesShard(np.arange(4, dtype=np.int32), DetectionState.empty(4))
    hours: dict[int, bytes] = {}
    found = []
    edges = [0, *sorted(cuts), 600]
    for low, high in pairwise(edges):
        part = ReadingBatch(log.series[low:high], log.time_ms[low:high], log.value[low:high])
        shard = SeriesShard.from_bytes(shard.to_bytes())
        state = shard.state
        if needs_buckets(state.series, part, config):
            state = DetectionState(state.series, buckets_of(4, hours), state.episodes)
        after, findings = take_in(state, part, config)
        found += [finding for _, finding in findings]
        if state.has_buckets:
            hours |= {slot: hour_bytes(after.buckets, slot) for slot in changed_slots(state.buckets, after.buckets)}
        shard = SeriesShard(shard.series_ids, DetectionState(after.series, Buckets.empty(0), after.episodes))
    again = DetectionState(shard.state.series, buckets_of(4, hours), shard.state.episodes)
    assert found == expected
    assert again.to_bytes() == whole.to_bytes()


@pytest.mark.parametrize("damage", ["short", "magic", "longer"])
def test_damaged_shards_are_refused(damage: str) -> None:
    data, _ = stored(learnt())
    damaged = {"short": data[:9], "magic": b"XXXX" + data[4:], "longer": data + b"\x00"}[damage]
    with pytest.raises(StateUnreadable, match="Rebuild it from the readings log"):
        SeriesShard.from_bytes(damaged)


@pytest.mark.parametrize("slots", [{0: b"123"}, {168: b""}, {0: bytes(32 * 9)}])
def test_damaged_hours_are_refused(slots: dict[int, bytes]) -> None:
    with pytest.raises(StateUnreadable):
        buckets_of(3, slots)
