"""Names of devices to addresses, without letting names that do not resolve hold up anything else.

The event loop's own threads are shared with everything in the process, and a dead name server keeps each of them for
many seconds. So each name is looked up on a thread of its own, which nothing waits for when the process ends; while
there is no answer, the last good one is used.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

MOST_ADDRESSES = 4


def look_up(host: str) -> list[str]:
    """The addresses of a name, in the order in which they are to be tried. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} cannot be a name") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))[:MOST_ADDRESSES]


class Resolver:
    """`look_up` may block; addresses pass through as they are."""

    def __init__(self, look_up: Callable[[str], list[str]] = look_up) -> None:
        self._look_up = look_up
        self._running: dict[str, Future[list[str]]] = {}
        self._known: dict[str, list[str]] = {}

    async def addresses(self, host: str, timeout: float) -> list[str]:  # noqa: ASYNC109 - it bounds a thread, not this task
        """Its addresses within `timeout` seconds. Raises OSError when the name has none, or has had none so far."""
        if _is_address(host):
            return [host]
        running = self._running.get(host)
        if running is None or running.done():
            running = self._running[host] = Future()
            Thread(target=self._answer, args=(host, running), name=f"name {host}", daemon=True).start()
        why = f"the name {host} is not known"
        try:
            async with asyncio.timeout(timeout):
                found = await asyncio.shield(asyncio.wrap_future(running))
        except TimeoutError:
            found, why = [], f"no answer to where {host} is within {timeout:g} s"
        if found:
            self._known[host] = found
        if host not in self._known:
            raise OSError(why)
        return self._known[host]

    def _answer(self, host: str, future: Future[list[str]]) -> None:
        try:
            found = self._look_up(host)
        except OSError:
            found = []
        future.set_result(found)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


names = Resolver()
