"""How the machine as a whole is watched."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MultivariateConfig:
    """
    Attributes:
        enabled: whether findings are made; the reference is learnt either way.
        threshold: score from which on a frame violates; 1 is the limit of the reference.
        confirm_frames: violations in a row that open an episode.
        clear_seconds: time without a violation that ends an episode.
        critical_factor: an episode is critical from threshold times this on.
    """

    enabled: bool = True
    threshold: float = 1.0
    confirm_frames: int = 3
    clear_seconds: int = 60
    critical_factor: float = 2.0
