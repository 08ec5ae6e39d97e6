"""What a detector with a state of its own looks like to the consumer of the readings log."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact
from plantwright.readings.columns import LogSlice

Save = Callable[[UnitOfWork], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What follows from a slice of the log.

    Attributes:
        facts: each with the place in the slice of the reading that caused it.
        saves: what stores the new state; run only after every detector has come to its conclusions.
    """

    facts: Sequence[tuple[int, Fact]] = ()
    saves: Sequence[Save] = ()


class StatefulDetector(Protocol):
    async def conclude(self, work: UnitOfWork, readings: LogSlice) -> Conclusions:
        """Take in readings of any quality, at least one.

        Reads what it needs and writes nothing: from its first write on, a transaction holds back the readings log of
        every tenant.
        """
        ...
