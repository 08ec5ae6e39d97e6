"""Store-and-forward on SQLite. Used from one thread only; `buffer.py` is the door for everybody else.

Invariants (each has a test):
 1. Nothing sees a reading before the transaction that holds it has committed to disk (WAL, synchronous FULL).
 2. A file position is stored in the transaction of the readings taken from the bytes before it.
 3. Within a stream, readings leave in the order in which they came.
 4. A batch is a row (stream, sequence, first and last reading) committed before it is handed out; until it is
    acknowledged or dropped whole, taking again gives the same readings under the same sequence.
 5. A sequence is used once: the next one is counted in the same transaction and never goes back.
 6. A new file is a new agent id, so sequences of two files cannot be taken for each other.
 7. Readings are deleted only when acknowledged, refused by the server (then they are dead letters with the
    reason), or dropped as the oldest because the buffer is full (then a gap record and a counter say so).
 8. The batch being sent is never dropped, and neither are streams that can wait (files; `keep`).
 9. A damaged file is set aside under another name and reported; the agent goes on with a new one.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plantwright_agent.errors import BufferFullError
from plantwright_agent.samples import DeadLetter, FilePosition, Gap, Reading
from plantwright_agent.store_limit import ROW_OVERHEAD, drop_oldest
from plantwright_agent.store_records import (
    add_dead_letters,
    add_gaps,
    forget_positions,
    get_positions,
    now_ms,
    put_position,
    to_ms,
)
from plantwright_agent.store_schema import open_database
from plantwright_agent.wire import encode_reading

SERVER = "server"
FULL_ERRORS = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings under the number by which the server knows them again. `bodies` are encoded readings."""

    stream: str
    sequence: int
    first_id: int
    last_id: int
    bodies: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """Counters of one stream since the buffer file was made; times are Unix milliseconds."""

    name: str
    depth: int
    acknowledged: int
    dropped: int
    dead_letters: int
    gaps: int
    last_time_ms: int | None
    oldest_added_ms: int | None


class Store:
    """See the module for the invariants."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._db, self.set_aside = open_database(folder, max_bytes)
        self._max_bytes = max_bytes
        self._in_flight: dict[int, tuple[int, int]] = {}
        self.agent = str(self._db.execute("SELECT value FROM meta WHERE key = 'agent'").fetchone()[0])
        self._ids: dict[str, int] = dict(self._db.execute("SELECT name, id FROM stream"))
        rows = self._db.execute("SELECT stream, count(*), sum(length(body)) FROM reading GROUP BY stream")
        totals = rows.fetchall()
        self._depth: dict[int, int] = {stream: count for stream, count, _ in totals}
        self.size: int = sum(size + count * ROW_OVERHEAD for _, count, size in totals)

    @property
    def max_bytes(self) -> int:
        return self._max_bytes

    def close(self) -> None:
        self._db.close()

    def register(self, stream: str, *, keep: bool) -> None:
        """Make the stream known. `keep`: the source can wait, so its readings are never dropped."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO stream (name, keep) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET keep = excluded.keep",
                (stream, int(keep)),
            )
        self._ids = dict(self._db.execute("SELECT name, id FROM stream"))

    def add(
        self,
        stream: str,
        readings: Sequence[Reading],
        *,
        dead_letters: Iterable[DeadLetter] = (),
        gaps: Iterable[Gap] = (),
        position: FilePosition | None = None,
        forget: Iterable[str] = (),
    ) -> None:
        """All of it, or nothing (BufferFullError). May drop the oldest readings to stay within the size."""
        number = self._ids[stream]
        at = now_ms()
        rows = [(number, to_ms(item.timestamp), at, encode_reading(item)) for item in readings]
        added = sum(len(row[3]) + ROW_OVERHEAD for row in rows)
        with self._transaction():
            self._db.executemany("INSERT INTO reading (stream, time_ms, added_ms, body) VALUES (?, ?, ?, ?)", rows)
            if rows:
                self._db.execute(
                    "UPDATE stream SET last_time_ms = max(ifnull(last_time_ms, ?1), ?1) WHERE id = ?2",
                    (max(row[1] for row in rows), number),
                )
            add_dead_letters(self._db, number, list(dead_letters))
            add_gaps(self._db, number, gaps)
            forget_positions(self._db, number, forget)
            if position is not None:
                put_position(self._db, number, position)
            excess = self.size + added - self._max_bytes
            dropped = drop_oldest(self._db, excess, self._in_flight) if excess > 0 else {}
        self._count(number, len(rows), added)
        for other, loss in dropped.items():
            self._count(other, -loss.count, -loss.size)

    def take(self, stream: str, limit: int) -> Batch | None:
        """The oldest batch of the stream, formed now if there is none; None when there is nothing to send."""
        number = self._ids[stream]
        found = self._db.execute(
            "SELECT sequence, first_id, last_id FROM batch WHERE stream = ? ORDER BY sequence LIMIT 1", (number,)
        ).fetchone()
        if found is None:
            found = self._form(number, limit)
        if found is None:
            return None
        sequence, first_id, last_id = found
        bodies = self._db.execute(
            "SELECT body FROM reading WHERE stream = ? AND id BETWEEN ? AND ? ORDER BY id",
            (number, first_id, last_id),
        )
        self._in_flight[number] = (first_id, last_id)
        return Batch(stream, sequence, first_id, last_id, tuple(body for (body,) in bodies))

    def release(self, batch: Batch) -> None:
        """Sending failed; the batch stays and may be dropped when the buffer is full."""
        self._in_flight.pop(self._ids[batch.stream], None)

    def acknowledge(self, batch: Batch, rejected: Mapping[int, str]) -> None:
        """The server has the batch; `rejected` gives the reason by index for what it did not want."""
        number = self._ids[batch.stream]
        letters = [DeadLetter(SERVER, 0, batch.bodies[index].decode(), reason) for index, reason in rejected.items()]
        with self._transaction():
            self._db.execute(
                "DELETE FROM reading WHERE stream = ? AND id BETWEEN ? AND ?",
                (number, batch.first_id, batch.last_id),
            )
            self._db.execute("DELETE FROM batch WHERE stream = ? AND sequence = ?", (number, batch.sequence))
            self._db.execute(
                "UPDATE stream SET acknowledged = acknowledged + ? WHERE id = ?",
                (len(batch.bodies) - len(letters), number),
            )
            add_dead_letters(self._db, number, letters)
        self._in_flight.pop(number, None)
        size = sum(len(body) + ROW_OVERHEAD for body in batch.bodies)
        self._count(number, -len(batch.bodies), -size)

    def positions(self, stream: str) -> dict[str, FilePosition]:
        return get_positions(self._db, self._ids[stream])

    def depths(self) -> dict[str, int]:
        """Readings waiting, for each stream that has any."""
        return {name: depth for name, number in self._ids.items() if (depth := self._depth.get(number, 0))}

    def summary(self) -> list[StreamSummary]:
        rows = self._db.execute(
            "SELECT id, name, acknowledged, dropped, dead_letters, gaps, last_time_ms,"
            " (SELECT added_ms FROM reading WHERE stream = stream.id ORDER BY reading.id LIMIT 1) FROM stream"
        )
        return [StreamSummary(name, self._depth.get(number, 0), *rest) for number, name, *rest in rows]

    def _form(self, number: int, limit: int) -> tuple[int, int, int] | None:
        with self._transaction():
            first_id, last_id = self._db.execute(
                "SELECT min(id), max(id) FROM (SELECT id FROM reading WHERE stream = ? ORDER BY id LIMIT ?)",
                (number, limit),
            ).fetchone()
            if first_id is None:
                return None
            sequence = self._db.execute(
                "UPDATE stream SET next_sequence = next_sequence + 1 WHERE id = ? RETURNING next_sequence - 1",
                (number,),
            ).fetchone()[0]
            self._db.execute("INSERT INTO batch VALUES (?, ?, ?, ?)", (number, sequence, first_id, last_id))
        return sequence, first_id, last_id

    def _count(self, number: int, readings: int, size: int) -> None:
        self._depth[number] = self._depth.get(number, 0) + readings
        self.size += size

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit, or roll back and leave the counters in memory untouched."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in FULL_ERRORS:
                raise BufferFullError(f"the buffer cannot be written: {error}") from error
            raise
