"""What the consumer notes beside states and findings: snapshots, series to derive anew, and which settings it knew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from plantwright.core.database import UnitOfWork
from plantwright.detection.columns import Ints
from plantwright.detection.replay import history_repository, late_repository, snapshots_repository
from plantwright.detection.replay.history import SettingsChange, SettingsHistory
from plantwright.detection.replay.snapshots import rows_of
from plantwright.detection.replay.steps import Snapshot
from plantwright.detection.service import SETTING
from plantwright.detection.states import repository
from plantwright.detection.states.shards import SHARD_SERIES
from plantwright.identity.settings import read_setting


@dataclass(frozen=True, slots=True)
class KnownSettings:
    """`newest` is the last change that is known, `by_shard` what each shard was last judged by."""

    newest: int
    by_shard: Mapping[int, int]
    unseen: list[SettingsChange]


async def known_settings(work: UnitOfWork, shards: Iterable[int]) -> KnownSettings:
    """To be read before the settings themselves: a change that commits between is found by the next transaction."""
    newest = await history_repository.newest_change(work)
    by_shard = await history_repository.seen_by_shard(work) if newest else {}
    behind = min((by_shard.get(shard, 0) for shard in shards), default=newest)
    unseen = await history_repository.unseen_changes(work, behind) if behind < newest else []
    return KnownSettings(newest, by_shard, unseen)


async def history_since(work: UnitOfWork, since_ms: int, shards: Iterable[int]) -> SettingsHistory:
    """Settings of the series of these shards from a time on."""
    changes = await history_repository.changes_since(work, since_ms)
    if not changes:
        return SettingsHistory({}, {})
    numbers = list(shards)
    lowest, highest = min(numbers) * SHARD_SERIES, (max(numbers) + 1) * SHARD_SERIES - 1
    metrics = await repository.metrics_with_settings(work, lowest, highest)
    own = {int(metric.series_id or 0): metric.detection or {} for metric in metrics}
    return SettingsHistory(await read_setting(work, SETTING, {}), own, changes)


def judged_too_soon(shard: int, series: Ints, last_time: Ints, known: KnownSettings) -> dict[int, int]:
    """Series whose readings were judged before a change was known that holds for them, and from when on."""
    late: dict[int, int] = {}
    for change in known.unseen:
        if change.number <= known.by_shard.get(shard, 0):
            continue
        concerned = (last_time >= change.holds_from_ms) & (
            np.ones(len(series), np.bool_) if change.series is None else series == change.series
        )
        for number in series[concerned].tolist():
            late[number] = min(change.holds_from_ms, late.get(number, change.holds_from_ms))
    return late


async def save_notes(
    work: UnitOfWork, snapshots: list[Snapshot], late: Mapping[int, int], shards: Iterable[int], known: KnownSettings
) -> None:
    await snapshots_repository.add(work, rows_of(snapshots))
    await late_repository.note(work, late)
    behind = [shard for shard in shards if known.by_shard.get(shard, 0) < known.newest]
    if behind:
        await history_repository.keep_seen(work, behind, known.newest)
