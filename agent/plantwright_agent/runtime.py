"""The running agent: buffer, one task per source, uplink and status file, from start to a clean stop."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial

from plantwright_agent.buffer import Buffer
from plantwright_agent.config import Config
from plantwright_agent.inputs.registry import build_input, is_live
from plantwright_agent.status import StatusBoard
from plantwright_agent.supervisor import Patience, SourceTask
from plantwright_agent.uplink import Pace, Uplink

log = logging.getLogger(__name__)

MB = 1_000_000
STATUS_SECONDS = 1.0


async def run_agent(
    config: Config, stop: asyncio.Event, *, patience: Patience | None = None, pace: Pace | None = None
) -> None:
    """Run until `stop` is set. Raises BufferUnusableError when there is no buffer to work with."""
    patience = patience or Patience()
    agent = config.agent
    async with Buffer(agent.buffer_dir, round(agent.max_buffer_mb * MB)) as buffer:
        sources = await _sources(config, buffer, patience)
        board = StatusBoard(sources={source.name: source.health for source in sources})
        services = [
            asyncio.create_task(Uplink(agent, buffer, board, pace).run(), name="uplink"),
            asyncio.create_task(_write_status(config, buffer, board), name="status"),
        ]
        tasks = [asyncio.create_task(source.run(), name=source.name) for source in sources]
        log.info("agent started: agent=%s sources=%d", buffer.agent, len(sources))
        try:
            await _until(stop, [*services, *tasks])
        finally:
            await _stop_sources(sources, tasks, patience)
            for service in services:
                service.cancel()
            await asyncio.gather(*services, return_exceptions=True)
            board.uplink.to("stopping")
            board.uplink.to("stopped")
            await _write_once(config, buffer, board)
        log.info("agent stopped")


async def _sources(config: Config, buffer: Buffer, patience: Patience) -> list[SourceTask]:
    last = {item.name: item.last_time_ms for item in await buffer.summary()}
    sources: list[SourceTask] = []
    for source in config.source:
        live = is_live(source)
        await buffer.register(source.name, keep=not live)
        at = last.get(source.name)
        sources.append(
            SourceTask(
                source.name,
                partial(build_input, source, buffer),
                buffer,
                live=live,
                last_reading=None if at is None else datetime.fromtimestamp(at / 1000, UTC),
                patience=patience,
            )
        )
    return sources


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Return when told to stop; raise what a task raised (none of them ends by itself)."""
    waiter = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({waiter, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {waiter}:
            task.result()
    finally:
        waiter.cancel()


async def _stop_sources(sources: list[SourceTask], tasks: list[asyncio.Task[None]], patience: Patience) -> None:
    """Inputs finish and what they hold goes to the buffer; one that hangs is cancelled."""
    await asyncio.gather(*(source.stop() for source in sources), return_exceptions=True)
    if not tasks:
        return
    _, hanging = await asyncio.wait(tasks, timeout=patience.stop)
    for task in hanging:
        log.error("source did not stop in time: source=%s", task.get_name())
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _write_status(config: Config, buffer: Buffer, board: StatusBoard) -> None:
    while True:
        await _write_once(config, buffer, board)
        await asyncio.sleep(STATUS_SECONDS)


async def _write_once(config: Config, buffer: Buffer, board: StatusBoard) -> None:
    try:
        await board.write(config.agent.buffer_dir, buffer)
    except OSError as error:
        log.warning("status file cannot be written: %s", error.strerror)
