"""Keeping the buffer within its bytes and its age: the oldest chunks go, and a gap says which."""

import heapq
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator

from plantwright_agent.buffer.batches import Number
from plantwright_agent.buffer.chunks import discard
from plantwright_agent.buffer.space import Space

FULL = "buffer full, oldest readings dropped"
TOO_OLD = "older than max_buffer_days, dropped"
ROW_OVERHEAD = 60
AT_ONCE = 100


def drop_oldest(
    connection: sqlite3.Connection, space: Space, needed: int, in_flight: Collection[Number], most_gaps: int
) -> set[int]:
    """Make room for `needed` bytes if streams that may be dropped have them; returns the streams that lost some.

    A batch goes whole or not at all, and not while it is being sent.
    """
    touched: set[int] = set()
    while (excess := space.used() + needed - space.limit) > 0:
        victims: defaultdict[int, list[int]] = defaultdict(list)
        freed = 0
        for chunk, stream, size in _droppable(connection, in_flight):
            victims[stream].append(chunk)
            freed += size + ROW_OVERHEAD
            if freed >= excess:
                break
        if not victims:
            break
        for stream, chunks in victims.items():
            discard(connection, stream, chunks, FULL, most_gaps)
        touched.update(victims)
    return touched


def drop_aged(
    connection: sqlite3.Connection, added_before_ms: int, in_flight: Collection[Number], most_gaps: int
) -> set[int]:
    """Drop some of what has waited too long in streams that may be dropped; returns the streams that lost some."""
    victims: defaultdict[int, list[int]] = defaultdict(list)
    for (stream,) in connection.execute("SELECT id FROM stream WHERE keep = 0").fetchall():
        rows = connection.execute(
            "SELECT id, added_ms FROM chunk WHERE stream = ? ORDER BY id LIMIT ?", (stream, AT_ONCE)
        ).fetchall()
        for chunk, added_ms in rows:
            if added_ms >= added_before_ms:
                break
            if not _is_sent(stream, chunk, in_flight):
                victims[stream].append(chunk)
    for stream, chunks in victims.items():
        discard(connection, stream, chunks, TOO_OLD, most_gaps)
    return set(victims)


def _droppable(connection: sqlite3.Connection, in_flight: Collection[Number]) -> Iterator[tuple[int, int, int]]:
    """Chunk, stream and bytes, oldest first. A cursor per stream: those that are kept are not even looked at."""
    streams = connection.execute("SELECT id FROM stream WHERE keep = 0").fetchall()
    cursors = [
        connection.execute("SELECT id, stream, length(body) FROM chunk WHERE stream = ? ORDER BY id", stream)
        for stream in streams
    ]
    try:
        for chunk, stream, size in heapq.merge(*cursors):
            if not _is_sent(stream, chunk, in_flight):
                yield chunk, stream, size
    finally:
        for cursor in cursors:
            cursor.close()


def _is_sent(stream: int, chunk: int, in_flight: Collection[Number]) -> bool:
    return any(number.stream == stream and number.first <= chunk <= number.last for number in in_flight)
