"""How the machine as a whole is watched."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from plantwright.detection.config import Ranges, require_ranges

Settings = Mapping[str, Any]

_RANGES: Ranges = {
    "threshold": (0.5, 100.0),
    "confirm_frames": (1, 1_000),
    "clear_seconds": (0, 86_400),
    "critical_factor": (1.0, 100.0),
}
_WHOLE = frozenset({"confirm_frames", "clear_seconds"})


@dataclass(frozen=True, slots=True)
class MultivariateConfig:
    """
    Attributes:
        enabled: whether findings are made; the reference is learnt either way.
        threshold: score from which on a frame violates; 1 is the limit of the reference.
        confirm_frames: violations in a row that open an episode.
        clear_seconds: time without a violation that ends an episode.
        critical_factor: an episode is critical from threshold times this on.

    Raises:
        ValidationFailed: a number is outside its range; `path` names the field.
    """

    enabled: bool = True
    threshold: float = 1.0
    confirm_frames: int = 3
    clear_seconds: int = 60
    critical_factor: float = 2.0

    def __post_init__(self) -> None:
        require_ranges(self, _RANGES, _WHOLE)


def overlay(base: MultivariateConfig, changes: Settings | None) -> MultivariateConfig:
    """`base` with some fields changed; fields that this release does not know are passed over.

    Raises:
        ValidationFailed: a number is outside its range.
    """
    known = {spec.name for spec in fields(MultivariateConfig)}
    return MultivariateConfig(
        **{**asdict(base), **{name: value for name, value in (changes or {}).items() if name in known}}
    )
