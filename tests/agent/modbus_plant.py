"""Real Modbus TCP servers for the tests: one that behaves until told otherwise, and one that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import msgspec
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.inputs.modbus_tcp.input import ModbusTcp
from plantwright_agent.supervision.supervisor import SourceTask
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.agent.peer import free_port
from tests.agent.support import running

Tables = tuple[list[SimData], list[SimData], list[SimData], list[SimData]]

MIXED = [
    SimData(0, values=[100, 65_436], datatype=DataType.REGISTERS),
    SimData(2, values=21.5, datatype=DataType.FLOAT32),
    SimData(4, values=[2, 1], datatype=DataType.REGISTERS),
    SimData(6, values=1234.5678, datatype=DataType.FLOAT64),
    SimData(20, values=7, datatype=DataType.REGISTERS),
]
ONE = [{"address": 0, "metric_name": "n"}]


def config(port: int, registers: list[dict[str, Any]], **settings: Any) -> ModbusConfig:
    document = {"host": "127.0.0.1", "port": port, "poll_interval": 0.1, "timeout": 0.3} | settings
    return msgspec.convert(document | {"registers": registers}, ModbusConfig)


@asynccontextmanager
async def polling(folder: Path, settings: ModbusConfig, name: str = "m") -> AsyncIterator[SourceTask]:
    def build(_: Buffer) -> ModbusTcp:
        return ModbusTcp(settings, "PUMP-1")

    async with running(folder, name, build, live=True) as (source, _):
        yield source


class Plant:
    """Units that can be told to refuse or to keep silent; it counts what it is asked.

    `longest` is the most registers a unit gives at once, `delay` the seconds it takes.
    """

    def __init__(self, units: tuple[int, ...] = (1,), data: list[SimData] | Tables | None = None) -> None:
        self.port = free_port()
        self.refuse: dict[int, ExcCodes] = {}
        self.silent: set[int] = set()
        self.functions: set[int] = set()
        self.asked: dict[int, int] = dict.fromkeys(units, 0)
        self.requests: list[tuple[float, int, int]] = []
        self.longest = 125
        self.delay = 0.0
        self._units = units
        self._data = MIXED if data is None else data

    async def __aenter__(self) -> Self:
        devices = [self._device(unit) for unit in self._units]
        self._server = ModbusTcpServer(devices, address=("127.0.0.1", self.port))
        await self._server.serve_forever(background=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def connections(self) -> int:
        return len(self._server.active_connections)

    async def stop(self) -> None:
        await self._server.shutdown()  # type: ignore[no-untyped-call]

    async def set(self, unit: int, address: int, values: list[int]) -> None:
        await self._server.async_setValues(unit, 16, address, values)

    def _device(self, unit: int) -> SimDevice:
        async def action(fc: int, _: int, address: int, count: int, *__: object) -> ExcCodes | None:
            self.functions.add(fc)
            self.asked[unit] += 1
            self.requests.append((asyncio.get_running_loop().time(), address, count))
            if unit in self.silent:
                await asyncio.sleep(3600)
            await asyncio.sleep(self.delay)
            if count > self.longest:
                return ExcCodes.ILLEGAL_VALUE
            return self.refuse.get(unit)

        return SimDevice(id=unit, simdata=self._data, action=action)


Answer = Callable[[bytes], bytes | None]


@asynccontextmanager
async def rogue(answer: Answer) -> AsyncIterator[int]:
    """A server that answers each request frame with whatever `answer` returns; None is silence. Yields its port."""
    open_ones: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        try:
            while request := await reader.read(260):
                reply = answer(request)
                if reply is not None:
                    writer.write(reply)
        except ConnectionError:
            pass
        finally:
            open_ones.discard(writer)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=256)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in open_ones:
            writer.close()
        await server.wait_closed()


def registers_frame(request: bytes, *values: int, transaction: int | None = None, unit: int | None = None) -> bytes:
    """A right answer to a read of holding registers, unless told to carry another transaction or unit."""
    number = int.from_bytes(request[:2], "big") if transaction is None else transaction
    body = bytes([request[6] if unit is None else unit, request[7], 2 * len(values)])
    body += b"".join(value.to_bytes(2, "big") for value in values)
    return number.to_bytes(2, "big") + b"\x00\x00" + len(body).to_bytes(2, "big") + body
