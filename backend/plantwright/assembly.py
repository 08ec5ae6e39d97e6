"""Opens and closes what a process shares between its requests or jobs."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from plantwright.assets.series import SeriesCache
from plantwright.core.bus import Bus
from plantwright.core.database import Database
from plantwright.core.jobs import JobQueue
from plantwright.core.roles import check_role
from plantwright.core.settings import Settings
from plantwright.core.vault import Purpose, Vault
from plantwright.graphql.context import Services
from plantwright.identity.authentication import Authenticator
from plantwright.identity.door import IdentityDoor
from plantwright.identity.keys import KeyAuthenticator
from plantwright.identity.refresh import SessionRules
from plantwright.identity.sessions import SessionStore
from plantwright.identity.tokens import TokenIssuer
from plantwright.journal.checkpoints import FILE_NAME as CHECKPOINT_FILE
from plantwright.journal.service import Journal
from plantwright.notifications.door import NotificationDoor
from plantwright.notifications.opening import open_tools
from plantwright.readings.ingest.writer import GroupCommitWriter
from plantwright.readings.wakeups import StoredReadings
from plantwright.rest.ingest import IngestEndpoint
from plantwright.sources.addresses import DeviceGuard, parse_networks
from plantwright.sources.door import SourceDoor
from plantwright.sources.service import Tools


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncGenerator[Services]:
    """
    Raises:
        ConfigurationError: a setting is missing, or the database role may do too much.
    """
    redis_url = settings.redis_url.get_secret_value()
    async with AsyncExitStack() as stack:
        database = Database(settings.role_url("app"))
        stack.push_async_callback(database.close)
        await check_role(database, "app")
        bus = Bus(redis_url)
        await bus.connect()
        stack.push_async_callback(bus.disconnect)
        queue = await JobQueue.connect(redis_url)
        stack.push_async_callback(queue.close)
        sessions = SessionStore(redis_url)
        stack.push_async_callback(sessions.close)
        journal = Journal(settings.audit_key_material(), bus, queue)
        tokens = TokenIssuer(settings.key_material(), timedelta(minutes=settings.access_token_minutes))
        rules = SessionRules(timedelta(days=settings.session_days), timedelta(days=settings.session_idle_days))
        yield Services(
            database=database,
            bus=bus,
            queue=queue,
            journal=journal,
            sessions=sessions,
            authenticator=Authenticator(database, journal, tokens, sessions, rules),
            keys=KeyAuthenticator(database),
            identity=IdentityDoor(
                database, journal, sessions, settings.public_url, is_registration_open=settings.is_registration_open
            ),
            checkpoint_file=settings.data_dir / CHECKPOINT_FILE,
            sources=_open_sources(settings, database, journal),
            notifications=NotificationDoor(database, queue, open_tools(settings, journal), settings.public_url),
        )


def _open_sources(settings: Settings, database: Database, journal: Journal) -> SourceDoor:
    vault = Vault(Purpose.SOURCES, settings.key_material(), settings.previous_key_material())
    guard = DeviceGuard(parse_networks(settings.source_networks))
    return SourceDoor(database, Tools(journal, vault, guard), settings.public_url)


@asynccontextmanager
async def open_ingest(settings: Settings, services: Services) -> AsyncGenerator[IngestEndpoint]:
    """The door for readings, with its writer running."""
    url = settings.role_url("ingest")
    role = Database(url, pool_size=1)
    try:
        await check_role(role, "ingest")
    finally:
        await role.close()
    stored = StoredReadings(services.bus, services.queue)
    writer = GroupCommitWriter(url, stored.announce)
    async with AsyncExitStack() as stack:
        await stored.start()
        stack.push_async_callback(stored.stop)
        await writer.start()
        stack.push_async_callback(writer.stop)
        yield IngestEndpoint(services.keys, SeriesCache(services.database), writer, services.database)
