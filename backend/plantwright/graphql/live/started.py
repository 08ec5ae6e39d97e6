"""Running a coroutine at once, up to where it first has to wait.

A frame for a thousand sockets that take it needs no task to be woken for each; only those that do not take it have to
be waited for. Tasks do this by themselves from Python 3.12 on (`eager_start`), not in 3.11.
"""

from asyncio import Future
from collections.abc import Coroutine, Generator
from typing import Any


class Started:
    """A coroutine that waits for a future; awaited in a task, it goes on."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], future: "Future[Any]") -> None:
        self._coroutine = coroutine
        self._future = future

    def __await__(self) -> Generator[Any, Any, None]:
        try:
            yield self._future
        except BaseException:
            self._coroutine.close()
            raise
        yield from self._coroutine.__await__()


def start(coroutine: Coroutine[Any, Any, None]) -> Started | None:
    """None when it has come to its end already. It may use nothing that needs a task of its own, as time-outs do.

    Raises:
        Exception: what the coroutine raises.
    """
    try:
        future = coroutine.send(None)
    except StopIteration:
        return None
    return Started(coroutine, future)
