"""The only place that holds a Modbus client, and all it lets anyone do with it is read.

Functions 1 to 4 (read coils, discrete inputs, holding and input registers) are the only ones named in the agent.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from pymodbus import ExceptionResponse, ModbusException
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes

from plantwright_agent.inputs.modbus_tcp.config import BIT_TABLES, RegisterType

FUNCTIONS: dict[RegisterType, int] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
BEHIND_GATEWAY = {ExcCodes.GATEWAY_PATH_UNAVIABLE, ExcCodes.GATEWAY_NO_RESPONSE}
ENDLESS = 1_000_000_000
LENGTH_END, FUNCTION, BYTE_COUNT = 6, 7, 8
EXCEPTION = 0x80
SHORTEST, LONGEST, BEFORE_VALUES = 2, 254, 3


class NoAnswerError(Exception):
    """The unit gave no answer: a time-out, a broken connection, or a gateway that says so.

    `from_gateway` is true when the connection itself is well.
    """

    def __init__(self, reason: str, *, from_gateway: bool = False) -> None:
        super().__init__(reason)
        self.from_gateway = from_gateway


class RefusedError(Exception):
    """The unit answered with a Modbus exception. `code` is None when the answer made no sense."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class ModbusReader:
    """One TCP connection to a device, for one request at a time. `timeout` is in seconds."""

    def __init__(self, address: str, port: int, timeout: float) -> None:
        self._timeout = timeout
        self._why_lost = "the device closed the connection"
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.__client = AsyncModbusTcpClient(
            address,
            port=port,
            timeout=timeout,
            retries=0,
            reconnect_delay=0,
            trace_connect=self._connection_changed,
            trace_packet=self._checked,
        )
        self.__client.set_max_no_responses(ENDLESS)

    @property
    def connected(self) -> bool:
        return self.__client.connected and not self._lost.done()

    async def connect(self) -> bool:
        return await self.__client.connect()

    def close(self) -> None:
        self._connection_changed(connected=False)
        self.__client.close()

    async def read(self, table: RegisterType, unit: int, start: int, count: int) -> Sequence[int]:
        """Values of `count` registers or coils. Raises NoAnswerError and RefusedError."""
        if not self.connected:
            raise NoAnswerError("the connection was closed")
        answer = asyncio.ensure_future(self._ask(table, unit, start, count))
        try:
            waiting: set[asyncio.Future[Any]] = {answer, self._lost}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise NoAnswerError(self._why_lost)
            return answer.result()
        finally:
            if not answer.done():
                answer.cancel()

    async def _ask(self, table: RegisterType, unit: int, start: int, count: int) -> Sequence[int]:
        client = self.__client
        try:
            if table == "coil":
                response = await client.read_coils(start, count=count, device_id=unit)
            elif table == "discrete":
                response = await client.read_discrete_inputs(start, count=count, device_id=unit)
            elif table == "holding":
                response = await client.read_holding_registers(start, count=count, device_id=unit)
            else:
                response = await client.read_input_registers(start, count=count, device_id=unit)
        except ModbusException:
            raise NoAnswerError(f"no answer within {self._timeout:g} s") from None
        if isinstance(response, ExceptionResponse):
            raise _refusal(response.exception_code)
        if response.function_code != FUNCTIONS[table]:
            raise RefusedError(None, "the answer is to another question")
        values = response.bits[:count] if table in BIT_TABLES else response.registers
        if len(values) != count:
            raise RefusedError(None, f"{len(values)} values came, {count} were asked for")
        return values

    def _connection_changed(self, connected: bool) -> None:
        if not connected and not self._lost.done():
            self._lost.set_result(None)

    def _checked(self, sending: bool, packet: bytes) -> bytes:
        """The library stumbles over what is no answer to one of our functions; the connection ends instead."""
        if sending or _may_be_an_answer(packet):
            return packet
        self._why_lost = "the device answers with something that is not Modbus TCP"
        self._connection_changed(connected=False)
        return b""


def _may_be_an_answer(packet: bytes) -> bool:
    """As far as it has come: protocol 0, a possible length, a function that was asked for, and a fitting byte count."""
    if any(packet[2:4]):
        return False
    length = int.from_bytes(packet[4:6], "big")
    if len(packet) >= LENGTH_END and not SHORTEST <= length <= LONGEST:
        return False
    if len(packet) > FUNCTION and packet[FUNCTION] & ~EXCEPTION not in FUNCTIONS.values():
        return False
    is_exception = len(packet) > FUNCTION and packet[FUNCTION] & EXCEPTION
    return len(packet) <= BYTE_COUNT or bool(is_exception) or packet[BYTE_COUNT] == length - BEFORE_VALUES


def _refusal(code: int) -> Exception:
    name = ExcCodes(code).name.lower().replace("_", " ") if code in list(ExcCodes) else "unknown"
    if code in BEHIND_GATEWAY:
        return NoAnswerError(f"the gateway reports exception {code} ({name})", from_gateway=True)
    return RefusedError(code, f"Modbus exception {code} ({name})")
