# ruff: noqa: RUF009 - `column` returns a dataclass field
"""What detection remembers of each series between batches.

Invariants:
- A row holds everything that the past of a series may contribute to its next finding.
- The bytes of a state depend only on the readings and the configuration that made it.
- A state that was handed out is never written to again; `engine.step` works on copies.
"""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from plantwright.core.errors import PlantwrightError
from plantwright.detection.columns import Bools, Columns, Floats, Ints, column

BUCKETS = 168
DETECTORS = 3
# Older than any time stamp, yet far enough from the limits of 64 bits to subtract from.
NEVER = -(2**62)
NO_HOUR = -(2**40)


class StateUnreadable(PlantwrightError):
    code = "DETECTION_STATE_UNREADABLE"


@dataclass(frozen=True, slots=True)
class Series(Columns):
    """Scalars per series, shape (rows,). Weights and means: see `window`; the rest: see the detectors."""

    last_time: Ints = column("<i8", fill=NEVER)
    last_value: Floats = column("<f8")
    usual_interval: Floats = column("<f8")
    quantum: Floats = column("<f8")
    hour: Ints = column("<i8", fill=NO_HOUR)
    bucket_count: Ints = column("<i8")
    bucket_weight: Floats = column("<f8")
    bucket_mean: Floats = column("<f8")
    bucket_m2: Floats = column("<f8")
    bucket_peak: Floats = column("<f8")
    closed_hours: Ints = column("<i8")
    closed_count: Ints = column("<i8")
    closed_weight: Floats = column("<f8")
    closed_mean: Floats = column("<f8")
    closed_m2: Floats = column("<f8")
    closed_peak_squares: Floats = column("<f8")
    swings: Ints = column("<i8")
    is_high: Bools = column("|b1")
    ewma: Floats = column("<f8")
    ewma_decay: Floats = column("<f8", fill=1.0)
    ewma_variance: Floats = column("<f8")
    ewma_interval: Floats = column("<f8")
    change_square: Floats = column("<f8")


@dataclass(frozen=True, slots=True)
class Buckets(Columns):
    """The closed hours of the window, shape (rows, 168); hour h is in slot h mod 168."""

    count: Ints = column("<i4", BUCKETS)
    weight: Floats = column("<f8", BUCKETS)
    mean: Floats = column("<f8", BUCKETS)
    m2: Floats = column("<f8", BUCKETS)
    peak: Floats = column("<f4", BUCKETS)


@dataclass(frozen=True, slots=True)
class Episodes(Columns):
    """One episode per series and detector, shape (rows, 3); see `episodes`."""

    is_open: Bools = column("|b1", DETECTORS)
    is_critical: Bools = column("|b1", DETECTORS)
    count: Ints = column("<i8", DETECTORS)
    started: Ints = column("<i8", DETECTORS)
    last_violation: Ints = column("<i8", DETECTORS)
    last_emitted: Ints = column("<i8", DETECTORS)
    peak: Floats = column("<f8", DETECTORS)


@dataclass(frozen=True, slots=True)
class DetectionState:
    """State of many series; the caller remembers which row belongs to which series.

    The buckets may be left out (no rows): they are most of the bytes, and needed only when an hour ends.
    """

    series: Series
    buckets: Buckets
    episodes: Episodes

    _MAGIC: ClassVar[bytes] = b"PWDS"
    _VERSION: ClassVar[int] = 1
    _HEADER: ClassVar[struct.Struct] = struct.Struct("<4sHQ")

    @classmethod
    def empty(cls, rows: int) -> Self:
        return cls(Series.empty(rows), Buckets.empty(rows), Episodes.empty(rows))

    @property
    def rows(self) -> int:
        return len(self.series.last_time)

    @property
    def has_buckets(self) -> bool:
        return len(self.buckets.count) == self.rows

    def grow(self, rows: int) -> Self:
        """A copy with `rows` new series at the end; existing rows keep their index."""
        buckets = self.buckets.grown(rows) if self.has_buckets else self.buckets
        return type(self)(self.series.grown(rows), buckets, self.episodes.grown(rows))

    def take(self, rows: Ints) -> Self:
        """A copy of some rows."""
        buckets = self.buckets.take(rows) if self.has_buckets else self.buckets
        return type(self)(self.series.take(rows), buckets, self.episodes.take(rows))

    def restarted(self, rows: Ints) -> Self:
        """The same with what these rows have learnt forgotten; how they are read, and what goes on, stays."""
        if not len(rows):
            return self
        series, buckets = self.series.copy(), self.buckets.copy()
        fresh, old = Series.empty(len(rows)), self.series.take(rows)
        for name in ("last_time", "last_value", "usual_interval", "quantum"):
            getattr(fresh, name)[:] = getattr(old, name)
        series.put(rows, fresh)
        buckets.put(rows, Buckets.empty(len(rows)))
        return type(self)(series, buckets, self.episodes)

    def to_bytes(self) -> bytes:
        """Header (magic, version, row count), then series, episodes and buckets, column after column."""
        header = self._HEADER.pack(self._MAGIC, self._VERSION, self.rows)
        return header + self.series.to_bytes() + self.episodes.to_bytes() + self.buckets.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The exact inverse of `to_bytes`.

        Raises:
            StateUnreadable: other format, other version, or not the length that the header promises.
        """
        rows = cls._checked_rows(data)
        at_episodes = cls._HEADER.size + rows * Series.row_bytes()
        at_buckets = at_episodes + rows * Episodes.row_bytes()
        return cls(
            series=Series.from_bytes(data, rows, cls._HEADER.size),
            buckets=Buckets.from_bytes(data, rows, at_buckets),
            episodes=Episodes.from_bytes(data, rows, at_episodes),
        )

    @classmethod
    def _checked_rows(cls, data: bytes) -> int:
        if len(data) < cls._HEADER.size:
            raise StateUnreadable("The stored detection state is cut short. Rebuild it from the readings log.")
        magic, version, rows = cls._HEADER.unpack_from(data)
        if magic != cls._MAGIC:
            raise StateUnreadable("This is not a detection state. Rebuild it from the readings log.")
        if version != cls._VERSION:
            raise StateUnreadable(
                f"The detection state has version {version}; this release reads version {cls._VERSION}. "
                "Rebuild it from the readings log."
            )
        expected = cls._HEADER.size + int(rows) * bytes_per_series()
        if len(data) != expected:
            raise StateUnreadable(
                f"The detection state has {len(data)} bytes where {expected} are expected. "
                "Rebuild it from the readings log."
            )
        return int(rows)


def bytes_per_series() -> int:
    return Series.row_bytes() + Episodes.row_bytes() + Buckets.row_bytes()
