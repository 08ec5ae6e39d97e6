"""Two lanes per stream, and the numbered batches in them. All run inside the caller's transaction.

What has waited for long belongs to the backlog lane: all chunks up to `stream.backlog_through`. What came after is the
live lane. Each lane is a stream of its own to the server, with its own name and numbers. A batch keeps the lane in
which it was numbered, also when the chunks around it move, since the server may know it by that number already.
"""

import sqlite3
from dataclasses import dataclass
from enum import IntEnum

from plantwright_agent.buffer.chunks import MOST_READINGS
from plantwright_agent.buffer.columns import Columns

BACKLOG_SUFFIX = "~backlog"


class Lane(IntEnum):
    LIVE = 0
    BACKLOG = 1


SEQUENCES = {Lane.LIVE: "live_sequence", Lane.BACKLOG: "backlog_sequence"}


@dataclass(frozen=True, slots=True)
class Number:
    """A numbered batch: readings `start` to before `stop` of those in chunks `first` through `last` of a stream."""

    stream: int
    lane: Lane
    sequence: int
    agent: str
    first: int
    last: int
    start: int
    stop: int

    @property
    def count(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings under the number by which the server knows them again."""

    source: str
    number: Number
    columns: Columns

    @property
    def lane(self) -> Lane:
        return self.number.lane

    @property
    def agent(self) -> str:
        return self.number.agent

    @property
    def sequence(self) -> int:
        return self.number.sequence

    @property
    def wire_stream(self) -> str:
        return wire_stream(self.source, self.number.lane)

    def __len__(self) -> int:
        return self.number.count


def wire_stream(source: str, lane: Lane) -> str:
    """What the server calls the lane. No source's own name has a `~` in it."""
    return source if lane is Lane.LIVE else source + BACKLOG_SUFFIX


def oldest(connection: sqlite3.Connection, stream: int, lane: Lane) -> Number | None:
    """The lane's batch that is to be sent, or sent again, first."""
    found = _numbers(connection, "WHERE stream = ? AND lane = ? ORDER BY sequence LIMIT 1", (stream, lane))
    return found[0] if found else None


def numbered(connection: sqlite3.Connection, stream: int | None = None) -> list[Number]:
    """All batches, or those of one stream."""
    if stream is None:
        return _numbers(connection, "ORDER BY stream, lane, sequence", ())
    return _numbers(connection, "WHERE stream = ? ORDER BY lane, sequence", (stream,))


def form(connection: sqlite3.Connection, stream: int, lane: Lane, agent: str, limit: int) -> Number | None:
    """Number whole chunks of at most `limit` readings together, or one chunk if that alone has more."""
    above, through = _bounds(connection, stream, lane)
    rows = connection.execute(
        "SELECT id, count FROM chunk WHERE stream = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?",
        (stream, above, through, MOST_READINGS),
    )
    chosen: list[int] = []
    total = 0
    for chunk, count in rows:
        if chosen and total + count > limit:
            break
        chosen.append(chunk)
        total += count
    rows.close()
    if not chosen:
        return None
    return _write(connection, stream, lane, agent, chunks=(chosen[0], chosen[-1]), readings=(0, total))


def split(connection: sqlite3.Connection, number: Number) -> None:
    """Two new batches of half the readings each, in place of the lane's oldest, which the server refused as a whole.

    Other parts behind it were never sent: they get new numbers too, so that numbers rise in the order of sending.
    """
    behind = [other for other in numbered(connection, number.stream) if other.lane is number.lane and other != number]
    middle = (number.start + number.stop) // 2
    parts = [(number.start, middle), (middle, number.stop), *((other.start, other.stop) for other in behind)]
    for other in (number, *behind):
        forget(connection, other)
    chunks = number.first, number.last
    for readings in parts:
        _write(connection, number.stream, number.lane, number.agent, chunks=chunks, readings=readings)


def renumber(connection: sqlite3.Connection, number: Number, agent: str) -> None:
    """The same readings under another agent id; no other batch of the lane may be known to the server."""
    connection.execute(
        "UPDATE batch SET agent = ? WHERE stream = ? AND lane = ? AND sequence = ?",
        (agent, number.stream, number.lane, number.sequence),
    )


def shares_chunks(connection: sqlite3.Connection, number: Number) -> bool:
    """Whether another part of what was one batch is still to be sent."""
    row = connection.execute(
        "SELECT EXISTS (SELECT * FROM batch WHERE stream = ? AND first_id = ? AND last_id = ?)",
        (number.stream, number.first, number.last),
    ).fetchone()
    return bool(row[0])


def forget(connection: sqlite3.Connection, number: Number) -> None:
    connection.execute(
        "DELETE FROM batch WHERE stream = ? AND lane = ? AND sequence = ?",
        (number.stream, number.lane, number.sequence),
    )


def _write(
    connection: sqlite3.Connection,
    stream: int,
    lane: Lane,
    agent: str,
    *,
    chunks: tuple[int, int],
    readings: tuple[int, int],
) -> Number:
    column = SEQUENCES[lane]
    sequence = connection.execute(
        f"UPDATE stream SET {column} = {column} + 1 WHERE id = ? RETURNING {column} - 1",  # noqa: S608 - one of two names
        (stream,),
    ).fetchone()[0]
    number = Number(stream, lane, sequence, agent, *chunks, *readings)
    connection.execute(
        "INSERT INTO batch (stream, lane, sequence, agent, first_id, last_id, start, stop) VALUES (?,?,?,?,?,?,?,?)",
        (stream, lane, sequence, agent, *chunks, *readings),
    )
    return number


def _bounds(connection: sqlite3.Connection, stream: int, lane: Lane) -> tuple[int, int]:
    """The lane's chunks without a number lie above the first id and through the second.

    A live batch whose surroundings moved to the backlog divides that: what is before it goes first.
    """
    through = connection.execute("SELECT backlog_through FROM stream WHERE id = ?", (stream,)).fetchone()[0]
    if lane is Lane.LIVE:
        return through, 2**62
    hole = oldest(connection, stream, Lane.LIVE)
    if hole is None or hole.first > through:
        return 0, through
    before = connection.execute(
        "SELECT EXISTS (SELECT * FROM chunk WHERE stream = ? AND id < ?)", (stream, hole.first)
    ).fetchone()[0]
    return (0, hole.first - 1) if before else (hole.last, through)


def _numbers(connection: sqlite3.Connection, where: str, parameters: tuple[int, ...]) -> list[Number]:
    rows = connection.execute(
        f"SELECT stream, lane, sequence, agent, first_id, last_id, start, stop FROM batch {where}",  # noqa: S608 - fixed text
        parameters,
    )
    return [Number(stream, Lane(lane), *rest) for stream, lane, *rest in rows]
