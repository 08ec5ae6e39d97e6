"""What every input does, in this order: configure, start, collect, stop."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from plantwright_agent.samples import Collected, FilePosition


class Input(Protocol):
    """One source of samples.

    The constructor takes the checked configuration and touches neither network nor files.
    A stopped input is not started again; the supervisor builds a new one.
    """

    async def start(self) -> None:
        """Connect. Raises RetryableInputError or PermanentInputError within a bounded time."""
        ...

    def collect(self) -> AsyncIterator[Collected]:
        """Samples until `stop`; whatever was received before `stop` is still yielded.

        Whoever takes them asks for the next only when the one before is stored, unless `stop` was called.

        Raises RetryableInputError when the source is lost and the input should be started anew.
        """
        ...

    async def stop(self) -> None:
        """Let go of the source. Safe at any time, also when `start` failed or was never called."""
        ...


class Sink(Protocol):
    """Where the supervisor puts what an input gives: the edge agent's buffer on disk, or the server's readings log."""

    async def add(self, stream: str, collected: Collected) -> None:
        """Returns once it is stored. Raises BufferFullError when it cannot be stored now; the caller keeps it."""
        ...

    async def wait_for_room(self) -> None:
        """Until sources that can wait may go on."""
        ...


class Positions(Protocol):
    """Where a file input asks how far it had read; positions are stored with the readings, not here."""

    async def positions(self, stream: str) -> Mapping[str, FilePosition]:
        """Stored positions of a source by path."""
        ...
