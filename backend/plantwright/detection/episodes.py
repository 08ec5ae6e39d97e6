"""From violations to episodes, so that the number of findings is bounded whatever the sampling rate.

- A reading violates when its score reaches the threshold.
- `confirm` violations in a row open an episode: `started`.
- While it goes on, a violation gives `continued` at once when the severity rises or the peak reaches the next power of
  two. Otherwise it does when the episode has become twice as old as it was at its last finding: `SOONEST_MS` after that
  at the earliest, and `LATEST_MS` at the latest. Severity never falls within an episode.
- The first reading that does not violate at or after `clear_ms` since the last violation ends it: `ended`.
"""

import math
from dataclasses import dataclass

from plantwright.detection.charts.state import Episodes
from plantwright.detection.findings import FindingKind

SOONEST_MS = 60_000
LATEST_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class EpisodeRules:
    threshold: float
    critical: float
    confirm: int
    clear_ms: int


@dataclass(slots=True)
class Episode:
    """A cell of `state.Episodes`; before it opens, `count` is the number of violations in a row."""

    is_open: bool = False
    is_critical: bool = False
    count: int = 0
    started: int = 0
    last_violation: int = 0
    last_emitted: int = 0
    peak: float = 0.0

    @classmethod
    def load(cls, episodes: Episodes, row: int, detector: int) -> "Episode":
        return cls(**{name: array[row, detector].item() for name, array in episodes.arrays().items()})

    def save(self, episodes: Episodes, row: int, detector: int) -> None:
        for name, array in episodes.arrays().items():
            array[row, detector] = getattr(self, name)

    def observe(self, time: int, score: float, violates: bool, rules: EpisodeRules) -> FindingKind | None:
        """Take in one reading and say what is to be reported."""
        if violates:
            return self._violated(time, score, rules)
        if self.is_open and time - self.last_violation >= rules.clear_ms:
            return FindingKind.ENDED
        if not self.is_open and self.count:
            self.reset()
        return None

    def reset(self) -> None:
        self.is_open = self.is_critical = False
        self.count = self.started = self.last_violation = self.last_emitted = 0
        self.peak = 0.0

    def _violated(self, time: int, score: float, rules: EpisodeRules) -> FindingKind | None:
        if self.count == 0:
            self.started = time
        self.count += 1
        doubled = math.frexp(score)[1] > math.frexp(self.peak)[1]
        self.peak = max(self.peak, score)
        self.last_violation = time
        rose = self.peak >= rules.critical and not self.is_critical
        self.is_critical = self.is_critical or rose
        if not self.is_open:
            if self.count < rules.confirm:
                return None
            self.is_open = True
            self.last_emitted = time
            return FindingKind.STARTED
        if not (rose or doubled or self._is_due(time)):
            return None
        self.last_emitted = time
        return FindingKind.CONTINUED

    def _is_due(self, time: int) -> bool:
        age = self.last_emitted - self.started
        return time - self.last_emitted >= min(max(age, SOONEST_MS), LATEST_MS)
