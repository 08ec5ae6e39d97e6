"""Keeping the buffer within its bytes: the oldest readings go, and a gap says which."""

import heapq
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from plantwright_agent.samples import Gap
from plantwright_agent.store_records import add_gaps

REASON = "buffer full, oldest readings dropped"
ROW_OVERHEAD = 80


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped from one stream: readings, and bytes as counted against the limit."""

    count: int
    size: int


def drop_oldest(
    connection: sqlite3.Connection, excess: int, in_flight: Mapping[int, tuple[int, int]]
) -> dict[int, Dropped]:
    """Free at least `excess` bytes if streams that may be dropped have them; a batch goes whole or not at all.

    `in_flight` gives, by stream, the ids of the batch that is being sent now; it stays.
    """
    result: dict[int, Dropped] = {}
    for stream, last_id in _victims(connection, excess, in_flight).items():
        first_free = in_flight[stream][1] + 1 if stream in in_flight else 0
        end = _end_of_batch(connection, stream, last_id)
        result[stream] = _delete(connection, stream, first_free, end)
    return result


def _victims(connection: sqlite3.Connection, excess: int, in_flight: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """The last reading to go, by stream. One cursor for each stream: those that are kept are not even looked at."""
    streams = [number for (number,) in connection.execute("SELECT id FROM stream WHERE keep = 0")]
    cursors = [
        connection.execute(
            "SELECT id, stream, length(body) FROM reading WHERE stream = ? AND id > ? ORDER BY id",
            (number, in_flight[number][1] if number in in_flight else 0),
        )
        for number in streams
    ]
    last: dict[int, int] = {}
    freed = 0
    for row_id, stream, size in heapq.merge(*cursors):
        last[stream] = row_id
        freed += size + ROW_OVERHEAD
        if freed >= excess:
            break
    return last


def _end_of_batch(connection: sqlite3.Connection, stream: int, last_id: int) -> int:
    row = connection.execute(
        "SELECT max(last_id) FROM batch WHERE stream = ? AND first_id <= ?", (stream, last_id)
    ).fetchone()
    return max(last_id, row[0] or 0)


def _delete(connection: sqlite3.Connection, stream: int, first_id: int, last_id: int) -> Dropped:
    span = (stream, first_id, last_id)
    where = "WHERE stream = ? AND id BETWEEN ? AND ?"
    count, size, start, end = connection.execute(
        f"SELECT count(*), sum(length(body)), min(time_ms), max(time_ms) FROM reading {where}",  # noqa: S608 - fixed text
        span,
    ).fetchone()
    connection.execute(f"DELETE FROM reading {where}", span)  # noqa: S608 - fixed text
    connection.execute("DELETE FROM batch WHERE stream = ? AND first_id BETWEEN ? AND ?", (stream, first_id, last_id))
    connection.execute("UPDATE stream SET dropped = dropped + ? WHERE id = ?", (count, stream))
    oldest, newest = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (start, end))
    add_gaps(connection, stream, [Gap(oldest, newest, REASON, count=count)])
    return Dropped(count, size + count * ROW_OVERHEAD)
