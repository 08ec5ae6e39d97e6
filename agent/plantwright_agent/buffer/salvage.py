"""What can be read of a damaged buffer goes into the new one: streams, positions, batches, chunks and gaps.

Rows are copied with their ids. A page that cannot be read ends a scan; the next id that can be read is then searched
in growing steps, so that one bad page costs a few chunks and not all that follow.
"""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

Row = tuple[Any, ...]

SMALL = ("stream", "series", "position", "gap", "dead_letter", "newest")
ROWS_AT_ONCE = 200
SHARE_OF_DISK = 0.5


def salvage(damaged: Path, target: sqlite3.Connection, max_bytes: int) -> int:
    """Returns how many readings were saved; what cannot be saved stays in the file that was set aside."""
    try:
        source = sqlite3.connect(f"file:{damaged}?mode=rw", uri=True, isolation_level=None)
    except sqlite3.Error:
        return 0
    room = min(max_bytes, damaged.stat().st_size, int(shutil.disk_usage(damaged.parent).free * SHARE_OF_DISK))
    try:
        source.execute("PRAGMA query_only = 1")
        whole = {table: _copy_table(source, target, table) for table in SMALL}
        saved = _copy_chunks(source, target, room) if whole["stream"] and whole["series"] else 0
        _copy_batches(source, target)
    except sqlite3.Error as error:
        log.warning("the rest of the damaged buffer cannot be read: %s", error)
        saved = int(target.execute("SELECT ifnull(sum(count), 0) FROM chunk").fetchone()[0])
    finally:
        source.close()
    return saved


def _copy_table(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> bool:
    """Whether all of it could be read; as far as it can be, it is copied."""
    target.execute("BEGIN IMMEDIATE")
    try:
        for row in source.execute(f"SELECT * FROM {table}"):  # noqa: S608 - one of our own tables
            _insert(target, table, row)
    except sqlite3.DatabaseError:
        return False
    finally:
        target.execute("COMMIT")
    return True


def _copy_batches(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Only those whose chunks are all there keep their number, under the agent id that they had."""
    for row in source.execute("SELECT * FROM batch").fetchall():
        stream, first, last = row[0], row[4], row[5]
        query = "SELECT count(*), sum(count) FROM chunk WHERE stream = ? AND id BETWEEN ? AND ?"
        there, here = (side.execute(query, (stream, first, last)).fetchone() for side in (source, target))
        if there == here:
            _insert(target, "batch", row)


def _copy_chunks(source: sqlite3.Connection, target: sqlite3.Connection, room: int) -> int:
    saved = used = 0
    rows: list[Row] = []
    for row in _readable(source):
        used += len(row[-1])
        if used > room:
            break
        rows.append(row)
        saved += row[2]
        if len(rows) >= ROWS_AT_ONCE:
            _write(target, rows)
            rows.clear()
    _write(target, rows)
    return saved


def _readable(source: sqlite3.Connection) -> Iterator[Row]:
    """Rows of `chunk` in the order of their ids, over what cannot be read."""
    above, step = -1, 1
    top = _highest(source)
    while above < top:
        try:
            row = source.execute("SELECT * FROM chunk WHERE id > ? ORDER BY id LIMIT 1", (above,)).fetchone()
        except sqlite3.DatabaseError:
            above += step
            step *= 2
            continue
        if row is None:
            return
        above, step = row[0], 1
        yield row


def _highest(source: sqlite3.Connection) -> int:
    """The highest id, from the index where the end of the table cannot be read."""
    for query in ("SELECT max(id) FROM chunk", "SELECT max(id) FROM chunk INDEXED BY chunk_stream WHERE stream >= 0"):
        try:
            return int(source.execute(query).fetchone()[0] or 0)
        except sqlite3.DatabaseError:
            continue
    return 0


def _write(target: sqlite3.Connection, rows: list[Row]) -> None:
    target.execute("BEGIN IMMEDIATE")
    for row in rows:
        _insert(target, "chunk", row)
    target.execute("COMMIT")


def _insert(target: sqlite3.Connection, table: str, row: Row) -> None:
    marks = ",".join("?" * len(row))
    target.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608 - one of our own tables
