"""Engine, unit of work and tenancy.

Invariants:
1. One request field or job is one transaction; only this module commits.
2. The first statement of every transaction is a literal `SET LOCAL app.tenant_id`, made from a parsed UUID;
   without it row-level security shows nothing.
3. Wake-up calls asked for in a transaction go out after its commit, or never.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
from sqlalchemy import CursorResult, Executable, TextClause, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

AfterCommit = Callable[[], Awaitable[None]]


class UnitOfWork:
    """One transaction of one tenant: a session, and what to do once it has committed."""

    def __init__(self, session: AsyncSession, tenant_id: UUID | None) -> None:
        self.session = session
        self._tenant_id = tenant_id
        self._after_commit: dict[str, AfterCommit] = {}

    @property
    def tenant_id(self) -> UUID:
        """
        Raises:
            LookupError: the transaction was opened without a tenant.
        """
        if self._tenant_id is None:
            raise LookupError("this unit of work has no tenant")
        return self._tenant_id

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """A statement that is no model query: raw SQL, bulk writes."""
        connection = await self.session.connection()
        return await connection.execute(statement, parameters)

    async def stream(self, sql: str, *arguments: object, rows: int) -> AsyncGenerator[list[Mapping[str, Any]]]:
        """Rows of a query with `$1` parameters, so many at a time, as the driver gives them: for bulk reading."""
        connection = await self.session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        if driver is None:
            raise LookupError("the connection is closed")
        batch: list[Mapping[str, Any]] = []
        try:
            async for row in driver.cursor(sql, *arguments, prefetch=rows):
                batch.append(row)
                if len(batch) == rows:
                    yield batch
                    batch = []
        except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError) as error:
            raise OperationalError(sql, None, error) from error
        if batch:
            yield batch

    def after_commit(self, key: str, action: AfterCommit) -> None:
        """Run `action` once after the commit; a second call with the same key changes nothing."""
        self._after_commit.setdefault(key, action)

    async def enter_tenant(self, tenant_id: UUID) -> None:
        """Go on as this tenant; only for doors that learn the tenant from credentials."""
        await self.execute(_set_local("app.tenant_id", tenant_id))
        self._tenant_id = tenant_id

    async def run_after_commit(self) -> None:
        for action in self._after_commit.values():
            await action()


class Database:
    """A pool of connections of one least-privilege role."""

    def __init__(self, url: str, *, pool_size: int = 10, statement_timeout_ms: int = 10_000) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            connect_args={
                "server_settings": {
                    "application_name": "plantwright",
                    "statement_timeout": str(statement_timeout_ms),
                    # A process that stopped in the middle of a write would hold back every reader of the log.
                    "idle_in_transaction_session_timeout": "120s",
                    "jit": "off",
                }
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _require_open)

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID | None = None) -> AsyncGenerator[UnitOfWork]:
        """Commits when the block ends, rolls back when it raises."""
        async with self._begun(tenant_id, {}) as work:
            yield work
            await work.session.commit()
        await work.run_after_commit()

    @asynccontextmanager
    async def reading(self, tenant_id: UUID) -> AsyncGenerator[UnitOfWork]:
        """A transaction that cannot write; for queries."""
        async with self._begun(tenant_id, {"postgresql_readonly": True}) as work:
            yield work

    @asynccontextmanager
    async def snapshot(self, tenant_id: UUID) -> AsyncGenerator[UnitOfWork]:
        """A read-only transaction in which every statement sees the same moment; for long walks."""
        async with self._begun(tenant_id, {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}) as work:
            yield work

    @asynccontextmanager
    async def _begun(self, tenant_id: UUID | None, options: Mapping[str, Any]) -> AsyncGenerator[UnitOfWork]:
        """A connection that turns out to be dead at the first statement is replaced: nothing was done on it yet."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            work = UnitOfWork(session, tenant_id)
            try:
                await _begin(work, tenant_id, options)
            except DBAPIError as error:
                if not _is_gone(error):
                    raise
                await session.invalidate()
                await _begin(work, tenant_id, options)
            yield work

    async def ping(self) -> None:
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


async def _begin(work: UnitOfWork, tenant_id: UUID | None, options: Mapping[str, Any]) -> None:
    if options:
        await work.session.connection(execution_options=options)
    if tenant_id is not None:
        await work.execute(_set_local("app.tenant_id", tenant_id))


def _is_gone(error: DBAPIError) -> bool:
    """Ended by the server; for a moment the driver has its last words, and does not call itself closed yet."""
    driver_error = None if error.orig is None else error.orig.__cause__
    return error.connection_invalidated or isinstance(driver_error, asyncpg.InternalClientError)


def _require_open(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server has ended. The driver knows that without asking the server,
    which would cost each transaction three round trips.
    """
    driver = connection.driver_connection
    if driver is None or driver.is_closed():
        raise InvalidatePoolError


def async_url(url: str) -> str:
    """The asyncpg form of a libpq URL."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql+asyncpg"))


def _set_local(setting: str, value: UUID) -> TextClause:
    return text(f"SET LOCAL {setting} = '{value}'")
