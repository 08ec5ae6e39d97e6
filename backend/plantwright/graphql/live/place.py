"""Where in the readings log an execution of the subscription `readings` stands, and how far it is to go.

A place belongs to the task that executes, not to the connection: one connection carries many subscriptions.
"""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameSelection:
    """The arguments that decide what a frame shows; `since_variable` holds the one that does not, if it is known."""

    machine_id: str
    metrics: tuple[str, ...] | None
    max_rate: float
    since_variable: str | None


@dataclass(slots=True)
class Place:
    """Without anything said: from `since` until all that is stored has been given.

    `position`: the frames begin after it, and it moves with them. None: where `since` says, else now.
    `until`: the execution ends when it has come there.
    `is_endless`: it goes on with what will be stored.
    `failure`: it ends at once, with this error.
    `caught_up`: set when an execution has ended because nothing more was stored.
    """

    position: int | None = None
    until: int | None = None
    is_endless: bool = False
    failure: Exception | None = None
    caught_up: FrameSelection | None = None


PLACE: ContextVar[Place] = ContextVar("place")
