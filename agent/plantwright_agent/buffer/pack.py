"""Merging small chunks that wait, so that slow sources cost as few bytes per reading as quick ones.

As long as data flows nothing is merged. In the backlog, a run of neighbours becomes one chunk when it fills one, or
when there are many and none of them is much larger than all after it: so each reading is rewritten a few times only,
however small the commits are.
"""

import sqlite3
from dataclasses import dataclass

from plantwright_agent.buffer.batches import numbered
from plantwright_agent.buffer.chunks import MOST_READINGS

FULL = MOST_READINGS // 2
MANY = 8
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring chunks of a stream to be merged."""

    first: int
    last: int


def find_run(connection: sqlite3.Connection, stream: int, packed_through: int) -> tuple[Run | None, int]:
    """What to merge next in the backlog of a stream, and up to which chunk nothing is left to merge."""
    through = connection.execute("SELECT backlog_through FROM stream WHERE id = ?", (stream,)).fetchone()[0]
    sent = [number.last for number in numbered(connection, stream) if number.last <= through]
    above = max([packed_through, *sent])
    rows = connection.execute(
        "SELECT id, count FROM chunk WHERE stream = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?",
        (stream, above, through, LOOKED_AT),
    ).fetchall()
    while rows:
        fitting = _fitting(rows)
        if fitting > 1 and fitting < len(rows):
            return Run(rows[0][0], rows[fitting - 1][0]), above
        if fitting == len(rows) and rows[0][1] < FULL:
            return _worth_it(rows), above
        above = rows.pop(0)[0]
    return None, above


def _fitting(rows: list[tuple[int, int]]) -> int:
    """How many from the front fit in one chunk; at least one."""
    total = 0
    for place, (_, count) in enumerate(rows):
        total += count
        if total > MOST_READINGS:
            return max(1, place)
    return len(rows)


def _worth_it(rows: list[tuple[int, int]]) -> Run | None:
    """Of many chunks the last ones, back to the first that is much larger than all after it."""
    if len(rows) < MANY:
        return None
    start, total = len(rows) - 1, rows[-1][1]
    while start > 0 and rows[start - 1][1] <= 2 * total:
        start -= 1
        total += rows[start][1]
    return Run(rows[start][0], rows[-1][0]) if start < len(rows) - 1 else None
