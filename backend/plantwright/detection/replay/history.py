"""Settings of the detectors by the time from which they hold: a reading is judged by those in force at its own time.

The present settings are kept where they always were. A change adds what it replaced and the time from which it holds,
so the settings at a time are what the first change after it has replaced, or the present ones.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from plantwright.detection.columns import Ints
from plantwright.detection.config import DetectionConfig

Settings = Mapping[str, Any]

_FIELDS = frozenset(spec.name for spec in fields(DetectionConfig))


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """`series` is None for the tenant's default; `holds_from_ms` is the first event time judged by the new settings."""

    number: int
    series: int | None
    holds_from_ms: int
    settings: Settings | None
    replaced: Settings | None


def overlay(base: DetectionConfig, changes: Settings | None) -> DetectionConfig:
    """`base` with some fields changed; fields that this release does not know are passed over.

    Raises:
        ValidationFailed: a number is outside its range.
    """
    known = {name: value for name, value in (changes or {}).items() if name in _FIELDS}
    return DetectionConfig(**{**asdict(base), **known})


class SettingsHistory:
    """Settings of a tenant's series at any time.

    Args:
        default: the tenant's present settings.
        own: present settings of the series that have some of their own.
        changes: all that hold from a later time than the earliest that will be asked for.
    """

    def __init__(self, default: Settings, own: Mapping[int, Settings], changes: Sequence[SettingsChange] = ()) -> None:
        ordered = sorted(changes, key=lambda change: (change.holds_from_ms, change.number))
        self._default = _Line(default, [change for change in ordered if change.series is None])
        of_series: dict[int, list[SettingsChange]] = {}
        for change in ordered:
            if change.series is not None:
                of_series.setdefault(change.series, []).append(change)
        self._own = {series: _Line(own.get(series), made) for series, made in of_series.items()}
        self._present_own = own
        self._known: dict[tuple[int, int, int], DetectionConfig] = {}

    @property
    def has_changes(self) -> bool:
        return bool(self._default.times or self._own)

    def to_come(self, series: Ints, time_ms: Ints) -> Ints:
        """How many changes still lie ahead of each reading; 0 where the present settings are in force."""
        count = _after(self._default.times, time_ms)
        for number, line in self._own.items():
            mine = series == number
            if mine.any():
                count[mine] += _after(line.times, time_ms[mine])
        return count

    def at(self, series: int, time_ms: int) -> DetectionConfig:
        line = self._own.get(series)
        place = self._default.place(time_ms), series, line.place(time_ms) if line else 0
        if place not in self._known:
            own = line.at(place[2]) if line else self._present_own.get(series)
            self._known[place] = overlay(overlay(DetectionConfig(), self._default.at(place[0])), own)
        return self._known[place]

    def present(self, series: int) -> DetectionConfig:
        return self.at(series, 2**62)


class _Line:
    def __init__(self, present: Settings | None, changes: Sequence[SettingsChange]) -> None:
        self.times = [change.holds_from_ms for change in changes]
        earlier = [changes[0].replaced, *(change.settings for change in changes[:-1])] if changes else []
        self._settings = [*earlier, present]

    def place(self, time_ms: int) -> int:
        return bisect_right(self.times, time_ms)

    def at(self, place: int) -> Settings | None:
        return self._settings[place]


def _after(times: Sequence[int], time_ms: Ints) -> Ints:
    if not times:
        return np.zeros(len(time_ms), np.int64)
    return len(times) - np.searchsorted(np.array(times, np.int64), time_ms, side="right").astype(np.int64)
