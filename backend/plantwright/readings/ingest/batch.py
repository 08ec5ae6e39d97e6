"""What travels from the ingest door to the writer."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from plantwright.assets.series import SeriesName
from plantwright.readings.arrays import Float64s, Int8s, Int32s, Int64s


@dataclass(frozen=True, slots=True)
class BatchKey:
    """Names a batch for good: the sender repeats it with the same content until it is acknowledged."""

    agent: UUID
    stream: str
    sequence: int


@dataclass(frozen=True, slots=True)
class ItemError:
    """Why the reading at `index` of the request was refused."""

    index: int
    machine_identifier: str | None
    error: str


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """Readings of one request, a column each; `index` is the position in the request.

    `names` are the series as the sender calls them, each once; `name_of` is the place in `names` of each reading.
    """

    index: Int64s
    names: Sequence[SeriesName]
    name_of: Int32s
    time_ms: Int64s
    value: Float64s
    quality: Int8s

    def __len__(self) -> int:
        return len(self.index)

    def only(self, keep: NDArray[np.bool_]) -> "NamedColumns":
        return NamedColumns(
            self.index[keep],
            self.names,
            self.name_of[keep],
            self.time_ms[keep],
            self.value[keep],
            self.quality[keep],
        )

    def refusal(self, place: int, reason: str) -> ItemError:
        """Why the reading at this place of the columns is refused."""
        machine = self.names[int(self.name_of[place])][0]
        return ItemError(int(self.index[place]), machine, reason)

    def digest(self) -> bytes:
        """Eight bytes that are the same for the same readings in the same order, in whatever form they were sent."""
        order = sorted(range(len(self.names)), key=self.names.__getitem__)
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        hasher = blake2b("\x00".join("\x01".join(self.names[place]) for place in order).encode(), digest_size=8)
        for column in (rank[self.name_of], self.time_ms, self.value, self.quality):
            hasher.update(np.ascontiguousarray(column).data)
        return hasher.digest()


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """Readings with their series resolved: `series_id`, milliseconds since 1970, value, quality class."""

    series_id: Int32s
    time_ms: Int64s
    value: Float64s
    quality: Int8s

    def __len__(self) -> int:
        return len(self.series_id)


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """One batch to be stored; `errors` is the JSON of its refused readings, kept for a repeated answer.

    `digest` tells a repeated batch from another one that was sent under the same key.
    """

    tenant_id: UUID
    tenant_no: int
    key: BatchKey | None
    columns: SeriesColumns
    errors: str | None = None
    digest: bytes | None = None
