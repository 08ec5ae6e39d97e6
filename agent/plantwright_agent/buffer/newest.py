"""The last reading of each series, for sources that tell their present values again whenever they are asked anew.

An OPC UA server does so for each new subscription: after a restart of the agent, of the source or of the server. What
was told is known by its time, value and quality, from what waits in the buffer and from what was acknowledged.
"""

import sqlite3
from typing import TypeAlias

from plantwright_agent.buffer.chunks import DamagedChunkError, read
from plantwright_agent.buffer.columns import Columns

# At a start no more than this is unpacked; what a tag told before that may be stored a second time.
MOST_SEARCHED = 1_000_000

Told: TypeAlias = tuple[int, float, int]


class Newest:
    """Changes count once the transaction in which they were made is `committed`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._told: dict[int, dict[int, Told]] = {}
        self._adding: list[tuple[int, dict[int, Told]]] = []

    def follow(self, stream: int) -> None:
        """From now on keep what this stream told last, beginning with what is known of it."""
        rows = self._connection.execute(
            "SELECT series, time_ms, value, quality FROM newest JOIN series ON series.id = series WHERE stream = ?",
            (stream,),
        )
        acknowledged: dict[int, Told] = {series: (time, value, quality) for series, time, value, quality in rows}
        self._told[stream] = acknowledged | self._waiting(stream)

    def news(self, stream: int, columns: Columns) -> Columns:
        """Without readings that are the last one of their series again."""
        told = self._told.get(stream)
        if told is None:
            return columns
        adding: dict[int, Told] = {}
        is_news = bytearray()
        for series, telling in _rows(columns):
            is_news.append((adding.get(series) or told.get(series)) != telling)
            adding[series] = telling
        self._adding.append((stream, adding))
        return columns if all(is_news) else columns.where(is_news)

    def acknowledged(self, stream: int, columns: Columns) -> None:
        """These leave the buffer; what they told is still to be known at the next start."""
        if stream in self._told:
            self._connection.executemany(
                "INSERT INTO newest VALUES (?, ?, ?, ?) ON CONFLICT (series) DO UPDATE SET"
                " time_ms = excluded.time_ms, value = excluded.value, quality = excluded.quality"
                " WHERE excluded.time_ms >= newest.time_ms",
                [(series, *told) for series, told in dict(_rows(columns)).items()],
            )

    def committed(self) -> None:
        for stream, adding in self._adding:
            self._told[stream] |= adding
        self._adding.clear()

    def rolled_back(self) -> None:
        self._adding.clear()

    def _waiting(self, stream: int) -> dict[int, Told]:
        found: dict[int, Told] = {}
        left = MOST_SEARCHED
        chunks = self._connection.execute("SELECT id, count FROM chunk WHERE stream = ? ORDER BY id DESC", (stream,))
        for chunk, count in chunks:
            try:
                found = dict(_rows(read(self._connection, stream, chunk, chunk))) | found
            except DamagedChunkError:
                continue
            left -= count
            if left <= 0:
                break
        chunks.close()
        return found


def _rows(columns: Columns) -> "zip[tuple[int, Told]]":
    return zip(columns.series, zip(columns.times, columns.values, columns.quality, strict=True), strict=True)
