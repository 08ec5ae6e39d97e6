"""Gaps, dead letters and file positions: the rows beside the readings. All run inside the caller's transaction."""

import sqlite3
import time
from collections.abc import Iterable
from datetime import datetime

from plantwright_agent.samples import DeadLetter, FilePosition, Gap

MAX_RECORDS = 10_000
MAX_TEXT = 1_000
MERGE_MS = 120_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def add_gaps(connection: sqlite3.Connection, stream: int, gaps: Iterable[Gap]) -> None:
    """A gap that goes on is one row: it grows instead of repeating every few seconds."""
    for gap in gaps:
        start, end = to_ms(gap.start), to_ms(gap.end)
        row = connection.execute(
            "SELECT id FROM gap WHERE stream = ? AND tag = ? AND reason = ? AND end_ms >= ?"
            " ORDER BY end_ms DESC LIMIT 1",
            (stream, gap.tag, gap.reason, start - MERGE_MS),
        ).fetchone()
        if row is not None:
            connection.execute(
                "UPDATE gap SET start_ms = min(start_ms, ?), end_ms = max(end_ms, ?), count = count + ? WHERE id = ?",
                (start, end, gap.count, row[0]),
            )
            continue
        connection.execute(
            "INSERT INTO gap (stream, tag, reason, start_ms, end_ms, count) VALUES (?, ?, ?, ?, ?, ?)",
            (stream, gap.tag, gap.reason, start, end, gap.count),
        )
        connection.execute("UPDATE stream SET gaps = gaps + 1 WHERE id = ?", (stream,))
    connection.execute("DELETE FROM gap WHERE id <= (SELECT max(id) FROM gap) - ?", (MAX_RECORDS,))


def add_dead_letters(connection: sqlite3.Connection, stream: int, letters: list[DeadLetter]) -> None:
    """The newest 10,000 are kept; the counter of the stream counts all."""
    if not letters:
        return
    at = now_ms()
    connection.executemany(
        "INSERT INTO dead_letter (stream, origin, line, text, reason, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        [(stream, item.origin, item.line, item.text[:MAX_TEXT], item.reason[:MAX_TEXT], at) for item in letters],
    )
    connection.execute("UPDATE stream SET dead_letters = dead_letters + ? WHERE id = ?", (len(letters), stream))
    connection.execute("DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - ?", (MAX_RECORDS,))


def put_position(connection: sqlite3.Connection, stream: int, at: FilePosition) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO position (stream, path, inode, offset, line, head, tail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (stream, at.path, at.inode, at.offset, at.line, at.head, at.tail),
    )


def forget_positions(connection: sqlite3.Connection, stream: int, paths: Iterable[str]) -> None:
    connection.executemany("DELETE FROM position WHERE stream = ? AND path = ?", [(stream, path) for path in paths])


def get_positions(connection: sqlite3.Connection, stream: int) -> dict[str, FilePosition]:
    rows = connection.execute("SELECT path, inode, offset, line, head, tail FROM position WHERE stream = ?", (stream,))
    return {row[0]: FilePosition(*row) for row in rows}
