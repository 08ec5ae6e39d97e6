"""From names to series: which series a machine's metric is, remembered by the process.

A series never changes its machine, name or unit, so what was found once stays true. That a machine is unknown is
forgotten after a second, because it may be registered meanwhile.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from plantwright.assets import series_repository as repository
from plantwright.core.database import Database

CAPACITY = 200_000
UNKNOWN_SECONDS = 1.0


# What a sender calls a series: machine identifier, metric name, and the unit it sends.
SeriesName: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Series:
    series_id: int
    unit: str


_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class _RecentlyUsed(Generic[_Key, _Value]):
    """A dictionary of bounded size that forgets what has not been used for longest, roughly.

    Two generations: what is used moves to the young one; when that is full it becomes the old one, and the old one
    goes. That costs a plain dictionary's time per use, where an exact order would cost more than the lookup.
    """

    def __init__(self, capacity: int) -> None:
        self._half = max(1, capacity // 2)
        self._young: dict[_Key, _Value] = {}
        self._old: dict[_Key, _Value] = {}

    def get(self, key: _Key) -> _Value | None:
        value = self._young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: _Key, value: _Value) -> None:
        if len(self._young) >= self._half and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = value


class SeriesCache:
    """Finds series through the `app` role, so under the tenant's own row-level security, and makes new ones."""

    def __init__(
        self, database: Database, *, capacity: int = CAPACITY, unknown_seconds: float = UNKNOWN_SECONDS
    ) -> None:
        self._database = database
        self._unknown_seconds = unknown_seconds
        self._known = _RecentlyUsed[tuple[UUID, str, str], Series](capacity)
        self._unknown = _RecentlyUsed[tuple[UUID, str], float](capacity)
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def resolve(self, tenant_id: UUID, names: Collection[SeriesName]) -> dict[SeriesName, int | str]:
        """For each name its series id, or why readings under it are refused.

        A metric is made at its first reading, with that reading's unit. Another unit later is refused: mixed units
        in one series would make its trend and its alarms wrong without a sign.
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

    def _lookup(self, tenant_id: UUID, name: SeriesName) -> "Series | _Unknown | None":
        machine, metric, _unit = name
        series = self._known.get((tenant_id, machine, metric))
        if series is not None:
            return series
        unknown_since = self._unknown.get((tenant_id, machine))
        if unknown_since is not None and time.monotonic() - unknown_since < self._unknown_seconds:
            return _Unknown.MACHINE
        return None

    async def _load(self, tenant_id: UUID, names: Collection[SeriesName]) -> "dict[SeriesName, Series | _Unknown]":
        async with self._database.transaction(tenant_id) as work:
            machine_ids = await repository.machine_ids(work, {machine for machine, _, _ in names})
            wanted = {(machine_ids[machine], metric): unit for machine, metric, unit in names if machine in machine_ids}
            found = await repository.find_series(work, wanted.keys()) if wanted else {}
            new = {key: unit for key, unit in wanted.items() if key not in found}
            if new:
                await repository.add_series(work, new)
                found |= await repository.find_series(work, new.keys())
        return {name: self._remember(tenant_id, name, machine_ids, found) for name in names}

    def _remember(
        self,
        tenant_id: UUID,
        name: SeriesName,
        machine_ids: Mapping[str, UUID],
        found: Mapping[tuple[UUID, str], tuple[int, str]],
    ) -> "Series | _Unknown":
        machine, metric, _unit = name
        if machine not in machine_ids:
            self._unknown.put((tenant_id, machine), time.monotonic())
            return _Unknown.MACHINE
        series = Series(*found[machine_ids[machine], metric])
        self._known.put((tenant_id, machine, metric), series)
        return series


class _Unknown(Enum):
    MACHINE = "Machine not found"


def _verdict(name: SeriesName, series: Series | _Unknown | None) -> int | str:
    if not isinstance(series, Series):
        return _Unknown.MACHINE.value
    if series.unit != name[2]:
        return f"Unit must be {series.unit!r} as in the first reading of this metric"
    return series.series_id
