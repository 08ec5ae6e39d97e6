"""From names to series: which series a machine's metric is, remembered by the process.

A series never changes its machine, name or unit, so what was found once stays true. That a machine is unknown is
forgotten after a second, because it may be registered meanwhile; that there is no room for a metric after half a
minute, because only a larger tier makes room.
"""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias
from uuid import UUID
from weakref import WeakValueDictionary

from plantwright.assets import series_repository as repository
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.recently_used import RecentlyUsed
from plantwright.identity.models import Tier

CAPACITY = 200_000
UNKNOWN_SECONDS = 1.0
NO_ROOM_SECONDS = 30.0
MACHINE_NOT_FOUND = "Machine not found"

# The most metrics of a tenant; docs/retention.md says why.
METRIC_LIMITS: Final[Mapping[Tier, int]] = MappingProxyType({Tier.FREE: 200, Tier.PRO: 5_000, Tier.ENTERPRISE: 100_000})

# What a sender calls a series: machine identifier, metric name, and the unit it sends.
SeriesName: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Series:
    series_id: int
    unit: str


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why there is no series, and until when that is believed, on the monotonic clock."""

    reason: str
    until: float


class SeriesCache:
    """Finds series through the `app` role, so under the tenant's own row-level security, and makes new ones."""

    def __init__(
        self,
        database: Database,
        *,
        capacity: int = CAPACITY,
        unknown_seconds: float = UNKNOWN_SECONDS,
        no_room_seconds: float = NO_ROOM_SECONDS,
        limits: Mapping[Tier, int] = METRIC_LIMITS,
    ) -> None:
        self._database = database
        self._unknown_seconds = unknown_seconds
        self._no_room_seconds = no_room_seconds
        self._limits = limits
        self._known = RecentlyUsed[tuple[UUID, str, str], Series](capacity)
        self._unknown = RecentlyUsed[tuple[UUID, str], _Refusal](capacity)
        self._no_room = RecentlyUsed[tuple[UUID, str, str], _Refusal](capacity)
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def resolve(self, tenant_id: UUID, names: Collection[SeriesName]) -> dict[SeriesName, int | str]:
        """For each name its series id, or why readings under it are refused.

        A metric is made at its first reading, with that reading's unit, while the tenant's tier has room for it.
        Another unit later is refused: mixed units in one series would make its trend and its alarms wrong without
        a sign.
        """
        found = {name: self._lookup(tenant_id, name) for name in names}
        if any(series is None for series in found.values()):
            lock = self._locks.setdefault(tenant_id, asyncio.Lock())
            async with lock:
                # Requests that waited find what the one before them has looked up.
                found = {name: self._lookup(tenant_id, name) for name in names}
                missing = [name for name, series in found.items() if series is None]
                if missing:
                    found |= await self._load(tenant_id, missing)
        return {name: _verdict(name, series) for name, series in found.items()}

    def _lookup(self, tenant_id: UUID, name: SeriesName) -> Series | _Refusal | None:
        machine, metric, _unit = name
        series = self._known.get((tenant_id, machine, metric))
        if series is not None:
            return series
        now = time.monotonic()
        refusals = self._unknown.get((tenant_id, machine)), self._no_room.get((tenant_id, machine, metric))
        return next((refusal for refusal in refusals if refusal is not None and now < refusal.until), None)

    async def _load(self, tenant_id: UUID, names: Sequence[SeriesName]) -> dict[SeriesName, Series | _Refusal]:
        async with self._database.transaction(tenant_id) as work:
            machine_ids = await repository.machine_ids(work, {machine for machine, _, _ in names})
            # Of several units in one request the first one counts, as it would in several requests.
            wanted = {
                (machine_ids[machine], metric): unit
                for machine, metric, unit in reversed(names)
                if machine in machine_ids
            }
            found = await repository.find_series(work, wanted.keys()) if wanted else {}
            new = {key: unit for key, unit in wanted.items() if key not in found}
            limit = await self._make(work, new) if new else 0
            found |= await repository.find_series(work, new.keys()) if new else {}
        no_room = f"The tenant has {limit:,} metrics, the most its tier allows: no new metric is made"
        return {name: self._remember(tenant_id, name, machine_ids, found, no_room) for name in names}

    async def _make(self, work: UnitOfWork, units: Mapping[tuple[UUID, str], str]) -> int:
        """Make metrics while there is room for them; returns how many the tenant may have or has already."""
        tier, metrics = await repository.lock_metrics(work)
        limit = max(metrics, self._limits[tier])
        # Somebody else may have made some of them before the lock was free.
        found = await repository.find_series(work, units.keys())
        new = [(key, unit) for key, unit in sorted(units.items()) if key not in found][: limit - metrics]
        if new:
            await repository.add_series(work, dict(new))
        return limit

    def _remember(
        self,
        tenant_id: UUID,
        name: SeriesName,
        machine_ids: Mapping[str, UUID],
        found: Mapping[tuple[UUID, str], tuple[int, str]],
        no_room: str,
    ) -> Series | _Refusal:
        machine, metric, _unit = name
        now = time.monotonic()
        if machine not in machine_ids:
            refusal = _Refusal(MACHINE_NOT_FOUND, now + self._unknown_seconds)
            self._unknown.put((tenant_id, machine), refusal)
            return refusal
        key = machine_ids[machine], metric
        if key not in found:
            refusal = _Refusal(no_room, now + self._no_room_seconds)
            self._no_room.put((tenant_id, machine, metric), refusal)
            return refusal
        series = Series(*found[key])
        self._known.put((tenant_id, machine, metric), series)
        return series


def _verdict(name: SeriesName, series: Series | _Refusal | None) -> int | str:
    if not isinstance(series, Series):
        return MACHINE_NOT_FOUND if series is None else series.reason
    if series.unit != name[2]:
        return f"Unit must be {series.unit!r} as in the first reading of this metric"
    return series.series_id
