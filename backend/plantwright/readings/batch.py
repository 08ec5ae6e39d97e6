"""What travels from the ingest door to the writer."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Int8s = NDArray[np.int8]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]


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
    """Accepted readings of one request, a column each; `index` is the position in the request."""

    index: Int64s
    machine: list[str]
    metric: list[str]
    unit: list[str]
    time_ms: Int64s
    value: Float64s
    quality: Int8s

    def __len__(self) -> int:
        return len(self.machine)

    def only(self, keep: NDArray[np.bool_]) -> "NamedColumns":
        places = np.flatnonzero(keep).tolist()
        return NamedColumns(
            self.index[keep],
            [self.machine[place] for place in places],
            [self.metric[place] for place in places],
            [self.unit[place] for place in places],
            self.time_ms[keep],
            self.value[keep],
            self.quality[keep],
        )


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
    """One batch to be stored; `errors` is the JSON of its refused readings, kept for a repeated answer."""

    tenant_id: UUID
    tenant_no: int
    key: BatchKey | None
    columns: SeriesColumns
    errors: str | None = None
