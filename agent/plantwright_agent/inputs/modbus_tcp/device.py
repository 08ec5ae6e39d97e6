"""A device on the network: one connection and one budget, however many sources read from it."""

import asyncio
import time
import weakref
from collections.abc import Sequence

from plantwright_agent.backoff import Backoff
from plantwright_agent.inputs.modbus_tcp.config import ModbusConnection, RegisterType
from plantwright_agent.inputs.modbus_tcp.reader import ModbusReader, NoAnswerError, RefusedError
from plantwright_agent.inputs.modbus_tcp.resolve import names

LONGEST_PAUSE = 30.0
MOST_UNANSWERED = 3

_devices: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, int], "Device"]] = (
    weakref.WeakKeyDictionary()
)


class Device:
    """Requests go one after the other, in the order they were asked; a lost connection is made anew by the next one."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._users: dict[object, tuple[ModbusConnection, frozenset[int]]] = {}
        self._turn = asyncio.Lock()
        self._reader: ModbusReader | None = None
        self._unanswered: list[int] = []
        self._backoff = Backoff(first=1.0, cap=LONGEST_PAUSE)
        self._connect_again_at = 0.0
        self._why = ""
        self._asked_at = self._answered_at = 0.0

    async def connect(self) -> None:
        """Raises NoAnswerError when it cannot be reached; asked again too soon, it answers so without trying."""
        async with self._turn:
            await self._connected()

    async def read(self, table: RegisterType, unit: int, start: int, count: int) -> Sequence[int]:
        """Values of registers or coils. Raises NoAnswerError and RefusedError."""
        async with self._turn:
            reader = await self._connected()
            await self._within_budget()
            self._asked_at = time.monotonic()
            try:
                values = await reader.read(table, unit, start, count)
            except NoAnswerError as error:
                self._missed(unit, error)
                raise
            except RefusedError:
                self._unanswered.clear()
                raise
            finally:
                self._answered_at = time.monotonic()
            self._unanswered.clear()
            return values

    def join(self, user: object, connection: ModbusConnection, units: frozenset[int]) -> None:
        self._users[user] = (connection, units)

    def leave(self, user: object) -> None:
        """The last one closes the connection."""
        self._users.pop(user, None)
        if self._users:
            return
        self._close()
        devices = _devices.get(asyncio.get_running_loop(), {})
        if devices.get((self._host, self._port)) is self:
            del devices[self._host, self._port]

    async def _connected(self) -> ModbusReader:
        if self._reader is not None and self._reader.connected:
            return self._reader
        if time.monotonic() < self._connect_again_at:
            raise NoAnswerError(self._why)
        reader = await self._reach()
        if not self._users:
            reader.close()
            raise NoAnswerError("the source was stopped")
        self._reader = reader
        self._unanswered.clear()
        self._backoff.reset()
        return reader

    async def _reach(self) -> ModbusReader:
        """A new connection to the first address of the host that takes one."""
        timeout = max((connection.timeout for connection, _ in self._users.values()), default=1.0)
        place = f"cannot connect to {self._host}:{self._port}"
        try:
            addresses = await names.addresses(self._host, timeout)
        except OSError as error:
            raise self._unreachable(f"{place}: {error}") from None
        began = time.monotonic()
        for address in addresses:
            reader = ModbusReader(address, self._port, timeout)
            if await reader.connect():
                return reader
        in_time = time.monotonic() - began < timeout
        why = "refused, or there is no way to it" if in_time else f"nobody answers within {timeout:g} s"
        raise self._unreachable(f"{place}: {why}")

    def _unreachable(self, why: str) -> NoAnswerError:
        self._why = why
        self._connect_again_at = time.monotonic() + self._backoff.next()
        return NoAnswerError(why)

    async def _within_budget(self) -> None:
        """The strictest of its sources counts for all of them."""
        connections = [connection for connection, _ in self._users.values()]
        pause = max((connection.request_pause for connection in connections), default=0.0)
        rates = [c.max_requests_per_second for c in connections if c.max_requests_per_second is not None]
        between = 1 / min(rates) if rates else 0.0
        wait = max(self._answered_at + pause, self._asked_at + between) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)

    def _missed(self, unit: int, error: NoAnswerError) -> None:
        """A connection on which nobody answers is given up: that is what a peer that went silent looks like."""
        if error.from_gateway:
            self._unanswered.clear()
            return
        self._unanswered.append(unit)
        units = frozenset().union(*(units for _, units in self._users.values()))
        if len(self._unanswered) >= MOST_UNANSWERED or units <= set(self._unanswered):
            self._close()

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def join_device(user: object, connection: ModbusConnection, units: frozenset[int]) -> Device:
    """The device of this host and port in the running loop; `user` must leave it."""
    devices = _devices.setdefault(asyncio.get_running_loop(), {})
    device = devices.setdefault((connection.host, connection.port), Device(connection.host, connection.port))
    device.join(user, connection, units)
    return device
