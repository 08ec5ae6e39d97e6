"""How many readings wait in each lane, kept in memory so that asking costs nothing."""

import sqlite3
from dataclasses import dataclass

from plantwright_agent.buffer.batches import Lane, numbered


@dataclass(slots=True)
class Waiting:
    """Readings of a lane: those without a number yet, and those in numbered batches."""

    unnumbered: int = 0
    numbered: int = 0

    @property
    def total(self) -> int:
        return self.unnumbered + self.numbered


class Depths:
    """By stream and lane. Whatever is out of the ordinary is followed by a `recount`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lanes: dict[int, tuple[Waiting, Waiting]] = {}
        for (stream,) in connection.execute("SELECT id FROM stream").fetchall():
            self.recount(stream)

    def of(self, stream: int, lane: Lane) -> Waiting:
        """Nothing for a stream that is not known, as for a moment when a damaged file is being replaced."""
        lanes = self._lanes.get(stream)
        return Waiting() if lanes is None else lanes[lane]

    def total(self, stream: int) -> int:
        return sum(self.of(stream, lane).total for lane in Lane)

    def recount(self, stream: int) -> None:
        through = self._connection.execute("SELECT backlog_through FROM stream WHERE id = ?", (stream,)).fetchone()[0]
        lanes = Waiting(self._sum(stream, through + 1, 2**62)), Waiting(self._sum(stream, 0, through))
        ranges: set[tuple[int, int]] = set()
        for number in numbered(self._connection, stream):
            lanes[number.lane].numbered += number.count
            ranges.add((number.first, number.last))
        for first, last in ranges:
            lanes[Lane.BACKLOG if last <= through else Lane.LIVE].unnumbered -= self._sum(stream, first, last)
        self._lanes[stream] = lanes

    def _sum(self, stream: int, first: int, last: int) -> int:
        query = "SELECT ifnull(sum(count), 0) FROM chunk WHERE stream = ? AND id BETWEEN ? AND ?"
        return int(self._connection.execute(query, (stream, first, last)).fetchone()[0])
