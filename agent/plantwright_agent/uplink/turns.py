"""Whose turn it is: live lanes first, backlog lanes with what capacity is left, never one lane twice at a time."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from plantwright_agent.backoff import Backoff
from plantwright_agent.buffer.batches import Batch, Lane
from plantwright_agent.buffer.surface import LaneDepth

Key = tuple[str, Lane]

LIVE_AT_ONCE = 4
BACKLOG_AT_ONCE = 2


@dataclass(slots=True)
class Turn:
    """One lane of a stream. `batch` is the next one when it is known already; times are of the monotonic clock."""

    stream: str
    lane: Lane
    backoff: Backoff
    batch: Batch | None = None
    is_busy: bool = False
    started: float = float("-inf")
    not_before: float = float("-inf")


@dataclass(slots=True)
class Turns:
    """`push_interval` in seconds: how long a live lane gathers readings, unless there are `batch_size` of them."""

    push_interval: float
    batch_size: int
    new_backoff: Callable[[], Backoff]
    monotonic: Callable[[], float] = time.monotonic
    _turns: dict[Key, Turn] = field(default_factory=dict)

    def due(self, lanes: Iterable[LaneDepth], *, one_only: bool) -> list[Turn]:
        """Whom to serve now, in order. `one_only`: the server is in trouble, so one request at a time will do."""
        now = self.monotonic()
        found = [(self._turn(item), item) for item in lanes]
        busy = [turn.lane for turn in self._turns.values() if turn.is_busy]
        if one_only and busy:
            return []
        ready = [turn for turn, item in found if not turn.is_busy and self._ready_at(turn, item) <= now]
        ready.sort(key=lambda turn: (turn.lane, turn.started))
        live = [turn for turn in ready if turn.lane is Lane.LIVE]
        chosen = live[: LIVE_AT_ONCE - busy.count(Lane.LIVE)]
        if len(chosen) == len(live):
            backlog = ready[len(live) :]
            chosen += backlog[: BACKLOG_AT_ONCE - busy.count(Lane.BACKLOG)]
        return chosen[:1] if one_only else chosen

    def wait(self, lanes: Iterable[LaneDepth]) -> float:
        """Seconds until another lane is due if nothing happens before; infinite when there is none."""
        moments = [self._ready_at(turn, item) for item in lanes if not (turn := self._turn(item)).is_busy]
        return max(0.0, min(moments, default=float("inf")) - self.monotonic())

    def _turn(self, item: LaneDepth) -> Turn:
        key = item.stream, item.lane
        if key not in self._turns:
            self._turns[key] = Turn(item.stream, item.lane, self.new_backoff())
        return self._turns[key]

    def _ready_at(self, turn: Turn, item: LaneDepth) -> float:
        gathers = turn.lane is Lane.LIVE and not item.numbered and item.unnumbered < self.batch_size
        return max(turn.not_before, turn.started + self.push_interval if gathers else turn.not_before)
