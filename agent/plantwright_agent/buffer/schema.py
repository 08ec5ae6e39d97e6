"""The tables of the buffer, and opening its file within a bounded time, whatever its size and state.

Checked at each start: the file's header, all small tables, and the order of the chunks in their index; the chunks
themselves only in a file of up to 64 MB, since reading gigabytes takes minutes. Every chunk carries a checksum, which
is checked when it is read, and damage that SQLite itself meets later is handled while the agent runs.
"""

import sqlite3
import uuid
from pathlib import Path
from typing import NoReturn

from plantwright_agent.errors import BufferUnusableError

FILE = "buffer.db"
VERSION = 2
PAGE_BYTES = 4096
WHOLE_CHECK_BYTES = 64_000_000

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE stream (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, keep INTEGER NOT NULL DEFAULT 0,
  backlog_through INTEGER NOT NULL DEFAULT 0,
  live_sequence INTEGER NOT NULL DEFAULT 1, backlog_sequence INTEGER NOT NULL DEFAULT 1,
  acknowledged INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0,
  dead_letters INTEGER NOT NULL DEFAULT 0, gaps INTEGER NOT NULL DEFAULT 0, last_time_ms INTEGER
) STRICT;
CREATE TABLE series (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, machine TEXT NOT NULL, metric TEXT NOT NULL,
  unit TEXT NOT NULL, raw_tag TEXT NOT NULL
) STRICT;
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, count INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, added_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX chunk_stream ON chunk (stream, id, count, added_ms, last_ms);
CREATE TABLE batch (
  stream INTEGER NOT NULL, lane INTEGER NOT NULL, sequence INTEGER NOT NULL, agent TEXT NOT NULL,
  first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
  PRIMARY KEY (stream, lane, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE position (
  stream INTEGER NOT NULL, path TEXT NOT NULL, inode INTEGER NOT NULL, offset INTEGER NOT NULL,
  line INTEGER NOT NULL, head TEXT NOT NULL, tail TEXT NOT NULL, PRIMARY KEY (stream, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, tag TEXT NOT NULL, reason TEXT NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, count INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1, reported INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX gap_tag ON gap (stream, tag, reason, end_ms);
CREATE INDEX gap_to_report ON gap (id) WHERE reported < revision;
CREATE TABLE dead_letter (
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, origin TEXT NOT NULL, line INTEGER NOT NULL,
  text TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
"""
# Files that were made before it was thought of get it when they are opened.
NEWEST = """
CREATE TABLE IF NOT EXISTS newest (
  series INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, value REAL NOT NULL, quality INTEGER NOT NULL
) STRICT;
"""
TABLES = ("meta", "stream", "series", "batch", "position", "gap", "dead_letter", "newest")
LARGE = "chunk"


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to a sound file of this format; made when it is not there, remade when it holds nothing.

    Raises:
        sqlite3.DatabaseError: the file is damaged.
        BufferUnusableError: it holds readings in another format.
    """
    connection = _connect(path)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 1 and not connection.execute("SELECT EXISTS (SELECT * FROM reading)").fetchone()[0]:
            connection.close()
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            connection, version = _connect(path), 0
        if version == 0:
            _create(connection)
        elif version != VERSION:
            _refuse(path, version)
        connection.execute(NEWEST)
        _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=5.0, cached_statements=256)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse(path: Path, version: int) -> NoReturn:
    raise BufferUnusableError(
        f"buffer {path} was written by another version of the agent (format {version}, this one reads "
        f"{VERSION}); start that version to send what is in it, or use another buffer_dir"
    )


def _create(connection: sqlite3.Connection) -> None:
    """A new file is a new agent, so its sequences can never collide with those of an older file."""
    connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA}")
    connection.execute("INSERT INTO meta VALUES ('agent', ?)", (str(uuid.uuid4()),))
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    small = path.stat().st_size <= WHOLE_CHECK_BYTES
    for table in (*TABLES, *([LARGE] if small else [])):
        result = connection.execute(f"PRAGMA quick_check({table})").fetchone()[0]
        if result != "ok":
            raise sqlite3.DatabaseError(result)
