"""The bytes of the buffer on disk, counted in pages of its file.

Of `max_bytes` a quarter, at most 8 MB, is for the write-ahead log, half as much for the reserve in case the disk is
full, and a twentieth is kept from readings, so that gaps, dead letters and acknowledgements fit when they no longer
do. Pages that become free are used again.
"""

import sqlite3

from plantwright_agent.buffer.schema import PAGE_BYTES

MOST_LOG_BYTES = 8_000_000
LOG_SHARE = 4
RESERVE_SHARE = 2
RECORDS_SHARE = 20
CHECKPOINT_SHARE = 2
SHRINK_SHARE = 4


class Space:
    """`limit` bounds readings, `hard` everything; both in bytes of the main file."""

    def __init__(self, connection: sqlite3.Connection, max_bytes: int) -> None:
        self._connection = connection
        log = min(max_bytes // LOG_SHARE, MOST_LOG_BYTES)
        self.reserve = log // RESERVE_SHARE
        self.hard = max_bytes - log - self.reserve
        self.limit = self.hard - max_bytes // RECORDS_SHARE
        connection.execute(f"PRAGMA max_page_count = {max(1, self.hard // PAGE_BYTES)}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {max(1, log // CHECKPOINT_SHARE // PAGE_BYTES)}")
        connection.execute(f"PRAGMA journal_size_limit = {log}")
        self._shrink_below = log // CHECKPOINT_SHARE

    def empty_log(self) -> None:
        """Put into the main file what the log holds. Raises sqlite3.OperationalError when the disk is full."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def used(self) -> int:
        """Bytes of pages in use, also inside a transaction."""
        return (self._pragma("page_count") - self._pragma("freelist_count")) * PAGE_BYTES

    def shrink(self) -> bool:
        """Give the disk back what an outage took, once the file is almost empty; whether it was done."""
        total, used = self._pragma("page_count") * PAGE_BYTES, self.used()
        if used > self._shrink_below or total < SHRINK_SHARE * max(used, self._shrink_below):
            return False
        self._connection.execute("VACUUM")
        self.empty_log()
        return True

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
