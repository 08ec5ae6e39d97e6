"""The state of single series out of their shards, and back into them.

Whoever changes states has to hold the cursor of the consumer `detection`, as it does itself.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from plantwright.core.database import UnitOfWork
from plantwright.detection.charts.state import Buckets, DetectionState
from plantwright.detection.states import repository
from plantwright.detection.states.series_charts import DETECTOR
from plantwright.detection.states.shard_cache import ShardCache
from plantwright.detection.states.shard_store import ShardStore
from plantwright.detection.states.shards import (
    SHARD_SERIES,
    SeriesIds,
    SeriesShard,
    buckets_of,
    changed_slots,
    hour_bytes,
)


async def read_states(work: UnitOfWork, series_ids: Iterable[int]) -> dict[int, DetectionState]:
    """Of each of these series that has one: its state, a single row with its hours."""
    found: dict[int, DetectionState] = {}
    by_shard = _by_shard(series_ids)
    loaded = await _store().load(work, by_shard)
    for shard, wanted in by_shard.items():
        held = loaded[shard].value
        known = wanted[held.rows_of(wanted) >= 0]
        if not len(known):
            continue
        rows = held.rows_of(known)
        buckets = buckets_of(held.state.rows, await repository.read_hours(work, shard))
        whole = DetectionState(held.state.series, buckets, held.state.episodes)
        found |= {
            series: whole.take(np.array([row])) for series, row in zip(known.tolist(), rows.tolist(), strict=True)
        }
    return found


async def replace_states(work: UnitOfWork, states: Mapping[int, DetectionState]) -> None:
    """Store single rows in the place of what was known of their series; others are left as they are.

    Raises:
        StateOvertaken: another transaction has stored one of the shards in the meantime.
    """
    by_shard = _by_shard(states)
    loaded = await _store().load(work, by_shard)
    after: dict[int, SeriesShard] = {}
    slots: dict[tuple[int, int], bytes] = {}
    for shard, given in by_shard.items():
        held = loaded[shard].value.with_series(given)
        before = buckets_of(held.state.rows, await repository.read_hours(work, shard))
        series, episodes, buckets = held.state.series.copy(), held.state.episodes.copy(), before.copy()
        for number in given.tolist():
            row, state = held.rows_of(np.array([number], np.int32)), states[number]
            series.put(row, state.series)
            episodes.put(row, state.episodes)
            buckets.put(row, state.buckets)
        after[shard] = SeriesShard(held.series_ids, DetectionState(series, Buckets.empty(0), episodes))
        slots |= {(shard, slot): hour_bytes(buckets, slot) for slot in changed_slots(before, buckets)}
    await _store().save(work, loaded, after)
    await repository.write_hours(work, slots)


def _by_shard(series_ids: Iterable[int]) -> dict[int, SeriesIds]:
    """Numbers by shard, ascending."""
    numbers = np.unique(np.array(list(series_ids), np.int32))
    return {int(shard): numbers[numbers // SHARD_SERIES == shard] for shard in np.unique(numbers // SHARD_SERIES)}


def _store() -> ShardStore[SeriesShard]:
    """Without a cache: what is asked for here is asked for once."""
    return ShardStore(DETECTOR, SeriesShard, ShardCache(0))
