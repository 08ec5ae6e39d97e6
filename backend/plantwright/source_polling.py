"""The process that reads devices directly, put together; docs/decisions/0014 says why it is one of its own."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
import uvloop

from plantwright.assets.series import SeriesCache
from plantwright.core.bus import Bus
from plantwright.core.database import Database
from plantwright.core.jobs import JobQueue
from plantwright.core.logs import configure_logs
from plantwright.core.roles import check_role
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.readings.wakeups import StoredReadings
from plantwright.sources.addresses import SWITCHED_OFF, DeviceGuard, parse_networks
from plantwright.sources.polling import SourcePolling
from plantwright.sources.sink import Room, Stores

log = structlog.get_logger()


@asynccontextmanager
async def open_polling(settings: Settings, guard: DeviceGuard) -> AsyncGenerator[SourcePolling]:
    """Polls while the block lasts.

    Raises:
        ConfigurationError: a setting is missing, or a database role may do too much.
    """
    redis_url = settings.redis_url.get_secret_value()
    ingest_url = settings.role_url("ingest")
    async with AsyncExitStack() as stack:
        database = Database(settings.role_url("worker"))
        stack.push_async_callback(database.close)
        await check_role(database, "worker")
        await _check_ingest(ingest_url)
        bus = Bus(redis_url)
        await bus.connect()
        stack.push_async_callback(bus.disconnect)
        queue = await JobQueue.connect(redis_url)
        stack.push_async_callback(queue.close)
        stored = StoredReadings(bus, queue)
        writer = GroupCommitWriter(ingest_url, stored.announce)
        vault = Vault(Purpose.SOURCES, settings.key_material(), settings.previous_key_material())
        polling = SourcePolling(Stores(database, SeriesCache(database), writer, Room()), guard, vault)
        for part in (stored, writer, polling):
            await part.start()
            stack.push_async_callback(part.stop)
        yield polling


async def run_polling(settings: Settings) -> None:
    """Until a signal ends it; sources are let go of first, so that another process takes them at once.

    On a server that may not connect to any network it waits for the signal and does nothing.
    """
    configure_logs(settings.log_level)
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    guard = DeviceGuard(parse_networks(settings.source_networks))
    if not guard.is_open:
        log.warning("source_polling_off", reason=SWITCHED_OFF)
        await ending.wait()
        return
    async with open_polling(settings, guard) as polling:
        log.info("source_polling_started", holder=str(polling.holder))
        await ending.wait()


async def _check_ingest(url: str) -> None:
    role = Database(url, pool_size=1)
    try:
        await check_role(role, "ingest")
    finally:
        await role.close()


def main(settings: Settings) -> None:
    uvloop.run(run_polling(settings))
