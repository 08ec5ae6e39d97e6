"""One subscriber of a shared selection: the frames that wait for its socket, and why it ended."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from plantwright.graphql.context import Context
from plantwright.graphql.live.started import Started, start

MAX_WAITING_FRAMES = 64
MAX_WAITING_CHARACTERS = 8_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """What was stored after `after` up to and including `position`; `payload` is the payload of its message, as JSON.

    A failure stands for no part of the log: it concerns everyone, wherever they are.
    """

    after: int
    position: int
    payload: str
    is_failure: bool = False


class TooSlowError(Exception):
    """More waited for this subscriber than is kept for one."""


class Member:
    """`position` is where the last frame ends that was handed to the socket."""

    def __init__(self, context: Context, position: int, send: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        self.context: Final = context
        self.position = position
        self.failure: Exception | None = None
        self._send: Final = send
        self._is_over = False
        self._waiting: deque[Frame] = deque()
        self._characters = 0
        self._called: asyncio.Future[None] | None = None
        self._started: Started | None = None
        self._broken: Exception | None = None

    def offer(self, frame: Frame) -> None:
        """Never waits. A frame that finds too many before it ends the subscriber, and they are dropped."""
        if self._is_over:
            return
        if self._called is not None and not self._called.done() and self.follows(frame):
            self._hand_over(frame)
            return
        is_full = len(self._waiting) >= MAX_WAITING_FRAMES
        if is_full or (self._waiting and self._characters + len(frame.payload) > MAX_WAITING_CHARACTERS):
            self.fail(TooSlowError())
            return
        self._waiting.append(frame)
        self._characters += len(frame.payload)
        self._call()

    def follows(self, frame: Frame) -> bool:
        """Whether the frame goes on exactly where this subscriber stands."""
        return frame.after == self.position or frame.is_failure

    def send(self, frame: Frame) -> Coroutine[Any, Any, None]:
        self.position = frame.position
        return self._send(frame.payload)

    def end(self) -> None:
        """Nothing more comes after what waits."""
        self._is_over = True
        self._call()

    def fail(self, failure: Exception) -> None:
        """Nothing more comes, and what waits is dropped."""
        self.failure = failure
        self._waiting.clear()
        self.end()

    async def take(self) -> Frame | None:
        """The next frame that `offer` could not hand over at once, None when no more will come.

        Raises:
            Exception: the socket is gone.
        """
        while not self._waiting:
            if self._broken is not None:
                raise self._broken
            if self._is_over:
                return None
            self._called = asyncio.get_running_loop().create_future()
            await self._called
            if self._started is not None:
                started, self._started = self._started, None
                await started
        frame = self._waiting.popleft()
        self._characters -= len(frame.payload)
        return frame

    def _hand_over(self, frame: Frame) -> None:
        """As far as it goes without waiting; `take` waits for the rest."""
        try:
            self._started = start(self.send(frame))
        except Exception as error:  # noqa: BLE001 - one subscriber's socket is no concern of the others
            self._broken = error
            self.end()
        if self._started is not None:
            self._call()

    def _call(self) -> None:
        if self._called is not None and not self._called.done():
            self._called.set_result(None)
