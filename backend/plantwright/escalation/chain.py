"""Where a running escalation stands in its chain, and when it goes on. Pure functions of their arguments.

A step waits from the moment the step before it was told, so after an outage people get the time that the chain gives
them; a step that reaches nobody does not make the next one of its round wait.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from plantwright.escalation.policy import Step

# The sweep looks every two seconds; what comes a minute after its time was held up by something.
LATE_AFTER: Final = timedelta(minutes=1)


class Chain(NamedTuple):
    steps: Sequence[Step]
    rounds: int
    repeat_after_minutes: int


class Position(NamedTuple):
    """The step that comes next; both count from 1."""

    step: int
    round: int


class PlannedStep(NamedTuple):
    position: Position
    due_at: datetime


FIRST: Final = Position(1, 1)


def wait_before(chain: Chain, position: Position) -> timedelta:
    """From the step before, or from the alert, to this one."""
    if position.step == 1 and position.round > 1:
        return timedelta(minutes=chain.repeat_after_minutes)
    return timedelta(minutes=chain.steps[position.step - 1].wait_minutes)


def position_in(chain: Chain, position: Position) -> Position | None:
    """The position in a chain that may have become shorter meanwhile; None when the chain is over."""
    if position.step > len(chain.steps):
        position = Position(1, position.round + 1)
    return position if position.round <= chain.rounds else None


def next_position(chain: Chain, told: Position) -> Position | None:
    """None when this was the last step of the last round."""
    return position_in(chain, Position(told.step + 1, told.round))


def lateness(due_at: datetime, now: datetime) -> timedelta:
    return max(timedelta(0), now - due_at)


def waiting_from(due_at: datetime, now: datetime) -> datetime:
    """From when the next step waits: a step that came in time does not push the rest of the chain back."""
    return now if lateness(due_at, now) >= LATE_AFTER else due_at


def plan(chain: Chain, position: Position, due_at: datetime) -> Iterator[PlannedStep]:
    """All steps to come if nobody takes care, the one that is due at `due_at` first."""
    coming: Position | None = position
    while coming is not None:
        yield PlannedStep(coming, due_at)
        coming = next_position(chain, coming)
        if coming is not None:
            due_at += wait_before(chain, coming)
