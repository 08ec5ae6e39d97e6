"""The running agent: buffer, sources, uplink, status file and configuration, from start to a clean stop."""

import asyncio
import logging
import sqlite3
from collections.abc import Coroutine
from typing import Any

import msgspec

from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.configuration.config import AgentConfig, Config, Outcome
from plantwright_agent.errors import Problem
from plantwright_agent.status import ConfigurationStatus, StatusBoard
from plantwright_agent.supervision.fleet import Fleet
from plantwright_agent.supervision.logs import set_log_level
from plantwright_agent.supervision.reload import ConfigWatch
from plantwright_agent.supervision.supervisor import Patience
from plantwright_agent.supervision.systemd import notify, notify_reloading
from plantwright_agent.uplink.heartbeat import Heartbeat
from plantwright_agent.uplink.uplink import Pace, Uplink

log = logging.getLogger(__name__)

MB = 1_000_000
STATUS_SECONDS = 1.0
HEARTBEAT_FAULT_SECONDS = 60.0
FIXED = ("buffer_dir", "max_buffer_mb", "max_buffer_days", "commit_interval")


async def run_agent(
    config: Config,
    stop: asyncio.Event,
    *,
    watch: ConfigWatch | None = None,
    patience: Patience | None = None,
    pace: Pace | None = None,
) -> None:
    """Run until `stop` is set. Raises BufferUnusableError when there is no buffer to work with."""
    agent = config.agent
    async with Buffer(
        agent.buffer_dir,
        round(agent.max_buffer_mb * MB),
        agent.max_buffer_days,
        commit_interval=agent.commit_interval,
    ) as buffer:
        running = RunningAgent(config, buffer, watch, patience or Patience(), pace)
        try:
            await running.until(stop)
        finally:
            await running.end()


class RunningAgent:
    """All tasks of the agent. One that fails ends the agent; none of them ends by itself."""

    def __init__(
        self, config: Config, buffer: Buffer, watch: ConfigWatch | None, patience: Patience, pace: Pace | None
    ) -> None:
        self._config = config
        self._buffer = buffer
        self._watch = watch
        self._pace = pace
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._board = StatusBoard()
        if watch is not None:
            self._board.configuration.file = watch.path
        self._fleet = Fleet(buffer, self._board, patience, self._guard)
        self._sending: list[asyncio.Task[None]] = []
        self._services: list[asyncio.Task[None]] = []

    async def until(self, stop: asyncio.Event) -> None:
        """Return when told to stop; raise what a task raised."""
        await self._fleet.begin(self._config.source)
        self._send()
        self._services.append(self._guard("status", self._write_status()))
        if self._watch is not None:
            self._services.append(self._guard("configuration", self._follow(self._watch)))
        log.info("agent started: agent=%s sources=%d", self._buffer.agent, len(self._config.source))
        notify("READY=1")
        stopped = asyncio.create_task(stop.wait())
        either: set[asyncio.Future[Any]] = {stopped, self._failed}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self._failed.done():
            self._failed.result()

    async def end(self) -> None:
        """What inputs hold goes to the buffer, then the rest stops."""
        notify("STOPPING=1")
        await _cancel(self._services)
        await self._fleet.end()
        await _cancel(self._sending)
        self._board.uplink.to("stopping")
        self._board.uplink.to("stopped")
        await self._write_once()
        log.info("agent stopped")

    def _guard(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._see_end)
        return task

    def _see_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) and not self._failed.done():
            self._failed.set_exception(error)

    def _send(self) -> None:
        uplink = Uplink(self._config.agent, self._buffer, self._board, self._pace)
        self._sending = [
            self._guard("uplink", uplink.run()),
            self._guard("heartbeat", self._beat(self._config.agent)),
        ]

    async def _beat(self, config: AgentConfig) -> None:
        """A fault in telling how the agent is must not end the agent."""
        while True:
            try:
                await Heartbeat(config, self._buffer, self._board).run()
            except sqlite3.Error:
                raise
            except Exception:
                log.exception("heartbeat failed in an unexpected way")
                await asyncio.sleep(HEARTBEAT_FAULT_SECONDS)

    async def _follow(self, watch: ConfigWatch) -> None:
        while True:
            outcome = await watch.next()
            notify_reloading()
            await self._take(outcome)
            notify("READY=1")

    async def _take(self, outcome: Outcome) -> None:
        """The new configuration as a whole or, when anything is wrong with it, nothing of it."""
        new = outcome.config
        problems = outcome.problems or [
            outcome.problem(("agent", key), "cannot change while the agent runs; restart it")
            for key in FIXED
            if new is not None and getattr(new.agent, key) != getattr(self._config.agent, key)
        ]
        if new is None or problems:
            self._refuse(problems)
            return
        self._board.configuration = ConfigurationStatus(self._board.configuration.file)
        old, self._config = self._config, new
        if new == old:
            log.info("configuration read again: nothing has changed")
            return
        log.info("configuration changed")
        if new.agent != old.agent:
            await self._take_agent(old.agent, new.agent)
        await self._fleet.change_to(new.source)

    async def _take_agent(self, old: AgentConfig, new: AgentConfig) -> None:
        """Anything but the log level concerns the uplink; what it has not settled is sent again."""
        if new.log_level != old.log_level:
            set_log_level(new.log_level)
        if msgspec.structs.replace(old, log_level=new.log_level) == new:
            return
        await _cancel(self._sending)
        self._send()
        log.info("uplink started anew with the changed settings")

    def _refuse(self, problems: list[Problem]) -> None:
        self._board.configuration.problems = problems
        log.error("new configuration refused, the old one stays in use:")
        for problem in problems:
            log.error("%s", problem)

    async def _write_status(self) -> None:
        while True:
            await self._write_once()
            notify("WATCHDOG=1")
            await asyncio.sleep(STATUS_SECONDS)

    async def _write_once(self) -> None:
        try:
            await self._board.write(self._config.agent.buffer_dir, self._buffer)
        except OSError as error:
            log.warning("status file cannot be written: %s", error.strerror)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
