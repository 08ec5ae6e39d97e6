"""A field installation: a growing file and a Modbus device, both numbered, and a real agent that reads them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from plantwright.core.clock import iso_utc, utc_now
from plantwright.embedded.launch import die_with_parent
from plantwright.embedded.ports import free_port
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

FILE_METRIC, DEVICE_METRIC = "row", "poll"
ROW_SECONDS = 0.02
STOP_SECONDS = 30

_CONFIGURATION = """
[agent]
api_key = "{key}"
api_url = "{url}"
push_interval = 0.5
batch_size = 100
request_timeout = 3
retry_cap = 2
buffer_dir = "buffer"

[[source]]
name = "file"
machine_identifier = "{machine}"
protocol = "csv"
[source.csv]
path = "rows.csv"
time_column = "time"
poll_interval = 0.1
[source.csv.metrics.{file_metric}]
unit = "mm/s"

[[source]]
name = "device"
machine_identifier = "{machine}"
protocol = "modbus"
[source.modbus]
host = "127.0.0.1"
port = {port}
poll_interval = 0.1
[[source.modbus.registers]]
address = 0
metric_name = "{device_metric}"
unit = "mm/s"
"""


class Field:
    """`rows` were written to the file, `polls` were answered by the device; each value is its own number."""

    def __init__(self, folder: Path, url: str, key: str, machine: str) -> None:
        self.rows = 0
        self.polls = 0
        self._folder = folder
        self._port = free_port()
        self._configuration = folder / "agent.toml"
        self._configuration.write_text(
            _CONFIGURATION.format(
                key=key,
                url=url,
                machine=machine,
                port=self._port,
                file_metric=FILE_METRIC,
                device_metric=DEVICE_METRIC,
            )
        )
        self._configuration.chmod(0o600)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Field"]:
        self._device = await self._started_device()
        self._writing = asyncio.create_task(self._write_rows())
        self._agent = self._started_agent()
        try:
            yield self
        finally:
            await self.fall_silent()
            if self._agent.poll() is None:
                self._agent.send_signal(signal.SIGKILL)
                self._agent.wait()

    async def fall_silent(self) -> None:
        """No new row, no answer any more."""
        self._writing.cancel()
        await asyncio.gather(self._writing, return_exceptions=True)
        await self._device.shutdown()  # type: ignore[no-untyped-call]

    async def stop_agent(self) -> int:
        self._agent.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._agent.wait, STOP_SECONDS)

    def status(self) -> dict[str, Any]:
        """What the agent says of itself; empty before it said anything."""
        try:
            document: dict[str, Any] = json.loads((self._folder / "buffer" / "status.json").read_text())
        except FileNotFoundError:
            return {}
        return document

    def _started_agent(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "plantwright_agent", "run", "--config", str(self._configuration)]
        with (self._folder / "agent.log").open("wb") as log:
            return subprocess.Popen(
                command,
                stderr=log,
                preexec_fn=partial(die_with_parent, signal.SIGKILL),  # noqa: PLW1509 - tests start processes from one thread
            )

    async def _write_rows(self) -> None:
        path = self._folder / "rows.csv"
        path.write_text(f"time,{FILE_METRIC}\n")
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            while True:
                os.write(handle, f"{iso_utc(utc_now())},{self.rows}\n".encode())
                self.rows += 1
                await asyncio.sleep(ROW_SECONDS)
        finally:
            os.close(handle)

    async def _started_device(self) -> ModbusTcpServer:
        async def answer(
            _function: int, _start: int, _address: int, _count: int, registers: list[int], *_: Any
        ) -> None:
            registers[0] = self.polls
            self.polls += 1

        registers = SimData(0, values=0, datatype=DataType.REGISTERS)
        server = ModbusTcpServer(SimDevice(id=1, simdata=[registers], action=answer), address=("127.0.0.1", self._port))
        await server.serve_forever(background=True)
        return server
