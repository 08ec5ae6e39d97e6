"""The running demo plant: one clock, one set of faults, three outlets."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from plantwright.demo.credentials import ensure_credentials
from plantwright.demo.errors import ControlFileInvalid, DemoError
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.faults import Fault, FaultKind
from plantwright.demo.files import ROTATE_BYTES, FilesOutlet
from plantwright.demo.machines import MACHINES
from plantwright.demo.modbus_server import ModbusOutlet
from plantwright.demo.opcua_server import OpcUaOutlet
from plantwright.demo.ports import DEFAULT_MODBUS_PORT, DEFAULT_OPCUA_PORT
from plantwright.demo.signals import SECOND_MS, snapshot
from plantwright.demo.tick import Outlet, Tick

FAULT_POLL_SECONDS = 0.5

log = structlog.get_logger(__name__)


class PortUnusable(DemoError):
    code = "DEMO_PORT_UNUSABLE"


class Plant:
    """Runs inside `async with`; the servers answer and the first values are out once it is entered.

    Args:
        data_dir: folder for certificates, growing files and the fault control file.
        opcua_port, modbus_port: TCP ports on 127.0.0.1; 0 takes a free one.
        rotate_bytes: size at which a growing file is rotated.

    Raises:
        PortUnusable: a port is taken or not allowed.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        opcua_port: int = DEFAULT_OPCUA_PORT,
        modbus_port: int = DEFAULT_MODBUS_PORT,
        rotate_bytes: int = ROTATE_BYTES,
    ) -> None:
        self.opcua_port = _usable_port(opcua_port)
        self.modbus_port = _usable_port(modbus_port)
        self._data_dir = data_dir
        self._rotate_bytes = rotate_bytes
        self._store = FaultStore(data_dir)
        self._faults: tuple[Fault, ...] = ()
        self._fault_trouble = ""
        self._outlets: tuple[Outlet, ...] = ()
        self._running = contextlib.AsyncExitStack()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> Self:
        outlets: tuple[Outlet, ...] = (
            FilesOutlet(self._data_dir, rotate_bytes=self._rotate_bytes),
            ModbusOutlet(self.modbus_port),
            OpcUaOutlet(ensure_credentials(self._data_dir), self.opcua_port),
        )
        async with contextlib.AsyncExitStack() as stack:
            for outlet in outlets:
                await outlet.start()
                stack.push_async_callback(outlet.stop)
            self._running = stack.pop_all()
        self._outlets = outlets
        self._read_faults()
        await self._publish(_now_ms() // SECOND_MS * SECOND_MS)
        self._tasks = (asyncio.create_task(self._run_clock()), asyncio.create_task(self._watch_faults()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._running.aclose()

    async def wait(self) -> None:
        """Returns only by raising what stopped the clock."""
        await asyncio.gather(*self._tasks)

    async def _run_clock(self) -> None:
        while True:
            now = _now_ms()
            due = (now // SECOND_MS + 1) * SECOND_MS
            await asyncio.sleep((due - now) / SECOND_MS)
            # After the computer slept, the present counts and not the second that was due.
            await self._publish(max(due, _now_ms() // SECOND_MS * SECOND_MS))

    async def _publish(self, time_ms: int) -> None:
        tick = _tick(time_ms, self._faults)
        for outlet in self._outlets:
            try:
                await outlet.publish(tick)
            except OSError as error:
                log.warning("demo_outlet_failed", outlet=type(outlet).__name__, error=str(error))

    async def _watch_faults(self) -> None:
        while True:
            await asyncio.sleep(FAULT_POLL_SECONDS)
            self._read_faults()

    def _read_faults(self) -> None:
        """An unreadable control file changes nothing until it is put right."""
        try:
            faults = self._store.read()
        except (ControlFileInvalid, OSError) as error:
            if str(error) != self._fault_trouble:
                self._fault_trouble = str(error)
                log.warning("demo_faults_unreadable", error=self._fault_trouble)
            return
        self._fault_trouble = ""
        if faults != self._faults:
            log.info("demo_faults_changed", active=[f"{f.machine} {f.kind}" for f in faults])
            self._faults = faults


async def run_plant(
    data_dir: Path, *, opcua_port: int = DEFAULT_OPCUA_PORT, modbus_port: int = DEFAULT_MODBUS_PORT
) -> None:
    """Run the plant until SIGTERM or SIGINT.

    Raises:
        PortUnusable: a port is taken or not allowed.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Plant(data_dir, opcua_port=opcua_port, modbus_port=modbus_port) as plant:
        log.info("demo_plant_ready", machines=len(MACHINES), opcua=plant.opcua_port, modbus=plant.modbus_port)
        running = asyncio.ensure_future(plant.wait())
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if running.done():
            running.result()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    log.info("demo_plant_stopped")


def _tick(time_ms: int, faults: Sequence[Fault]) -> Tick:
    dropped = frozenset(fault.machine for fault in faults if fault.kind is FaultKind.DROPPED_LINK)
    readings = {machine.identifier: snapshot(machine, time_ms, faults) for machine in MACHINES}
    return Tick(time_ms, readings, dropped)


def _usable_port(port: int) -> int:
    """The port itself once it can be bound, or a free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortUnusable(
                f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}). Choose another one, or 0 for any."
            ) from error
        return int(probe.getsockname()[1])


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
