"""What a process remembers of shards between transactions."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

# About 800,000 series.
CACHE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Entry:
    version: Hashable
    value: Any
    nbytes: int


class ShardCache:
    """Values by key and version, up to a number of bytes; those that were not asked for the longest go first.

    A value is given out only to whoever names its version, so one that another process has replaced is never used.
    """

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable, version: Hashable) -> Any | None:
        entry = self._entries.get(key)
        if entry is None or entry.version != version:
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: Hashable, version: Hashable, value: Any, nbytes: int) -> None:
        self._drop(key)
        if nbytes > self._max_bytes:
            return
        self._entries[key] = _Entry(version, value, nbytes)
        self.nbytes += nbytes
        while self.nbytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.nbytes -= entry.nbytes
