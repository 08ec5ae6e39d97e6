"""The running sources. A new configuration touches only those that it changes."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.inputs.registry import build_input
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.moment import Moment
from plantwright_agent.status import StatusBoard
from plantwright_agent.supervision.supervisor import AGENT_DOWN, Patience, SourceTask

log = logging.getLogger(__name__)

Guard = Callable[[str, Coroutine[Any, Any, None]], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class Running:
    config: SourceConfig
    source: SourceTask
    task: asyncio.Task[None]


class Fleet:
    """`guard` makes a task of a coroutine and lets the agent end when it fails."""

    def __init__(self, buffer: Buffer, board: StatusBoard, patience: Patience, guard: Guard) -> None:
        self._buffer = buffer
        self._board = board
        self._patience = patience
        self._guard = guard
        self._running: dict[str, Running] = {}

    async def begin(self, sources: list[SourceConfig]) -> None:
        """Start all; the time since the last reading of each is a gap."""
        last = {item.name: item.last_time_ms for item in await self._buffer.summary()}
        for config in sources:
            at = last.get(config.name)
            unread = None if at is None else (Moment.past(datetime.fromtimestamp(at / 1000, UTC)), AGENT_DOWN)
            await self._start(config, unread)

    async def change_to(self, sources: list[SourceConfig]) -> None:
        """Stop what is gone, start what is new, and both for what has changed; each waits only for itself."""
        wanted = {config.name: config for config in sources}
        touched = [
            name
            for name in {**self._running, **wanted}
            if name not in self._running or self._running[name].config != wanted.get(name)
        ]
        await asyncio.gather(*(self._change(name, wanted) for name in touched))

    async def end(self) -> None:
        """Inputs finish and what they hold goes to the buffer; one that hangs is given up."""
        await asyncio.gather(*(self._stop(running) for running in self._running.values()))

    async def _change(self, name: str, wanted: Mapping[str, SourceConfig]) -> None:
        unread: tuple[Moment, str] | None = None
        old = self._running.get(name)
        if old is not None:
            unread = old.source.unread_since
            await self._stop(old)
            del self._running[name], self._board.sources[name]
        if name in wanted:
            await self._start(wanted[name], unread)
        log.info("source %s: source=%s", _what_happened(old is not None, name in wanted), name)

    async def _start(self, config: SourceConfig, unread: tuple[Moment, str] | None) -> None:
        await self._buffer.register(config.name, keep=config.waits_when_full, repeats=config.repeats)
        source = SourceTask(
            config.name,
            partial(build_input, config, self._buffer),
            self._buffer,
            live=config.is_live,
            waits=config.waits_when_full,
            unread=unread,
            patience=self._patience,
        )
        source.health.protocol = config.protocol
        self._board.sources[config.name] = source.health
        self._running[config.name] = Running(config, source, self._guard(config.name, source.run()))

    async def _stop(self, running: Running) -> None:
        """Ask, then cancel, then leave behind: a source that hangs holds up neither a stop nor a change."""
        asking = asyncio.create_task(running.source.stop())
        both = {asking, running.task}
        await asyncio.wait(both, timeout=self._patience.stop)
        if not running.task.done():
            log.error("source did not stop in time: source=%s", running.config.name)
        for task in both:
            task.cancel()
        _, stuck = await asyncio.wait(both, timeout=self._patience.stop)
        if stuck:
            log.error("source cannot be stopped and is left behind: source=%s", running.config.name)
        for task in both - stuck:
            if not task.cancelled() and (error := task.exception()):
                log.warning("source failed while stopping: source=%s %s", running.config.name, type(error).__name__)


def _what_happened(was: bool, is_wanted: bool) -> str:
    if was and is_wanted:
        return "changed"
    return "added" if is_wanted else "removed"
