"""The tables of the buffer, and opening them without ever asking a person to delete a file."""

import logging
import sqlite3
import uuid
from datetime import UTC, datetime
from pathlib import Path

from plantwright_agent.errors import BufferUnusableError

log = logging.getLogger(__name__)

FILE = "buffer.db"
VERSION = 1
PAGE_BYTES = 4096
SPARE_PAGES = 4096

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE stream (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, keep INTEGER NOT NULL DEFAULT 0,
  next_sequence INTEGER NOT NULL DEFAULT 1, acknowledged INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0, dead_letters INTEGER NOT NULL DEFAULT 0, gaps INTEGER NOT NULL DEFAULT 0,
  last_time_ms INTEGER
) STRICT;
CREATE TABLE reading (
  id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  added_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX reading_stream ON reading (stream, id);
CREATE TABLE batch (
  stream INTEGER NOT NULL, sequence INTEGER NOT NULL, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL,
  PRIMARY KEY (stream, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE position (
  stream INTEGER NOT NULL, path TEXT NOT NULL, inode INTEGER NOT NULL, offset INTEGER NOT NULL,
  line INTEGER NOT NULL, head TEXT NOT NULL, tail TEXT NOT NULL, PRIMARY KEY (stream, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, tag TEXT NOT NULL, reason TEXT NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, count INTEGER NOT NULL
) STRICT;
CREATE INDEX gap_tag ON gap (stream, tag, reason, end_ms);
CREATE TABLE dead_letter (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, origin TEXT NOT NULL, line INTEGER NOT NULL,
  text TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
"""


def open_database(folder: Path, max_bytes: int) -> tuple[sqlite3.Connection, Path | None]:
    """The connection, and where a damaged file was put if there was one.

    Must run on the thread that will use the connection.
    """
    path = folder / FILE
    set_aside: Path | None = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            connection = _open(path, max_bytes)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            set_aside = _set_aside(path)
            log.warning("buffer damaged (%s): set aside as %s and started a new one", error, set_aside)
            connection = _open(path, max_bytes)
    except (OSError, sqlite3.OperationalError) as error:
        raise BufferUnusableError(f"buffer {path} cannot be used: {error}") from error
    return connection, set_aside


def _open(path: Path, max_bytes: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=5.0)
    try:
        _prepare(connection, path, max_bytes)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, max_bytes: int) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    result = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if result != "ok":
        raise sqlite3.DatabaseError(result)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        _create(connection)
    elif version != VERSION:
        raise BufferUnusableError(
            f"buffer {path} was written by another version of the agent (format {version}, this one reads "
            f"{VERSION}); start that version to send what is in it, or use another buffer_dir"
        )
    connection.execute(f"PRAGMA max_page_count = {2 * max_bytes // PAGE_BYTES + SPARE_PAGES}")


def _create(connection: sqlite3.Connection) -> None:
    """A new file is a new agent, so its sequences can never collide with those of an older file."""
    connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA}")
    connection.execute("INSERT INTO meta VALUES ('agent', ?)", (str(uuid.uuid4()),))
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _set_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    target = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(target.with_name(target.name + suffix))
    path.rename(target)
    return target
