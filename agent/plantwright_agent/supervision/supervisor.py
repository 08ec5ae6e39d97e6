"""One task per source: start, collect, store, and start again when it fails. One bad source never stops another."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from plantwright_agent.backoff import Backoff
from plantwright_agent.errors import BufferFullError, PermanentInputError, RetryableInputError
from plantwright_agent.inputs.contract import Input, Sink
from plantwright_agent.moment import Moment
from plantwright_agent.samples import Collected, Gap
from plantwright_agent.status import Health, State

log = logging.getLogger(__name__)

DOWN = "the source could not be read"
HELD_UP = "the buffer could not take values"
AGENT_DOWN = "the agent was not running"
RECONFIGURED = "the source was started anew with other settings"


@dataclass(frozen=True, slots=True)
class Patience:
    """Waiting times in seconds."""

    first_restart: float = 0.5
    longest_restart: float = 30.0
    permanent: float = 60.0
    buffer_full: float = 1.0
    stop: float = 10.0


class SourceTask:
    """Runs one source until told to stop. `live` sources get a gap for every time they could not be read.

    `waits`: whether it waits for room in a full buffer; live ones do not unless told to.
    `unread`: since when it has not been read before this task, and why; that gap ends with the first sign of life.
    """

    def __init__(
        self,
        name: str,
        build: Callable[[], Input],
        sink: Sink,
        *,
        live: bool,
        waits: bool | None = None,
        unread: tuple[Moment, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self.health = Health()
        self._build = build
        self._sink = sink
        self._live = live
        self._waits = not live if waits is None else waits
        self._patience = patience or Patience()
        self._stopping = asyncio.Event()
        self._input: Input | None = None
        self._well_at = Moment.now()
        self._unread = unread if live else None

    @property
    def unread_since(self) -> tuple[Moment, str]:
        """From when on values may be missing if the source is stopped now, and why."""
        return self._unread or (Moment.now(), RECONFIGURED)

    async def run(self) -> None:
        """Returns after `stop`; what the input had received by then is in the buffer."""
        if self._unread is not None:
            await self._store(Collected(gaps=(_gap(self._unread),)))
        backoff = Backoff(first=self._patience.first_restart, cap=self._patience.longest_restart)
        while not self._stopping.is_set():
            wait = await self._attempt(backoff)
            if not self._stopping.is_set():
                self.health.restarts += 1
                await self._unless_stopping(asyncio.sleep(wait))
        self._become("stopping")
        self._become("stopped")

    async def stop(self) -> None:
        """Ask the input to finish; cancels nothing."""
        self._stopping.set()
        if self._input is not None:
            await self._input.stop()

    async def _attempt(self, backoff: Backoff) -> float:
        """One life of the input; how long to wait before the next."""
        source = self._input = self._build()
        wait = self._patience.first_restart
        try:
            await self._unless_stopping(source.start())
            if not self._stopping.is_set():
                await self._collect(source, backoff)
        except RetryableInputError as error:
            wait = backoff.next()
            await self._down("recoverable", str(error))
        except PermanentInputError as error:
            wait = self._patience.permanent
            await self._down("permanent", str(error))
        except sqlite3.Error:
            raise
        except Exception as error:  # the wall between sources: a fault in one input must not end the others
            log.exception("source failed in an unexpected way: source=%s", self.name)
            wait = backoff.next()
            await self._down("recoverable", f"unexpected fault in the agent: {type(error).__name__}")
        finally:
            await source.stop()
        return wait

    async def _collect(self, source: Input, backoff: Backoff) -> None:
        async for collected in source.collect():
            backoff.reset()
            arrived = Moment.now()
            if self._waits:
                await self._unless_stopping(self._sink.wait_for_room())
            is_late = arrived.seconds_ago >= self._patience.buffer_full
            is_late |= await self._store(self._closing_gap(collected))
            if self._live and is_late:
                await self._store(Collected(gaps=(arrived.gap_until_now(HELD_UP),)))
            if not self._stopping.is_set():
                self._become("recoverable" if collected.trouble else "ok", collected.trouble)

    async def _store(self, collected: Collected) -> bool:
        """Keep trying while the disk is full: nothing is lost as long as the source can wait. Whether it had to."""
        if collected == Collected(trouble=collected.trouble):
            return False
        was_refused = False
        while True:
            try:
                await self._sink.add(self.name, collected)
            except BufferFullError as error:
                self._become("recoverable", str(error))
                if self._stopping.is_set():
                    log.warning("stopped with readings that could not be written: source=%s", self.name)
                    return True
                was_refused = True
                await asyncio.sleep(self._patience.buffer_full)
            else:
                return was_refused

    async def _down(self, state: State, reason: str) -> None:
        """The gap is written at once and grows with each failed attempt, so that it survives a crash."""
        if self._stopping.is_set():
            return
        self._become(state, reason)
        if self._live:
            if self._unread is None or self._unread[1] != DOWN:
                self._unread = self._well_at, DOWN
            await self._store(Collected(gaps=(_gap(self._unread),)))

    def _closing_gap(self, collected: Collected) -> Collected:
        """Add the end of the time the source could not be read, if this is the first sign of life."""
        if collected.trouble and not collected.samples:
            return collected
        self._well_at = Moment.now()
        if self._unread is None:
            return collected
        gap = _gap(self._unread)
        self._unread = None
        return replace(collected, gaps=(*collected.gaps, gap))

    def _become(self, state: State, error: str = "") -> None:
        if self.health.to(state, error):
            level = logging.WARNING if state in {"recoverable", "permanent"} else logging.INFO
            log.log(level, "source %s: source=%s%s", state, self.name, f" {error}" if error else "")

    async def _unless_stopping(self, work: Coroutine[Any, Any, None]) -> None:
        """Wait for the work, or give it up as soon as the source is told to stop."""
        task = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            for pending in (task, stopping):
                pending.cancel()
            await asyncio.gather(task, stopping, return_exceptions=True)


def _gap(unread: tuple[Moment, str]) -> Gap:
    since, reason = unread
    return since.gap_until_now(reason)
