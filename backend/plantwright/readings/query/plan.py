"""Which part of a window is read from where, so that no more than so many points come out and the window is exact.

Widths of buckets are these, and whole numbers of days: 1, 2, 5, 10, 20, 50, 100, 200 and 500 ms; 1, 2, 5, 10, 15 and
30 s; 1, 2, 3, 5, 10, 15, 20 and 30 min; 1, 2, 3, 4, 6, 8 and 12 h. Bucket k of width w covers `[k * w, (k + 1) * w)`
since 1970 in UTC, so a point stays where it is while a window moves. The grid of a window is the narrowest of them with

    ceil(end / w) - floor(start / w) <= max_points

A single point is the exception: its bucket is the window.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

from plantwright.readings.ingest.segments import DAY_MS

SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000
_WIDTHS = (
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(SECOND_MS * count for count in (1, 2, 5, 10, 15, 30)),
    *(MINUTE_MS * count for count in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(HOUR_MS * count for count in (1, 2, 3, 4, 6, 8, 12)),
)


class Level(IntEnum):
    """What is stored, by the milliseconds that one of it covers."""

    RAW = 0
    MINUTE = MINUTE_MS
    HOUR = HOUR_MS
    DAY = DAY_MS

    def coarser(self) -> "Level | None":
        return next((level for level in Level if level > self), None)


@dataclass(frozen=True, slots=True)
class Window:
    """`start_ms <= time < end_ms`, in milliseconds since 1970; what begins at `frontier_ms` or later has no rollups."""

    start_ms: int
    end_ms: int
    frontier_ms: int


@dataclass(frozen=True, slots=True)
class Grid:
    """`count` buckets of `width_ms`, the first from `start_ms` on."""

    start_ms: int
    width_ms: int
    count: int

    @property
    def level(self) -> Level:
        """The coarsest of which a bucket can be made."""
        return max(level for level in Level if level <= self.width_ms)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a window and where it is read from; parts of rollups begin and end with a bucket of theirs."""

    level: Level
    start_ms: int
    end_ms: int


def choose_grid(window: Window, max_points: int, level: Level = Level.RAW) -> Grid:
    """The narrowest grid with at most `max_points` buckets, of which none is finer than `level`."""
    if max_points == 1:
        return Grid(window.start_ms, window.end_ms - window.start_ms, 1)
    for width in _WIDTHS:
        if width >= level and _touched(window, width) <= max_points:
            return _grid(window, width)
    # With two points or more this is found at the latest where one bucket is as wide as the window.
    days = max(1, (window.end_ms - window.start_ms) // (DAY_MS * max_points))
    while _touched(window, days * DAY_MS) > max_points:
        days += 1
    return _grid(window, days * DAY_MS)


def split(window: Window, level: Level, finest: Level = Level.RAW) -> list[Part]:
    """The window in parts, in order: its aligned middle from `level`, its edges from ever finer ones.

    Edges that are finer than `finest` are left out.
    """
    if window.start_ms >= window.end_ms or level < finest:
        return []
    if level == Level.RAW:
        return [Part(Level.RAW, window.start_ms, window.end_ms)]
    finer = max(other for other in Level if other < level)
    first = -(-window.start_ms // level) * level
    last = min(window.end_ms, window.frontier_ms) // level * level
    if first >= last:
        return split(window, finer, finest)
    before, after = replace(window, end_ms=first), replace(window, start_ms=last)
    return [*split(before, finer, finest), Part(level, first, last), *split(after, finer, finest)]


def _touched(window: Window, width_ms: int) -> int:
    return -(-window.end_ms // width_ms) - window.start_ms // width_ms


def _grid(window: Window, width_ms: int) -> Grid:
    return Grid(window.start_ms // width_ms * width_ms, width_ms, _touched(window, width_ms))
