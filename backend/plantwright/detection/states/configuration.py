"""The settings of the series of a shard as columns, built anew only when settings have changed."""

from collections.abc import Mapping

from plantwright.core.database import UnitOfWork
from plantwright.detection.config import ConfigColumns
from plantwright.detection.replay.history import overlay
from plantwright.detection.service import tenant_default
from plantwright.detection.states import repository
from plantwright.detection.states.shard_cache import ShardCache
from plantwright.detection.states.shards import SHARD_SERIES, SeriesIds

_CHANGES = ("settings.changed", "metric.settings_changed")


class Configurations:
    def __init__(self, cache: ShardCache) -> None:
        self._cache = cache

    async def of(self, work: UnitOfWork, shards: Mapping[int, SeriesIds]) -> dict[int, ConfigColumns]:
        """Columns per shard, a row per series in the given order."""
        newest = await repository.newest_change(work, _CHANGES)
        found: dict[int, ConfigColumns] = {}
        for shard, series_ids in shards.items():
            columns = self._cache.get((work.tenant_id, "settings", shard), (newest, len(series_ids)))
            if columns is not None:
                found[shard] = columns
        missing = {shard: series_ids for shard, series_ids in shards.items() if shard not in found}
        if missing:
            built = await _built(work, missing)
            for shard, columns in built.items():
                key, version = (work.tenant_id, "settings", shard), (newest, len(missing[shard]))
                self._cache.put(key, version, columns, columns.nbytes)
            found |= built
        return found


async def _built(work: UnitOfWork, shards: Mapping[int, SeriesIds]) -> dict[int, ConfigColumns]:
    default = await tenant_default(work)
    lowest, highest = min(shards) * SHARD_SERIES, (max(shards) + 1) * SHARD_SERIES - 1
    metrics = await repository.metrics_with_settings(work, lowest, highest)
    own = {int(metric.series_id or 0): overlay(default, metric.detection) for metric in metrics}
    built = {}
    for shard, series_ids in shards.items():
        configs = [own.get(series, default) for series in series_ids.tolist()]
        built[shard] = ConfigColumns.from_configs(configs)
    return built
