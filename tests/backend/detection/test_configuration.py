"""Settings as columns: read again when they have changed, and only then."""

from collections.abc import Sequence

import numpy as np
import pytest
from plantwright.assets.models import Metric
from plantwright.core.database import UnitOfWork
from plantwright.detection.config import ConfigColumns
from plantwright.detection.service import change_metric, change_tenant_default
from plantwright.detection.states import repository
from plantwright.detection.states.configuration import Configurations
from plantwright.detection.states.shard_cache import ShardCache
from plantwright.detection.states.shards import SHARD_SERIES

from tests.backend.detection.stored_plant import Plant


class Reader:
    """Counts how often settings of metrics are read."""

    def __init__(self, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
        self._plant = plant
        self._configurations = Configurations(ShardCache())
        self.reads = 0
        read = repository.metrics_with_settings

        async def counted(work: UnitOfWork, lowest: int, highest: int) -> Sequence[Metric]:
            self.reads += 1
            return await read(work, lowest, highest)

        monkeypatch.setattr(repository, "metrics_with_settings", counted)

    async def columns(self, *series: int) -> ConfigColumns:
        shard = series[0] // SHARD_SERIES
        async with self._plant.databases.worker.reading(self._plant.tenant.id) as work:
            found = await self._configurations.of(work, {shard: np.array(series, np.int32)})
        return found[shard]


async def test_settings_are_read_again_when_they_have_changed(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(plant, monkeypatch)
    flow, pressure = plant.series("flow"), plant.series("pressure")
    first = await reader.columns(flow, pressure)
    assert first.ewma_lambda.tolist() == [0.2, 0.2]
    assert await reader.columns(flow, pressure) is first
    assert reader.reads == 1

    async with plant.databases.app.transaction(plant.tenant.id) as work:
        actor = plant.tenant.admin_id
        await change_metric(work, plant.journal, actor, plant.metrics["pressure"].id, {"ewma_lambda": 0.05})
    assert (await reader.columns(flow, pressure)).ewma_lambda.tolist() == [0.2, 0.05]
    async with plant.databases.app.transaction(plant.tenant.id) as work:
        await change_tenant_default(work, plant.journal, actor, {"ewma_lambda": 0.1, "confirm_readings": 7})
    changed = await reader.columns(flow, pressure)
    assert (changed.ewma_lambda.tolist(), changed.confirm_readings.tolist()) == ([0.1, 0.05], [7, 7])
    assert await reader.columns(flow, pressure) is changed
    assert reader.reads == 3


async def test_a_shard_that_grows_gets_a_row_more(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(plant, monkeypatch)
    await reader.columns(plant.series("flow"))
    grown = await reader.columns(plant.series("flow"), plant.series("pressure"))
    assert len(grown.enabled) == 2
    assert reader.reads == 2
