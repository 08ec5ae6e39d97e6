"""Bring a database to the newest shape: the three roles with their passwords, then the Alembic migrations."""

import asyncio
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from plantwright.core.database import async_url
from plantwright.core.errors import ConfigurationError
from plantwright.core.settings import DATABASE_ROLES, DatabaseRole, Settings, role_name

log = structlog.get_logger()

OLDEST_SERVER = 15
_LOCK = 0x706C616E74  # "plant": one migration at a time per database


def migrate(settings: Settings) -> None:
    asyncio.run(migrate_async(settings))


async def migrate_async(settings: Settings, revision: str = "head") -> None:
    """
    Args:
        settings: name the database and its owner.
        revision: how far; the newest shape unless told otherwise.

    Raises:
        ConfigurationError: the server is too old, or the owner may not create roles.
    """
    engine = create_async_engine(async_url(settings.owner_url()), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _require_version(connection)
            # Given back when the connection closes: by name it could not be after a statement that failed.
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            await _ensure_roles(connection, settings)
            await connection.run_sync(_upgrade, revision)
            await connection.commit()
    finally:
        await engine.dispose()
    log.info("database_migrated")


async def _require_version(connection: AsyncConnection) -> None:
    number = int((await connection.execute(text("SHOW server_version_num"))).scalar_one()) // 10_000
    if number < OLDEST_SERVER:
        raise ConfigurationError(f"PostgreSQL {number} is too old: version {OLDEST_SERVER} or newer is needed.")


async def _ensure_roles(connection: AsyncConnection, settings: Settings) -> None:
    database = (await connection.execute(text("SELECT current_database()"))).scalar_one()
    try:
        for role in DATABASE_ROLES:
            name = role_name(database, role)
            await _ensure_role(connection, settings, name, role)
            await connection.execute(text(f'GRANT CONNECT ON DATABASE "{database}" TO "{name}"'))
        await connection.execute(text(f'REVOKE CONNECT, TEMPORARY ON DATABASE "{database}" FROM PUBLIC'))
        await connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    except ProgrammingError as error:
        reason = str(error.orig).rpartition("'>: ")[2]
        raise ConfigurationError(
            f"The owner in DATABASE_URL may not set up the database roles ({reason}). It needs to own the database "
            f"and the rights CREATEROLE and BYPASSRLS (PostgreSQL 16 or newer), or to be a superuser."
        ) from error
    await connection.commit()


async def _ensure_role(connection: AsyncConnection, settings: Settings, name: str, role: DatabaseRole) -> None:
    found = await connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    # The password is hexadecimal, so it cannot end the literal; PostgreSQL takes no parameters here.
    password = f"PASSWORD '{settings.role_password(name)}'"
    if found.scalar_one_or_none():
        # Only a superuser may name the other attributes of a role that exists; `check_role` refuses one with too many.
        await connection.execute(text(f'ALTER ROLE "{name}" LOGIN {password}'))
        return
    # COPY FROM is refused under row-level security, so the role that copies has to stand outside it
    # and gets nothing but INSERT on two tables.
    bypass = "BYPASSRLS" if role == "ingest" else "NOBYPASSRLS"
    rights = f"LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {bypass}"
    await connection.execute(text(f'CREATE ROLE "{name}" {rights} {password}'))


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["connection"] = connection
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.commit()
    command.upgrade(config, revision)
