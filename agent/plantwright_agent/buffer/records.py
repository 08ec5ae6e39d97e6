"""Gaps, dead letters and file positions: the rows beside the readings. All run inside the caller's transaction."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from plantwright_agent.buffer.clock import now_ms
from plantwright_agent.samples import DeadLetter, FilePosition, Gap

MAX_RECORDS = 10_000
MAX_TEXT = 1_000
MERGE_MS = 120_000
RECORD_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class GapRecord:
    """A gap as it stands; `revision` counts how often it has grown."""

    id: int
    source: str
    tag: str
    reason: str
    start: datetime
    end: datetime
    count: int
    revision: int


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def most_records(max_bytes: int) -> int:
    """How many gaps, and how many dead letters, a buffer of this size keeps: they take a ninth of it at most."""
    return min(MAX_RECORDS, max_bytes // RECORD_BYTES)


def add_gaps(connection: sqlite3.Connection, stream: int, gaps: Iterable[Gap], most: int = MAX_RECORDS) -> None:
    """A gap that goes on is one row: it grows instead of repeating every few seconds. The newest `most` are kept.

    One that lies ahead, from before the clock was set back, is another gap.
    """
    for gap in gaps:
        start, end = to_ms(gap.start), to_ms(gap.end)
        row = connection.execute(
            "SELECT id FROM gap WHERE stream = ? AND tag = ? AND reason = ? AND end_ms >= ? AND start_ms <= ?"
            " ORDER BY end_ms DESC LIMIT 1",
            (stream, gap.tag, gap.reason, start - MERGE_MS, end + MERGE_MS),
        ).fetchone()
        if row is not None:
            connection.execute(
                "UPDATE gap SET start_ms = min(start_ms, ?), end_ms = max(end_ms, ?), count = count + ?,"
                " revision = revision + 1 WHERE id = ?",
                (start, end, gap.count, row[0]),
            )
            continue
        connection.execute(
            "INSERT INTO gap (stream, tag, reason, start_ms, end_ms, count) VALUES (?, ?, ?, ?, ?, ?)",
            (stream, gap.tag, gap.reason, start, end, gap.count),
        )
        connection.execute("UPDATE stream SET gaps = gaps + 1 WHERE id = ?", (stream,))
    connection.execute("DELETE FROM gap WHERE id <= (SELECT max(id) FROM gap) - ?", (most,))


def gaps_to_report(connection: sqlite3.Connection, limit: int) -> list[GapRecord]:
    """The oldest gaps that are new, or have grown, since they were reported."""
    rows = connection.execute(
        "SELECT gap.id, stream.name, tag, reason, start_ms, end_ms, count, revision"
        " FROM gap JOIN stream ON stream.id = gap.stream WHERE reported < revision ORDER BY gap.id LIMIT ?",
        (limit,),
    )
    return [
        GapRecord(number, source, tag, reason, from_ms(start), from_ms(end), count, revision)
        for number, source, tag, reason, start, end, count, revision in rows
    ]


def mark_reported(connection: sqlite3.Connection, gaps: Iterable[GapRecord]) -> None:
    connection.executemany("UPDATE gap SET reported = ? WHERE id = ?", [(gap.revision, gap.id) for gap in gaps])


def add_dead_letters(
    connection: sqlite3.Connection, stream: int, letters: Sequence[DeadLetter], most: int = MAX_RECORDS
) -> None:
    """The newest `most` are kept; the counter of the stream counts all."""
    if not letters:
        return
    at = now_ms()
    connection.executemany(
        "INSERT INTO dead_letter (stream, origin, line, text, reason, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (stream, item.origin, item.line, item.text[:MAX_TEXT], item.reason[:MAX_TEXT], at)
            for item in letters[-most:]
        ],
    )
    connection.execute("UPDATE stream SET dead_letters = dead_letters + ? WHERE id = ?", (len(letters), stream))
    connection.execute("DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - ?", (most,))


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
