"""A file of each kind, a Modbus device and an OPC UA server, all counting up; and the configuration that reads them."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plantwright.core.clock import iso_utc, utc_now
from plantwright.embedded.ports import free_port
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.agent.opcua_server import PASSWORD, USER, Plant, certificates

CSV, JSON, MODBUS, OPCUA = "csv_row", "json_row", "modbus_poll", "opcua_value"
FILES, DEVICES = (CSV, JSON), (MODBUS, OPCUA)
ROW_SECONDS = 0.02
VALUE_SECONDS = 0.05
HALF_LINE_SECONDS = 0.003
TOP = 2**16

CONFIGURATION = """
[agent]
name = "four-sources"
api_key = "{key}"
api_url = "{url}"
push_interval = 0.3
batch_size = 50
request_timeout = 3
retry_cap = 2
heartbeat_interval = 1
buffer_dir = "buffer"

[[source]]
name = "csv"
machine_identifier = "{machine}"
protocol = "csv"
[source.csv]
path = "rows.csv"
time_column = "time"
poll_interval = 0.1
[source.csv.metrics.csv_row]
unit = "mm/s"

[[source]]
name = "json"
machine_identifier = "{machine}"
protocol = "json"
[source.json]
path = "rows.jsonl"
time_key = "time"
poll_interval = 0.1
[source.json.metrics.json_row]
unit = "mm/s"

[[source]]
name = "modbus"
machine_identifier = "{machine}"
protocol = "modbus"
[source.modbus]
host = "127.0.0.1"
port = {modbus}
poll_interval = 0.1
[[source.modbus.registers]]
address = 0
metric_name = "modbus_poll"
data_type = "uint16"
unit = "mm/s"

[[source]]
name = "opcua"
machine_identifier = "{machine}"
protocol = "opcua"
[source.opcua]
endpoint = "{opcua}"
username = "{user}"
password = "{password}"
certificate = "client.der"
private_key = "client.pem"
server_certificate = "server.der"
publishing_interval_ms = 100
sampling_interval_ms = 10
nodes = [{{ node_id = "ns=2;s=level", metric_name = "opcua_value", unit = "mm/s" }}]
"""


class FourSources:
    """`given` holds, for each metric, when which number was given."""

    def __init__(self, folder: Path) -> None:
        self.given: dict[str, dict[int, datetime]] = {metric: {} for metric in (*FILES, *DEVICES)}
        self._folder = folder
        self._modbus_port = free_port()
        self._opcua = Plant(folder, free_port())
        self._modbus: ModbusTcpServer | None = None

    def configure(self, url: str, key: str, machine: str) -> None:
        path = self._folder / "agent.toml"
        fields = {"url": url, "key": key, "machine": machine, "user": USER, "password": PASSWORD}
        path.write_text(CONFIGURATION.format(modbus=self._modbus_port, opcua=self._opcua.url, **fields))
        path.chmod(0o600)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await certificates(self._folder)
        await self._opcua.start()
        await self.plug_modbus_in()
        writing = [
            asyncio.create_task(self._grow("rows.csv", CSV, f"time,{CSV}\n", lambda at, n: f"{at},{n}\n")),
            asyncio.create_task(
                self._grow("rows.jsonl", JSON, "", lambda at, n: json.dumps({"time": at, JSON: n}) + "\n")
            ),
            asyncio.create_task(self._count()),
        ]
        self._writing = writing
        try:
            yield
        finally:
            await self.fall_silent()
            await self._opcua.stop()

    async def fall_silent(self) -> None:
        """No new row, no new value, and no answer of the Modbus device any more."""
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        await self.unplug_modbus()

    async def plug_modbus_in(self) -> None:
        self._modbus = await self._started_modbus()

    async def unplug_modbus(self) -> None:
        if self._modbus is not None:
            modbus, self._modbus = self._modbus, None
            await modbus.shutdown()  # type: ignore[no-untyped-call]

    async def _grow(self, name: str, metric: str, head: str, line: Callable[[str, int], str]) -> None:
        """A row in two writes, so that half a line is often there."""
        (self._folder / name).write_text(head)
        handle = os.open(self._folder / name, os.O_WRONLY | os.O_APPEND)
        given = self.given[metric]
        try:
            while True:
                at = utc_now()
                row = line(iso_utc(at), len(given)).encode()
                os.write(handle, row[:9])
                time.sleep(HALF_LINE_SECONDS)  # noqa: ASYNC251 - a row must not stay half when the task is cancelled
                os.write(handle, row[9:])
                given[len(given)] = at
                await asyncio.sleep(ROW_SECONDS)
        finally:
            os.close(handle)

    async def _count(self) -> None:
        given = self.given[OPCUA]
        while True:
            at = datetime.now(UTC)
            number = len(given)
            given[number] = at
            await self._opcua.write_at("level", float(number), at)
            await asyncio.sleep(VALUE_SECONDS)

    async def _started_modbus(self) -> ModbusTcpServer:
        given = self.given[MODBUS]

        async def answer(
            _function: int, _start: int, _address: int, _count: int, registers: list[int], *_: Any
        ) -> None:
            assert len(given) < TOP
            registers[0] = len(given)
            given[len(given)] = datetime.now(UTC)

        registers = SimData(0, values=0, datatype=DataType.REGISTERS)
        device = SimDevice(id=1, simdata=[registers], action=answer)
        server = ModbusTcpServer(device, address=("127.0.0.1", self._modbus_port))
        await server.serve_forever(background=True)
        return server
