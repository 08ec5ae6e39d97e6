"""A shard: the state of neighbouring series, stored as one value; the hours of their windows are stored apart.

A series belongs to the shard of its number, whatever other series there are. Series keep the row in which they
came, so what is stored of an hour stays right when a shard grows.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from plantwright.detection.charts.state import BUCKETS, Buckets, DetectionState, Episodes, Series, StateUnreadable
from plantwright.detection.columns import Ints

# The rows of a shard and what is computed from them fit the cache of a core together.
SHARD_SERIES = 2048

SeriesIds = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SeriesShard:
    """Series numbers, shape (rows,), and the state of these rows without its hours."""

    series_ids: SeriesIds
    state: DetectionState

    _MAGIC: ClassVar[bytes] = b"PWSS"
    _VERSION: ClassVar[int] = 1
    _HEADER: ClassVar[struct.Struct] = struct.Struct("<4sHII")

    @classmethod
    def empty(cls) -> Self:
        return cls(np.zeros(0, np.int32), DetectionState.empty(0))

    @property
    def nbytes(self) -> int:
        return self.series_ids.nbytes + self.state.series.nbytes + self.state.episodes.nbytes

    def rows_of(self, series: SeriesIds) -> Ints:
        """The row of each of these series, -1 for those that the shard does not have."""
        table = np.full(SHARD_SERIES, -1, np.int64)
        table[self.series_ids % SHARD_SERIES] = np.arange(len(self.series_ids))
        return table[series % SHARD_SERIES]

    def with_series(self, series: SeriesIds) -> Self:
        """The shard with new rows for those of these series that it does not have, in order of their numbers."""
        new = np.unique(series[self.rows_of(series) < 0])
        if not len(new):
            return self
        series_ids = np.concatenate((self.series_ids, new)).astype(np.int32)
        return type(self)(series_ids, self.state.grow(len(new)))

    def to_bytes(self) -> bytes:
        """Header (magic, version, rows, rows with episodes), numbers, columns, then the episodes that there are."""
        occupied = np.flatnonzero(self.state.episodes.count.any(axis=1))
        header = self._HEADER.pack(self._MAGIC, self._VERSION, len(self.series_ids), len(occupied))
        numbers, places = self.series_ids.astype("<i4").tobytes(), occupied.astype("<i4").tobytes()
        episodes = self.state.episodes.take(occupied)
        return b"".join([header, numbers, self.state.series.to_bytes(), places, episodes.to_bytes()])

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The exact inverse of `to_bytes`.

        Raises:
            StateUnreadable: other format, other version, or not the length that the header promises.
        """
        rows, occupied = cls._checked_header(data)
        at_series = cls._HEADER.size + 4 * rows
        at_places = at_series + rows * Series.row_bytes()
        places = np.frombuffer(data, "<i4", occupied, at_places).astype(np.int64)
        episodes = Episodes.empty(rows)
        episodes.put(places, Episodes.from_bytes(data, occupied, at_places + 4 * occupied))
        series = Series.from_bytes(data, rows, at_series)
        series_ids = np.frombuffer(data, "<i4", rows, cls._HEADER.size).astype(np.int32)
        return cls(series_ids, DetectionState(series, Buckets.empty(0), episodes))

    @classmethod
    def _checked_header(cls, data: bytes) -> tuple[int, int]:
        rebuild = "Rebuild it from the readings log."
        if len(data) < cls._HEADER.size:
            raise StateUnreadable(f"The stored state of a shard is cut short. {rebuild}")
        magic, version, rows, occupied = cls._HEADER.unpack_from(data)
        if (magic, version) != (cls._MAGIC, cls._VERSION):
            raise StateUnreadable(f"This is not the state of a shard in format {cls._VERSION}. {rebuild}")
        expected = cls._HEADER.size + rows * (4 + Series.row_bytes()) + occupied * (4 + Episodes.row_bytes())
        if len(data) != expected:
            raise StateUnreadable(f"The state of a shard has {len(data)} bytes, not {expected}. {rebuild}")
        return int(rows), int(occupied)


def hour_bytes(buckets: Buckets, slot: int) -> bytes:
    """One slot of all rows, column after column."""
    return b"".join(array[:, slot].tobytes() for array in buckets.arrays().values())


def buckets_of(rows: int, slots: Mapping[int, bytes]) -> Buckets:
    """The inverse of `hour_bytes`; rows that came later than a slot was stored have nothing in it.

    Raises:
        StateUnreadable: a slot that is not there, or not the length of a number of rows.
    """
    buckets, width = Buckets.empty(rows), Buckets.row_bytes() // BUCKETS
    for slot, data in slots.items():
        stored, rest = divmod(len(data), width)
        if rest or stored > rows or not 0 <= slot < BUCKETS:
            raise StateUnreadable("A stored hour does not fit its shard. Rebuild the state from the readings log.")
        offset = 0
        for array in buckets.arrays().values():
            array[:stored, slot] = np.frombuffer(data, array.dtype, stored, offset)
            offset += stored * array.itemsize
    return buckets


def changed_slots(before: Buckets, after: Buckets) -> list[int]:
    """The slots that differ in at least one row."""
    differs = np.zeros(BUCKETS, np.bool_)
    for old, new in zip(before.arrays().values(), after.arrays().values(), strict=True):
        differs |= (old != new).any(axis=0)
    return np.flatnonzero(differs).tolist()
