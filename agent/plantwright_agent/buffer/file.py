"""The buffer's file on disk: opened, or, when it is damaged, set aside without ever asking a person to delete it."""

import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from plantwright_agent.buffer.salvage import salvage
from plantwright_agent.buffer.schema import FILE, open_file
from plantwright_agent.errors import BufferUnusableError

log = logging.getLogger(__name__)

DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file is not what it wrote (and not that it is busy, full or not to be had)."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in DAMAGE


def open_database(folder: Path, max_bytes: int) -> tuple[sqlite3.Connection, Path | None]:
    """The connection, and where a damaged file was put if there was one.

    Must run on the thread that will use the connection. Raises BufferUnusableError.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return open_file(path), None
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            return replace_file(folder, max_bytes, error)
    except (OSError, sqlite3.OperationalError) as error:
        raise BufferUnusableError(f"buffer {path} cannot be used: {error}") from error


def replace_file(folder: Path, max_bytes: int, error: sqlite3.Error) -> tuple[sqlite3.Connection, Path]:
    """A new file with what can be read of the damaged one, which goes aside; it must be closed."""
    path = folder / FILE
    aside = _set_aside(path)
    log.warning("buffer damaged (%s): set aside as %s and started a new one", error, aside)
    connection = open_file(path)
    saved = salvage(aside, connection, max_bytes)
    log.warning("readings saved from the damaged buffer: %d", saved)
    return connection, aside


def _set_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    target = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(target.with_name(target.name + suffix))
    path.rename(target)
    return target
