"""Polls a Modbus TCP device, or a gateway with several units behind it.

A unit that does not answer, and a block that is refused, are asked less and less often, so that they do not slow down
the others on the same host. When no unit answers at all, the supervisor starts the input anew.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from plantwright_agent.backoff import Backoff
from plantwright_agent.errors import RetryableInputError
from plantwright_agent.inputs.modbus_tcp.blocks import Block, plan, value_of
from plantwright_agent.inputs.modbus_tcp.config import MANUAL_TABLES, ModbusConfig
from plantwright_agent.inputs.modbus_tcp.device import Device, join_device
from plantwright_agent.inputs.modbus_tcp.reader import NoAnswerError, RefusedError
from plantwright_agent.samples import Collected, Gap, RawSample

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
LONGEST_ROUND = 1.0
MOST_SAMPLES = 1_000
MOST_REASONS = 5
WRONG_PLACE = {1, 2, 3}
MANUAL_DIGITS = 5


@dataclass(slots=True)
class Pause:
    """Something that does not answer: why, and when (monotonic seconds) it is asked again."""

    reason: str
    backoff: Backoff
    until: float = 0.0

    def again(self, reason: str) -> None:
        self.reason = reason
        self.until = time.monotonic() + self.backoff.next()


@dataclass(slots=True)
class Turn:
    """When a block is to be read next, and why it was refused the last time, if it was."""

    block: Block
    due: float = field(default_factory=time.monotonic)
    refused: Pause | None = None

    def done(self) -> None:
        """The next one in the rhythm of its interval; times that have passed already are left out."""
        interval = self.block.interval
        self.due += interval * (math.floor((time.monotonic() - self.due) / interval) + 1)


@dataclass(slots=True)
class Round:
    """What was read since the last time something was handed over."""

    samples: list[RawSample] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        return len(self.samples) >= MOST_SAMPLES or time.monotonic() - self.began >= LONGEST_ROUND


class ModbusTcp:
    """Input contract: see `plantwright_agent.inputs.contract`."""

    def __init__(self, config: ModbusConfig, machine_identifier: str | None) -> None:
        self._config = config
        self._turns = [Turn(block) for block in plan(config, machine_identifier)]
        self._units = frozenset(turn.block.unit for turn in self._turns)
        self._stopping = asyncio.Event()
        self._device: Device | None = None
        self._silent: dict[int, Pause] = {}
        self._read_at: dict[str, tuple[datetime, float]] = {}

    async def start(self) -> None:
        self._device = join_device(self, self._config, self._units)
        try:
            await self._device.connect()
        except NoAnswerError as error:
            raise RetryableInputError(str(error)) from None

    async def collect(self) -> AsyncIterator[Collected]:
        while not self._stopping.is_set():
            now = Round()
            for turn in self._due():
                await self._take(turn, now)
                if now.is_over or self._stopping.is_set():
                    break
            if self._stopping.is_set() and not now.samples:
                return
            nobody = self._silent.keys() == self._units
            if now.samples or not nobody:
                yield Collected(tuple(now.samples), tuple(now.gaps), trouble=self._trouble())
            if nobody:
                raise RetryableInputError(self._trouble())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._wait())

    async def stop(self) -> None:
        self._stopping.set()
        if self._device is not None:
            self._device.leave(self)

    def _due(self) -> list[Turn]:
        """Longest overdue first."""
        now = time.monotonic()
        return sorted((turn for turn in self._turns if self._time_of(turn) <= now), key=lambda turn: turn.due)

    def _wait(self) -> float:
        return max(0.0, min(self._time_of(turn) for turn in self._turns) - time.monotonic())

    def _time_of(self, turn: Turn) -> float:
        silence = self._silent.get(turn.block.unit)
        return max(turn.due, silence.until if silence else 0.0, turn.refused.until if turn.refused else 0.0)

    async def _take(self, turn: Turn, now: Round) -> None:
        block = turn.block
        if self._time_of(turn) > time.monotonic():
            return
        try:
            now.samples += await self._read(block)
        except NoAnswerError as error:
            pause = self._silent.setdefault(block.unit, Pause("", self._backoff(block)))
            pause.again(self._hint(block.unit, str(error)))
            now.gaps.append(self._gap(f"unit {block.unit}", pause.reason))
        except RefusedError as error:
            self._silent.pop(block.unit, None)
            self._refuse(turn, error, now)
        else:
            self._silent.pop(block.unit, None)
            turn.refused = None
            self._read_at[str(block)] = self._read_at[f"unit {block.unit}"] = (datetime.now(UTC), time.monotonic())
        turn.done()

    async def _read(self, block: Block) -> list[RawSample]:
        """Values of one block, stamped with the time the answer came."""
        if self._device is None:
            raise NoAnswerError("the source was not started")
        values = await self._device.read(block.table, block.unit, block.start, block.count)
        now = datetime.now(UTC)
        return [RawSample(point.tag, value_of(point, block, values), now) for point in block.points]

    def _refuse(self, turn: Turn, error: RefusedError, now: Round) -> None:
        """Several values that are refused together are asked for in smaller parts; a single one is asked for later."""
        block = turn.block
        parts = block.split()
        if error.code in WRONG_PLACE and len(parts) > 1:
            log.info("%s is refused as one read (%s); reading it in %d parts", block, error, len(parts))
            at = self._turns.index(turn)
            self._turns[at : at + 1] = [Turn(part, turn.due) for part in parts]
            return
        turn.refused = turn.refused or Pause("", self._backoff(block))
        turn.refused.again(f"{error}{_manual_hint(block)}")
        now.gaps.append(self._gap(str(block), str(error)))

    def _trouble(self) -> str:
        reasons = [f"unit {unit}: {silence.reason}" for unit, silence in self._silent.items()]
        reasons += [f"{turn.block}: {turn.refused.reason}" for turn in self._turns if turn.refused is not None]
        more = [f"and {len(reasons) - MOST_REASONS} more"] if len(reasons) > MOST_REASONS else []
        return "; ".join(reasons[:MOST_REASONS] + more)

    def _hint(self, unit: int, reason: str) -> str:
        """A unit that never answered while others do is often not there at all."""
        never = f"unit {unit}" not in self._read_at
        return f"{reason}; is the unit_id right?" if never and self._read_at else reason

    def _backoff(self, block: Block) -> Backoff:
        return Backoff(first=min(block.interval, LONGEST_PAUSE), cap=LONGEST_PAUSE)

    def _gap(self, place: str, reason: str) -> Gap:
        """Since it was last read; as long as it really was, also when somebody sets the clock in the meantime."""
        at, ticks = self._read_at.get(place) or (datetime.now(UTC), time.monotonic())
        return Gap(at, at + timedelta(seconds=time.monotonic() - ticks), reason, place)


def _manual_hint(block: Block) -> str:
    """A manual's number that was written as a number is a protocol address far behind what most devices have."""
    address = block.points[0].register.address
    is_manual = isinstance(address, int) and str(address)[0] in MANUAL_TABLES and len(str(address)) >= MANUAL_DIGITS
    return f'; a number from a manual is written as text: address = "{address}"' if is_manual else ""
