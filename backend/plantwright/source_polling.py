"""The worker's polling of sources, put together: who may store, how names become series, where connections may go."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from plantwright.assets.series import SeriesCache
from plantwright.core.bus import Bus
from plantwright.core.database import Database
from plantwright.core.jobs import JobQueue
from plantwright.core.roles import check_role
from plantwright.core.settings import Settings
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.readings.wakeups import StoredReadings
from plantwright.sources.addresses import AddressGuard, parse_networks
from plantwright.sources.polling import SourcePolling
from plantwright.sources.sink import Room, Stores
from plantwright.sources.vault import Vault

log = structlog.get_logger()


@asynccontextmanager
async def open_polling(settings: Settings, database: Database, bus: Bus, queue: JobQueue) -> AsyncGenerator[None]:
    """Polls while the block lasts; does nothing on a server that may not connect to any network.

    `database` is of the `worker` role.

    Raises:
        ConfigurationError: a setting is missing or wrong, or the `ingest` role may do too much.
    """
    guard = AddressGuard(parse_networks(settings.source_networks))
    if not guard.is_open:
        log.info("source_polling_off")
        yield
        return
    url = settings.role_url("ingest")
    role = Database(url, pool_size=1)
    try:
        await check_role(role, "ingest")
    finally:
        await role.close()
    stored = StoredReadings(bus, queue)
    writer = GroupCommitWriter(url, stored.announce)
    vault = Vault(settings.key_material(), settings.previous_key_material())
    polling = SourcePolling(Stores(database, SeriesCache(database), writer, Room()), guard, vault)
    async with AsyncExitStack() as stack:
        for part in (stored, writer, polling):
            await part.start()
            stack.push_async_callback(part.stop)
        yield
