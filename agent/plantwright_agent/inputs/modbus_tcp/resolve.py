"""Names of devices to addresses, without letting names that do not resolve hold up anything else.

The event loop's own threads are shared with everything in the process, and a dead name server keeps each of them for
many seconds. So names are looked up on threads of their own, once at a time for each name; while there is no answer,
the last good one is used.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

THREADS = 32


def look_up(host: str) -> str:
    """The first address of a name. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


class Resolver:
    """`look_up` may block; addresses pass through as they are."""

    def __init__(self, look_up: Callable[[str], str] = look_up) -> None:
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="device-names")
        self._running: dict[str, Future[str]] = {}
        self._known: dict[str, str] = {}

    async def address(self, host: str, timeout: float) -> str:  # noqa: ASYNC109 - it bounds a thread, not this task
        """The address within `timeout` seconds. Raises OSError when the name has none, or has had none so far."""
        if _is_address(host):
            return host
        running = self._running.get(host)
        if running is None or running.done():
            running = self._running[host] = self._threads.submit(self._look_up, host)
        try:
            async with asyncio.timeout(timeout):
                self._known[host] = await asyncio.shield(asyncio.wrap_future(running))
        except TimeoutError:
            if host not in self._known:
                raise OSError(f"no answer to where {host} is within {timeout:g} s") from None
        except OSError:
            if host not in self._known:
                raise OSError(f"the name {host} is not known") from None
        return self._known[host]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


names = Resolver()
