"""Chunks: what one commit holds of a stream, as one row of packed columns. All run inside the caller's transaction."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from plantwright_agent.buffer.columns import Columns, DamagedBodyError, SeriesKey, columns_of, joined
from plantwright_agent.buffer.records import add_gaps, from_ms
from plantwright_agent.samples import Gap, Reading

MOST_READINGS = 10_000
ADD_LEVEL = 3
PACK_LEVEL = 6
DAMAGED = "damaged on disk"


class DamagedChunkError(Exception):
    """A chunk that cannot be read any more."""

    def __init__(self, chunk: int) -> None:
        self.chunk = chunk
        super().__init__(f"chunk {chunk} is damaged")


class Series:
    """Numbers for names; each (machine, metric, unit, raw tag) of a stream is written once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[int, dict[SeriesKey, int]] = {}
        self._names: dict[int, SeriesKey] = {}
        self._new: list[tuple[int, SeriesKey]] = []
        rows = connection.execute("SELECT id, stream, machine, metric, unit, raw_tag FROM series")
        for number, stream, machine, metric, unit, raw_tag in rows:
            self._remember(number, stream, (machine, metric, unit, raw_tag))

    def name(self, number: int) -> SeriesKey:
        return self._names[number]

    def columns(self, stream: int, readings: Iterable[Reading]) -> Columns:
        numbers = self._numbers.setdefault(stream, {})

        def number_of(key: SeriesKey) -> int:
            return numbers.get(key) or self._intern(stream, key)

        return columns_of(readings, number_of)

    def committed(self) -> None:
        self._new.clear()

    def rolled_back(self) -> None:
        """Forget what the transaction had written."""
        for stream, key in self._new:
            del self._names[self._numbers[stream].pop(key)]
        self._new.clear()

    def _intern(self, stream: int, key: SeriesKey) -> int:
        row = self._connection.execute(
            "INSERT INTO series (stream, machine, metric, unit, raw_tag) VALUES (?, ?, ?, ?, ?)", (stream, *key)
        )
        number = int(row.lastrowid or 0)
        self._remember(number, stream, key)
        self._new.append((stream, key))
        return number

    def _remember(self, number: int, stream: int, key: SeriesKey) -> None:
        self._numbers.setdefault(stream, {})[key] = number
        self._names[number] = key


@dataclass(frozen=True, slots=True)
class NewChunk:
    """Packed, but not written yet."""

    stream: int
    count: int
    first_ms: int
    last_ms: int
    body: bytes

    @classmethod
    def of(cls, stream: int, columns: Columns) -> Self:
        return cls(stream, len(columns), min(columns.times), max(columns.times), columns.pack(ADD_LEVEL))

    def put(self, connection: sqlite3.Connection, chunk: int, added_ms: int) -> None:
        row = (chunk, self.stream, self.count, self.first_ms, self.last_ms, added_ms, self.body)
        connection.execute("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def read(connection: sqlite3.Connection, stream: int, first: int, last: int) -> Columns:
    """The readings of the stream's chunks from `first` through `last`. Raises DamagedChunkError."""
    rows = connection.execute(
        "SELECT id, count, body FROM chunk WHERE stream = ? AND id BETWEEN ? AND ? ORDER BY id", (stream, first, last)
    )
    return joined(_unpacked(*row) for row in rows)


def merge(connection: sqlite3.Connection, stream: int, first: int, last: int) -> None:
    """Make one chunk of several; it takes the place of the last. Raises DamagedChunkError."""
    span = (stream, first, last)
    columns = read(connection, *span)
    first_ms, last_ms, added_ms = connection.execute(
        "SELECT min(first_ms), max(last_ms), min(added_ms) FROM chunk WHERE stream = ? AND id BETWEEN ? AND ?", span
    ).fetchone()
    connection.execute("DELETE FROM chunk WHERE stream = ? AND id BETWEEN ? AND ?", span)
    row = (last, stream, len(columns), first_ms, last_ms, added_ms, columns.pack(PACK_LEVEL))
    connection.execute("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def remove(connection: sqlite3.Connection, stream: int, first: int, last: int) -> None:
    """Delete what was acknowledged; the time of the last reading stays known."""
    span = (stream, first, last)
    connection.execute(
        "UPDATE stream SET last_time_ms = (SELECT max(max(last_ms), ifnull(stream.last_time_ms, 0)) FROM chunk"
        " WHERE stream = ? AND id BETWEEN ? AND ?) WHERE id = ?",
        (*span, stream),
    )
    connection.execute("DELETE FROM chunk WHERE stream = ? AND id BETWEEN ? AND ?", span)


def discard(connection: sqlite3.Connection, stream: int, chunks: Iterable[int], reason: str, most_gaps: int) -> None:
    """Give up chunks, and whole batches of which they are part; a gap and a counter say so."""
    doomed = set(chunks)
    acknowledged = _undo_batches(connection, stream, doomed)
    total, times = -acknowledged, list[int]()
    for chunk in sorted(doomed):
        count, first_ms, last_ms = connection.execute(
            "DELETE FROM chunk WHERE id = ? RETURNING count, first_ms, last_ms", (chunk,)
        ).fetchone()
        total += count
        times += first_ms, last_ms
    gap = Gap(from_ms(min(times)), from_ms(max(times)), reason, count=total)
    add_gaps(connection, stream, [gap], most_gaps)
    connection.execute(
        "UPDATE stream SET dropped = dropped + ?, last_time_ms = max(ifnull(last_time_ms, 0), ?) WHERE id = ?",
        (total, max(times), stream),
    )


def _undo_batches(connection: sqlite3.Connection, stream: int, doomed: set[int]) -> int:
    """Add all chunks of the batches concerned; returns how many readings of them were acknowledged as parts before."""
    acknowledged = 0
    ranges = connection.execute(
        "SELECT first_id, last_id, sum(stop - start) FROM batch WHERE stream = ? GROUP BY first_id, last_id", (stream,)
    )
    for first, last, left in ranges.fetchall():
        if not any(first <= chunk <= last for chunk in doomed):
            continue
        rows = connection.execute(
            "SELECT id, count FROM chunk WHERE stream = ? AND id BETWEEN ? AND ?", (stream, first, last)
        ).fetchall()
        doomed.update(chunk for chunk, _ in rows)
        acknowledged += sum(count for _, count in rows) - left
        connection.execute("DELETE FROM batch WHERE stream = ? AND first_id = ? AND last_id = ?", (stream, first, last))
    return acknowledged


def _unpacked(chunk: int, count: int, body: bytes) -> Columns:
    try:
        return Columns.unpack(body, count)
    except DamagedBodyError as error:
        raise DamagedChunkError(chunk) from error
