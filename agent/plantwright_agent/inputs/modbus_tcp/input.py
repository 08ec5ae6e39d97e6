"""Polls a Modbus TCP device, or a gateway with several units behind it.

Only functions 3 and 4 (read holding, read input registers) are in this code; nothing here can write.
A unit that does not answer is asked less and less often, so that it does not slow down the others on the same host.
When no unit answers at all, the connection is given up and the supervisor makes a new one: a peer that took the
connection and then went silent looks just like that.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pymodbus import ExceptionResponse, ModbusException
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes

from plantwright_agent.backoff import Backoff
from plantwright_agent.errors import RetryableInputError
from plantwright_agent.inputs.modbus_tcp.blocks import Block, plan, value_of
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.samples import Collected, Gap, RawSample

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
BEHIND_GATEWAY = {ExcCodes.GATEWAY_PATH_UNAVIABLE, ExcCodes.GATEWAY_NO_RESPONSE}


class UnitSilentError(Exception):
    """The unit gave no answer: a time-out, a broken connection, or a gateway that says so."""


class BlockRefusedError(Exception):
    """The unit answered with a Modbus exception. `code` is None when the answer made no sense."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(slots=True)
class Silence:
    """A unit that does not answer: why, and when (monotonic seconds) it is asked again."""

    reason: str
    backoff: Backoff
    ask_again_at: float = 0.0


class ModbusTcp:
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, config: ModbusConfig, machine_identifier: str | None) -> None:
        self._config = config
        self._blocks = plan(config, machine_identifier)
        self._stopping = asyncio.Event()
        self._client: AsyncModbusTcpClient | None = None
        self._silent: dict[int, Silence] = {}
        self._read_at: dict[str, datetime] = {}

    async def start(self) -> None:
        config = self._config
        self._client = AsyncModbusTcpClient(
            config.host, port=config.port, timeout=config.timeout, retries=0, reconnect_delay=0
        )
        if not await self._client.connect():
            raise RetryableInputError(f"cannot connect to {config.host}:{config.port}")

    async def collect(self) -> AsyncIterator[Collected]:
        units = {block.unit for block in self._blocks}
        while not self._stopping.is_set():
            began = time.monotonic()
            collected = await self._poll()
            if self._stopping.is_set() and not collected.samples:
                return
            if self._silent.keys() == units:
                raise RetryableInputError(collected.trouble)
            yield collected
            with contextlib.suppress(TimeoutError):
                wait = max(0.0, self._config.poll_interval - (time.monotonic() - began))
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def stop(self) -> None:
        self._stopping.set()
        if self._client is not None:
            self._client.close()

    async def _poll(self) -> Collected:
        """Ask every unit that is due for all its blocks."""
        samples: list[RawSample] = []
        gaps: list[Gap] = []
        trouble: list[str] = []
        paused = {unit for unit, silence in self._silent.items() if silence.ask_again_at > time.monotonic()}
        for block in list(self._blocks):
            if block.unit in paused:
                continue
            try:
                samples += await self._read(block)
            except UnitSilentError as error:
                paused.add(block.unit)
                gaps.append(self._gap(f"unit {block.unit}", str(error)))
                self._pause(block.unit, str(error))
            except BlockRefusedError as error:
                gaps.append(self._gap(str(block), str(error)))
                trouble.append(f"{block}: {error}")
                self._answered(block, read=False)
                self._split(block, error)
            else:
                self._answered(block, read=True)
        trouble += [f"unit {unit}: {silence.reason}" for unit, silence in self._silent.items()]
        return Collected(tuple(samples), tuple(gaps), trouble="; ".join(trouble))

    async def _read(self, block: Block) -> list[RawSample]:
        """Values of one block, stamped with the time the answer came."""
        if self._client is None or not self._client.connected:
            raise UnitSilentError("the connection was closed")
        read = self._client.read_holding_registers if block.kind == "holding" else self._client.read_input_registers
        try:
            response = await read(block.start, count=block.count, device_id=block.unit)
        except ModbusException:
            raise UnitSilentError(f"no answer within {self._config.timeout:g} s") from None
        if isinstance(response, ExceptionResponse):
            raise _refusal(response.exception_code)
        if len(response.registers) != block.count:
            raise BlockRefusedError(None, f"{len(response.registers)} registers came, {block.count} were asked for")
        now = datetime.now(UTC)
        return [RawSample(point.tag, value_of(point, block, response.registers), now) for point in block.points]

    def _answered(self, block: Block, *, read: bool) -> None:
        self._silent.pop(block.unit, None)
        if read:
            self._read_at[str(block)] = self._read_at[f"unit {block.unit}"] = datetime.now(UTC)

    def _pause(self, unit: int, reason: str) -> None:
        backoff = Backoff(first=self._config.poll_interval, cap=LONGEST_PAUSE)
        silence = self._silent.setdefault(unit, Silence(reason, backoff))
        silence.reason = reason
        silence.ask_again_at = time.monotonic() + silence.backoff.next()

    def _split(self, block: Block, error: BlockRefusedError) -> None:
        if error.code == ExcCodes.ILLEGAL_ADDRESS and len(block.points) > 1:
            log.info("%s is refused as one read; reading its values one by one", block)
            at = self._blocks.index(block)
            self._blocks[at : at + 1] = block.split()

    def _gap(self, place: str, reason: str) -> Gap:
        now = datetime.now(UTC)
        return Gap(self._read_at.get(place, now), now, reason, place)


def _refusal(code: int) -> Exception:
    name = ExcCodes(code).name.lower().replace("_", " ") if code in list(ExcCodes) else "unknown"
    if code in BEHIND_GATEWAY:
        return UnitSilentError(f"the gateway reports exception {code} ({name})")
    return BlockRefusedError(code, f"Modbus exception {code} ({name})")
