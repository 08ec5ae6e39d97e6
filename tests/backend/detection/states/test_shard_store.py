"""State between transactions: who sees what after a commit, a roll-back, and a change by another worker."""

import numpy as np
import pytest
from plantwright.detection.charts.engine import step
from plantwright.detection.charts.state import DetectionState
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.states import repository
from plantwright.detection.states.series_charts import DETECTOR
from plantwright.detection.states.series_states import read_states, replace_states
from plantwright.detection.states.shard_cache import ShardCache
from plantwright.detection.states.shard_store import ShardStore, StateOvertaken
from plantwright.detection.states.shards import SHARD_SERIES, SeriesShard

from tests.backend.detection.support import batch_of, feed, regular
from tests.conftest import Databases
from tests.factories import MadeTenant, TenantFactory

Store = ShardStore[SeriesShard]


def store(max_bytes: int = 10**7) -> Store:
    return ShardStore(DETECTOR, SeriesShard, ShardCache(max_bytes))


def shard_of(*values: float) -> SeriesShard:
    state, _ = feed(regular(2), [values, values])
    return SeriesShard(
        np.arange(len(values), dtype=np.int32), DetectionState(state.series, state.buckets, state.episodes)
    )


async def value_in(store: Store, databases: Databases, tenant: MadeTenant, shard: int = 0) -> list[float]:
    async with databases.worker.reading(tenant.id) as work:
        loaded = await store.load(work, [shard])
    values: list[float] = loaded[shard].value.state.series.last_value.tolist()
    return values


async def put(store: Store, databases: Databases, tenant: MadeTenant, shards: dict[int, SeriesShard]) -> None:
    async with databases.worker.transaction(tenant.id) as work:
        await store.save(work, await store.load(work, shards), shards)


async def test_what_is_stored_is_seen_by_all(databases: Databases, tenant: MadeTenant) -> None:
    mine, other = store(), store()
    assert await value_in(mine, databases, tenant) == []
    await put(mine, databases, tenant, {0: shard_of(1.0, 2.0), 3: shard_of(9.0)})
    for reader in (mine, other):
        assert await value_in(reader, databases, tenant) == [1.0, 2.0]
        assert await value_in(reader, databases, tenant, 3) == [9.0]
        assert await value_in(reader, databases, tenant, 1) == []


async def test_another_workers_change_is_noticed(databases: Databases, tenant: MadeTenant) -> None:
    mine, other = store(), store()
    await put(mine, databases, tenant, {0: shard_of(1.0)})
    await put(other, databases, tenant, {0: shard_of(2.0)})
    assert await value_in(mine, databases, tenant) == [2.0]
    await put(mine, databases, tenant, {0: shard_of(3.0)})
    assert await value_in(other, databases, tenant) == [3.0]


async def test_what_is_held_is_not_read_again(
    databases: Databases, tenant: MadeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = store()
    await put(mine, databases, tenant, {0: shard_of(1.0)})
    asked: list[int] = []
    read = repository.read_shards

    async def counted(*arguments: object) -> object:
        asked.append(1)
        return await read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(repository, "read_shards", counted)
    assert await value_in(mine, databases, tenant) == [1.0]
    assert asked == []
    assert await value_in(store(), databases, tenant) == [1.0]
    assert await value_in(store(max_bytes=1), databases, tenant) == [1.0]
    assert asked == [1, 1]


async def test_what_was_rolled_back_is_forgotten(databases: Databases, tenant: MadeTenant) -> None:
    mine = store()
    await put(mine, databases, tenant, {0: shard_of(1.0)})

    async def roll_back() -> None:
        async with databases.worker.transaction(tenant.id) as work:
            await mine.save(work, await mine.load(work, [0]), {0: shard_of(2.0)})
            again = await mine.load(work, [0])
            assert again[0].value.state.series.last_value.tolist() == [2.0]
            raise RuntimeError("no commit")

    with pytest.raises(RuntimeError, match="no commit"):
        await roll_back()
    assert await value_in(mine, databases, tenant) == [1.0]
    await put(mine, databases, tenant, {0: shard_of(3.0)})
    assert await value_in(mine, databases, tenant) == [3.0]


async def test_a_commit_that_the_process_did_not_hear_of(databases: Databases, tenant: MadeTenant) -> None:
    mine = store()
    await put(mine, databases, tenant, {0: shard_of(1.0)})
    async with databases.worker.transaction(tenant.id) as work:
        await mine.save(work, await mine.load(work, [0]), {0: shard_of(2.0)})
        work._after_commit.clear()
    assert await value_in(mine, databases, tenant) == [2.0]


@pytest.mark.parametrize("is_new", [True, False])
async def test_nobody_writes_over_what_he_has_not_seen(databases: Databases, tenant: MadeTenant, is_new: bool) -> None:
    mine, other = store(), store()
    if not is_new:
        await put(mine, databases, tenant, {0: shard_of(1.0)})

    async def be_overtaken() -> None:
        async with databases.worker.transaction(tenant.id) as work:
            loaded = await mine.load(work, [0, 1])
            await put(other, databases, tenant, {0: shard_of(2.0)})
            await mine.save(work, loaded, {0: shard_of(3.0), 1: shard_of(3.0)})

    with pytest.raises(StateOvertaken):
        await be_overtaken()
    assert await value_in(mine, databases, tenant) == [2.0]
    assert await value_in(mine, databases, tenant, 1) == []


async def test_tenants_and_detectors_have_shards_of_their_own(
    databases: Databases, tenant: MadeTenant, make_tenant: TenantFactory
) -> None:
    cache = ShardCache()
    mine, machines = ShardStore(DETECTOR, SeriesShard, cache), ShardStore("machines", SeriesShard, cache)
    await put(mine, databases, tenant, {0: shard_of(1.0)})
    await put(machines, databases, tenant, {0: shard_of(7.0)})
    assert await value_in(mine, databases, tenant) == [1.0]
    assert await value_in(machines, databases, tenant) == [7.0]
    stranger = await make_tenant()
    assert await value_in(mine, databases, stranger) == []


async def test_single_states_go_out_and_in(databases: Databases, tenant: MadeTenant) -> None:
    rng = np.random.default_rng(3)
    state, _ = feed(regular(300, 120_000), rng.normal(0.0, 1.0, (300, 3)))
    ids = [4, 5, SHARD_SERIES + 2]
    rows = {series: state.take(np.array([row])) for row, series in enumerate(ids)}
    async with databases.worker.transaction(tenant.id) as work:
        await replace_states(work, rows)
    async with databases.worker.transaction(tenant.id) as work:
        found = await read_states(work, [*ids, 6, 9 * SHARD_SERIES])
        assert {series: one.to_bytes() for series, one in found.items()} == {
            series: one.to_bytes() for series, one in rows.items()
        }
        later = batch_of(regular(40, 240_000)[1:] + 300 * 120_000, np.linspace(0.0, 3.0, 39))
        changed, _ = step(rows[5], later, ConfigColumns.from_configs([DetectionConfig()]))
        await replace_states(work, {5: changed})
    async with databases.worker.reading(tenant.id) as work:
        again = await read_states(work, ids)
    expected = {**rows, 5: changed}
    assert {series: one.to_bytes() for series, one in again.items()} == {
        series: one.to_bytes() for series, one in expected.items()
    }
