"""Shards of one detector: read where the process does not have them already, written in the given transaction.

Invariants:
- A value comes from the cache only if the transaction has read that its version is the stored one.
- Each write has a version that no other write ever has, so what was rolled back is never taken for what is stored.
- The cache learns of a write after its commit. Values in it are never written to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar
from uuid import UUID, uuid4

from plantwright.core.database import UnitOfWork
from plantwright.core.errors import PlantwrightError
from plantwright.detection.states import repository
from plantwright.detection.states.shard_cache import ShardCache


class StateOvertaken(PlantwrightError):
    code = "DETECTION_STATE_OVERTAKEN"


class StoredShard(Protocol):
    """What a store can keep."""

    @classmethod
    def empty(cls) -> Self:
        """A shard that has never been stored."""
        ...

    @classmethod
    def from_bytes(cls, data: bytes) -> Self: ...

    def to_bytes(self) -> bytes: ...

    @property
    def nbytes(self) -> int:
        """What it takes of the memory."""
        ...


S = TypeVar("S", bound=StoredShard)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """A shard as the transaction found it; no version if it is new."""

    version: UUID | None
    value: S


class ShardStore(Generic[S]):
    def __init__(self, detector: str, kind: type[S], cache: ShardCache) -> None:
        self._detector = detector
        self._kind = kind
        self._cache = cache

    async def load(self, work: UnitOfWork, shards: Iterable[int]) -> dict[int, Loaded[S]]:
        """These shards, new ones empty.

        Raises:
            StateUnreadable: what is stored has another format.
        """
        wanted = list(shards)
        versions = await repository.read_versions(work, self._detector, wanted)
        loaded = {shard: Loaded(None, self._kind.empty()) for shard in wanted if shard not in versions}
        for shard, version in versions.items():
            value: Any = self._cache.get(self._key(work, shard), version)
            if value is not None:
                loaded[shard] = Loaded(version, value)
        missing = [shard for shard in wanted if shard not in loaded]
        for shard, version, data in await repository.read_shards(work, self._detector, missing) if missing else ():
            loaded[shard] = Loaded(version, self._kind.from_bytes(data))
            self._remember(work, shard, loaded[shard])
        return loaded

    async def save(self, work: UnitOfWork, before: Mapping[int, Loaded[S]], after: Mapping[int, S]) -> None:
        """Store shards in the place of those that were loaded.

        Raises:
            StateOvertaken: another transaction has stored one of them in the meantime.
        """
        if not after:
            return
        version = uuid4()
        replaced = [found for shard in after if (found := before[shard].version) is not None]
        states = {shard: value.to_bytes() for shard, value in after.items()}
        written = await repository.write_shards(work, self._detector, states, replaced, version)
        if written != len(after):
            raise StateOvertaken(
                "Another process has changed what detection remembers. Nothing was stored; the readings are taken in "
                "again with the next round."
            )

        async def remember() -> None:
            for shard, value in after.items():
                self._remember(work, shard, Loaded(version, value))

        work.after_commit(f"detection_shards:{self._detector}:{version}", remember)

    def _remember(self, work: UnitOfWork, shard: int, loaded: Loaded[S]) -> None:
        self._cache.put(self._key(work, shard), loaded.version, loaded.value, loaded.value.nbytes)

    def _key(self, work: UnitOfWork, shard: int) -> tuple[UUID, str, int]:
        return work.tenant_id, self._detector, shard
