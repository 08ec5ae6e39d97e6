"""Waiting times between attempts."""

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Full jitter: each wait is uniform between `floor` and `min(cap, first * 2**n)`; all in seconds."""

    first: float
    cap: float
    floor: float = 0.05
    _attempts: int = field(default=0, init=False)

    def next(self) -> float:
        ceiling = min(self.cap, self.first * 2.0 ** min(self._attempts, 30))
        self._attempts += 1
        return random.uniform(min(self.floor, ceiling), ceiling)  # noqa: S311 - spreads load, guards nothing

    def reset(self) -> None:
        self._attempts = 0
