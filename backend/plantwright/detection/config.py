# ruff: noqa: RUF009 - `column` returns a dataclass field
"""Settings of the detectors per series, and the same as columns for the engine.

The defaults and their reasons are in docs/detectors.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from plantwright.core.errors import ValidationFailed
from plantwright.detection.columns import Bools, Columns, Floats, Ints, column

Ranges = Mapping[str, tuple[float, float]]

_RANGES: Ranges = {
    "baseline_threshold": (1.0, 100.0),
    "baseline_min_samples": (10, 100_000),
    "ewma_lambda": (0.01, 1.0),
    "ewma_threshold": (1.0, 100.0),
    "rate_threshold": (1.0, 1_000.0),
    "confirm_readings": (1, 1_000),
    "clear_seconds": (0, 86_400),
    "critical_factor": (1.0, 100.0),
    "baseline_from": (0, 4_102_444_800_000),
}
_WHOLE = frozenset({"baseline_min_samples", "confirm_readings", "clear_seconds", "baseline_from"})


def require_ranges(settings: Any, ranges: Ranges, whole: frozenset[str]) -> None:
    """
    Args:
        settings: has `enabled` and the names below.
        ranges: lowest and highest number of each name.
        whole: names of whole numbers.

    Raises:
        ValidationFailed: a number is outside its range; `path` names the field.
    """
    if not isinstance(settings.enabled, bool):
        raise ValidationFailed("enabled must be true or false.", ["enabled"])
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        kinds = (int,) if name in whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            noun = "a whole number" if name in whole else "a number"
            raise ValidationFailed(f"{name} must be {noun} from {low:g} to {high:g}, not {value!r}.", [name])


@dataclass(frozen=True, slots=True)
class DetectionConfig:
    """How one series is watched.

    Attributes:
        enabled: whether findings are made; the baseline is learnt either way.
        baseline_threshold: deviation from the mean, in standard deviations, that violates.
        baseline_min_samples: readings in the window before anything is judged.
        ewma_lambda: weight of the newest reading in the moving average.
        ewma_threshold: distance of the moving average from the mean, in its own standard deviations, that violates.
        rate_threshold: change between readings, in units of the usual change, that violates.
        confirm_readings: violations in a row that open an episode of the first two detectors.
        clear_seconds: time without a violation that ends an episode.
        critical_factor: an episode is critical from threshold times this on.
        baseline_from: milliseconds since 1970; a reading from then on starts the baseline anew.

    Raises:
        ValidationFailed: a number is outside its range; `path` names the field.
    """

    enabled: bool = True
    baseline_threshold: float = 5.0
    baseline_min_samples: int = 30
    ewma_lambda: float = 0.2
    ewma_threshold: float = 5.0
    rate_threshold: float = 6.0
    confirm_readings: int = 3
    clear_seconds: int = 60
    critical_factor: float = 2.0
    baseline_from: int = 0

    def __post_init__(self) -> None:
        require_ranges(self, _RANGES, _WHOLE)


@dataclass(frozen=True, slots=True)
class ConfigColumns(Columns):
    """One row per series of the state, in the same order."""

    enabled: Bools = column("|b1")
    baseline_threshold: Floats = column("<f8")
    baseline_min_samples: Ints = column("<i8")
    ewma_lambda: Floats = column("<f8")
    ewma_threshold: Floats = column("<f8")
    rate_threshold: Floats = column("<f8")
    confirm_readings: Ints = column("<i8")
    clear_seconds: Ints = column("<i8")
    critical_factor: Floats = column("<f8")
    baseline_from: Ints = column("<i8")

    @classmethod
    def from_configs(cls, configs: Sequence[DetectionConfig]) -> Self:
        """Columns whose row i is `configs[i]`."""
        return cls(
            **{
                spec.name: np.array([getattr(config, spec.name) for config in configs], dtype=spec.metadata["dtype"])
                for spec in fields(cls)
            }
        )
