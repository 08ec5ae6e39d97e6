"""How much a server takes in one request: what it says itself, and less where that was still too much."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from asyncua.ua import uaerrors

from plantwright_agent.inputs.opcua.wellknown import LIMITS

LARGEST_CHUNK = 1_000
TOO_MUCH = (
    uaerrors.BadTooManyOperations,
    uaerrors.BadRequestTooLarge,
    uaerrors.BadResponseTooLarge,
    uaerrors.BadEncodingLimitsExceeded,
    uaerrors.BadTcpMessageTooLarge,
)

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Limits:
    """Operations per request."""

    read: int = LARGEST_CHUNK
    translate: int = LARGEST_CHUNK
    monitor: int = LARGEST_CHUNK

    def told(self, values: Sequence[object]) -> None:
        """Take over what the server says, in the order of LIMITS; 0 or nothing means it names no limit."""
        for name, value in zip(LIMITS, values, strict=True):
            if isinstance(value, int) and value > 0:
                setattr(self, name, min(value, LARGEST_CHUNK))


async def in_chunks(
    limits: Limits, name: str, items: Sequence[T], ask: Callable[[list[T]], Awaitable[list[R]]]
) -> list[R]:
    """One answer per item. A server that finds a chunk too large is asked for half as much from then on.

    Raises UaError or OSError as `ask` does; UaError too when the server answers for another number of items.
    """
    answers: list[R] = []
    while len(answers) < len(items):
        size = getattr(limits, name)
        chunk = list(items[len(answers) : len(answers) + size])
        try:
            given = await ask(chunk)
        except TOO_MUCH:
            if size == 1:
                raise
            setattr(limits, name, max(1, min(size, len(chunk)) // 2))
            continue
        if len(given) != len(chunk):
            raise uaerrors.UaError(f"the server gave {len(given)} answers to {len(chunk)} questions")
        answers += given
    return answers
