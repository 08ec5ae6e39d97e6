"""Time inside the buffer, which no change of the machine's clock moves.

Within a run it goes with the monotonic clock. Between runs it goes on from the newest chunk; time the agent was not
running counts at most a day, since nobody can tell a long stop from a clock that was set.
"""

import time
from bisect import bisect_left
from collections.abc import Callable

DAY_MS = 86_400_000
MARK_SECONDS = 1.0
MARKS = 8_192


def now_ms() -> int:
    """The machine's clock: for people to read, never for deciding."""
    return time.time_ns() // 1_000_000


class BufferClock:
    """Milliseconds that never go back; equal to the machine's clock as long as that behaves."""

    def __init__(self, newest_ms: int | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        wall = now_ms()
        self._monotonic = monotonic
        self._opened = monotonic()
        self._base = wall if newest_ms is None else newest_ms + min(max(0, wall - newest_ms), DAY_MS)

    def now(self) -> int:
        return self._base + round((self._monotonic() - self._opened) * 1000)

    def wall(self, moment_ms: int) -> int:
        """The machine's time of a moment of this clock."""
        return now_ms() - (self.now() - moment_ms)


class Marks:
    """How long ago chunks were committed, to about a second, for the last two hours; older ones are just old."""

    def __init__(self, last_id: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ids = [last_id]
        self._moments = [monotonic()]

    def add(self, last_id: int) -> None:
        now = self._monotonic()
        if now - self._moments[-1] < MARK_SECONDS:
            self._ids[-1] = last_id
            return
        self._ids.append(last_id)
        self._moments.append(now)
        del self._ids[:-MARKS], self._moments[:-MARKS]

    def older_than(self, seconds: float) -> int:
        """The newest id that was committed at least so long ago; 0 when there is none."""
        until = self._monotonic() - seconds
        place = bisect_left(self._moments, until)
        return self._ids[place - 1] if place else 0
