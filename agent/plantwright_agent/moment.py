"""A time of day that knows how long ago it was, whatever is done to the clock meanwhile."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from plantwright_agent.samples import Gap


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is what the clock said, `ticks` (seconds) comes from the clock that no one sets."""

    at: datetime
    ticks: float

    @classmethod
    def now(cls) -> Self:
        return cls(datetime.now(UTC), time.monotonic())

    @classmethod
    def past(cls, at: datetime) -> Self:
        """What the clock showed then; now, when the clock has been set back behind it."""
        now = cls.now()
        ago = max(timedelta(), now.at - at)
        return cls(now.at - ago, now.ticks - ago.total_seconds())

    @property
    def seconds_ago(self) -> float:
        return time.monotonic() - self.ticks

    def gap_until_now(self, reason: str, tag: str = "", count: int = 1) -> Gap:
        return Gap(self.at, self.at + timedelta(seconds=self.seconds_ago), reason, tag, count)
