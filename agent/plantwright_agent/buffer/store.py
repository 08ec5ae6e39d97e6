"""Store-and-forward on SQLite. Used from one thread only; `buffer.py` is the door for everybody else.

Invariants (each has a test; docs/agent-delivery.md says them to people):
 1. Nothing sees a reading before the transaction that holds it has committed to disk (WAL, synchronous FULL).
 2. A file position is stored in the transaction of the readings taken from the bytes before it.
 3. Within a lane of a stream, readings leave in the order in which they came; the lanes do not wait for each other.
 4. A batch is a row that is committed before it is handed out; until it is acknowledged, split or dropped whole,
    taking again gives the same readings under the same agent id, lane and sequence.
 5. A sequence is used once: the next one is counted in the same transaction and never goes back.
 6. A new file is a new agent id, so sequences of two files cannot be taken for each other.
 7. Readings are deleted only when acknowledged, refused by the server (then they are dead letters with the
    reason), dropped as the oldest because of the limits, or damaged on disk (then a gap record and a counter say so).
 8. A batch being sent is never dropped, and neither are streams that can wait (files; `keep`).
 9. A damaged file is set aside under another name and reported; the agent goes on with what can be read of it.
10. No decision depends on the machine's clock.
"""

import json
import sqlite3
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from plantwright_agent.buffer import batches
from plantwright_agent.buffer.ballast import Ballast
from plantwright_agent.buffer.batches import Batch, Lane, Number
from plantwright_agent.buffer.chunks import DAMAGED, MOST_READINGS, DamagedChunkError, NewChunk, Series, discard, merge
from plantwright_agent.buffer.chunks import read as read_chunks
from plantwright_agent.buffer.chunks import remove as remove_chunks
from plantwright_agent.buffer.clock import DAY_MS, BufferClock, Marks
from plantwright_agent.buffer.columns import QUALITIES, Columns, SeriesKey
from plantwright_agent.buffer.depths import Depths
from plantwright_agent.buffer.file import is_damage, open_database, replace_file
from plantwright_agent.buffer.limit import drop_aged, drop_oldest
from plantwright_agent.buffer.newest import Newest
from plantwright_agent.buffer.pack import find_run
from plantwright_agent.buffer.records import (
    GapRecord,
    add_dead_letters,
    add_gaps,
    forget_positions,
    from_ms,
    gaps_to_report,
    get_positions,
    mark_reported,
    most_records,
    put_position,
)
from plantwright_agent.buffer.rescue import surviving_damage, vital
from plantwright_agent.buffer.space import Space
from plantwright_agent.buffer.surface import Addition, LaneDepth, StreamSummary
from plantwright_agent.errors import BufferFullError
from plantwright_agent.samples import DeadLetter, FilePosition, Reading

SERVER = "server"
FULL_ERRORS = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
CHUNK_OVERHEAD = 512


class Store:
    """See the module for the invariants. `max_age_days` bounds what streams that may be dropped hold."""

    agent: str
    size: int
    ballast: Ballast
    _space: Space
    _series: Series
    _newest: Newest
    _depths: Depths
    _clock: BufferClock
    _marks: Marks
    _ids: dict[str, int]
    _in_flight: dict[tuple[int, Lane], Number]
    _packed: dict[int, int]
    _last_times: dict[int, int]
    _last_id: int

    def __init__(self, folder: Path, max_bytes: int, max_age_days: float = 3650.0) -> None:
        self._folder = folder
        self.max_bytes = max_bytes
        self._max_age_ms = round(max_age_days * DAY_MS)
        self._most = most_records(max_bytes)
        self._registered: dict[str, tuple[bool, bool]] = {}
        self._db, self.set_aside = open_database(folder, max_bytes)
        try:
            self._load()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.replace(error)

    def close(self) -> None:
        self._db.close()

    def replace(self, error: sqlite3.Error) -> None:
        """Set the damaged file aside and go on with a new one and what could be saved."""
        self._db.close()
        self._db, self.set_aside = replace_file(self._folder, self.max_bytes, error)
        self._load()
        for stream, (keep, repeats) in list(self._registered.items()):
            self.register(stream, keep=keep, repeats=repeats)

    @property
    def room(self) -> int:
        """Bytes that readings may take in all."""
        return self._space.limit

    @surviving_damage
    @vital
    def register(self, stream: str, *, keep: bool, repeats: bool = False) -> None:
        """Make the stream known. `keep`: the source can wait, so its readings are never dropped.

        `repeats`: when it is started anew it tells its present values again, which are then not stored again.
        """
        with self._transaction():
            self._db.execute(
                "INSERT INTO stream (name, keep) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET keep = excluded.keep",
                (stream, int(keep)),
            )
        ids = dict(self._db.execute("SELECT name, id FROM stream"))
        self._depths.recount(ids[stream])
        self._ids = ids
        if repeats:
            self._newest.follow(ids[stream])
        self._registered[stream] = keep, repeats

    @surviving_damage
    def add(self, *additions: Addition) -> None:
        """All of them in one commit, or nothing (BufferFullError). May drop the oldest to stay within the size."""
        now = self._clock.now()
        last_id = self._last_id
        with self._transaction() as touched:
            new = [chunk for stream, items in self._by_stream(additions) for chunk in self._pack(stream, items)]
            if new:
                touched.update(self._make_room(sum(len(chunk.body) + CHUNK_OVERHEAD for chunk in new)))
            for chunk in new:
                last_id += 1
                chunk.put(self._db, last_id, now)
            for item in additions:
                self._put_records(item)
        self._last_id = last_id
        self._marks.add(last_id)
        for chunk in new:
            self._depths.of(chunk.stream, Lane.LIVE).unnumbered += chunk.count if chunk.stream not in touched else 0
            self._last_times[chunk.stream] = max(self._last_times.get(chunk.stream, 0), chunk.last_ms)

    def series_name(self, number: int) -> SeriesKey:
        return self._series.name(number)

    def lanes(self) -> list[LaneDepth]:
        """Those in which something waits, live ones first."""
        return [
            LaneDepth(name, lane, waiting.numbered, waiting.unnumbered)
            for lane in Lane
            for name, stream in self._ids.items()
            if (waiting := self._depths.of(stream, lane)).total
        ]

    @surviving_damage
    @vital
    def take(self, stream: str, lane: Lane, limit: int) -> Batch | None:
        """The oldest batch of the lane, formed now if there is none; None when there is nothing to send."""
        return self._take(self._ids[stream], stream, lane, limit)

    def release(self, batch: Batch) -> None:
        """Sending failed; the batch stays and may be dropped when the buffer is full."""
        self._in_flight.pop((batch.number.stream, batch.lane), None)

    @surviving_damage
    @vital
    def settle(self, batch: Batch, rejected: Mapping[int, str], limit: int, at_least: int) -> Batch | None:
        """The server has the batch; `rejected` gives the reason by index for what it did not want.

        In the same commit the lane's next batch of up to `limit` readings is formed and returned, if so many wait.
        """
        number = batch.number
        letters = [self._letter(batch, index, reason) for index, reason in rejected.items()]
        following: Number | None = None
        with self._transaction():
            batches.forget(self._db, number)
            if not batches.shares_chunks(self._db, number):
                remove_chunks(self._db, number.stream, number.first, number.last)
            self._newest.acknowledged(number.stream, batch.columns)
            self._db.execute(
                "UPDATE stream SET acknowledged = acknowledged + ? WHERE id = ?",
                (len(batch) - len(letters), number.stream),
            )
            add_dead_letters(self._db, number.stream, letters, self._most)
            waiting = self._depths.of(number.stream, number.lane)
            if waiting.numbered == len(batch) and waiting.unnumbered >= at_least:
                following = batches.form(self._db, number.stream, number.lane, self.agent, limit)
        self._in_flight.pop((number.stream, number.lane), None)
        waiting.numbered -= len(batch)
        if following is not None:
            waiting.numbered += following.count
            waiting.unnumbered -= following.count
            return self._take(number.stream, batch.source, number.lane, limit)
        return None

    @surviving_damage
    @vital
    def split(self, batch: Batch) -> None:
        """The server refuses the batch as a whole: from now on it is two of half the size."""
        with self._transaction():
            batches.split(self._db, batch.number)
        self.release(batch)

    @surviving_damage
    @vital
    def renew(self, batch: Batch) -> str:
        """Other readings are known under the batch's number: it, and all that follow, get an agent id of their own.

        Batches of other lanes keep the id under which they may have been stored. Returns the agent id.
        """
        agent = str(uuid.uuid4()) if batch.agent == self.agent else self.agent
        with self._transaction():
            self._db.execute("UPDATE meta SET value = ? WHERE key = 'agent'", (agent,))
            batches.renumber(self._db, batch.number, agent)
        self.agent = agent
        self.release(batch)
        return agent

    @surviving_damage
    @vital
    def shift(self, seconds: float) -> None:
        """Move all that waits to the backlog, in streams whose oldest live chunk has waited that long."""
        through = self._marks.older_than(seconds)
        late = [stream for stream in self._ids.values() if self._has_waited(stream, through)]
        if not late:
            return
        with self._transaction() as touched:
            moved = [(self._last_id, stream) for stream in late]
            self._db.executemany("UPDATE stream SET backlog_through = ? WHERE id = ?", moved)
            touched.update(late)

    @surviving_damage
    def tidy(self) -> bool:
        """One short piece of work on what waits; whether there may be more of it."""
        with self._transaction() as touched:
            oldest = self._clock.now() - self._max_age_ms
            touched.update(drop_aged(self._db, oldest, self._in_flight.values(), self._most))
        if touched:
            return True
        for stream in self._ids.values():
            if self._depths.of(stream, Lane.BACKLOG).unnumbered and self._merge_once(stream):
                return True
        self._space.shrink()
        self.ballast.hold()
        return False

    @surviving_damage
    def positions(self, stream: str) -> dict[str, FilePosition]:
        return get_positions(self._db, self._ids[stream])

    def depths(self) -> dict[str, int]:
        """Readings waiting, for each stream that has any."""
        return {name: depth for name, stream in self._ids.items() if (depth := self._depths.total(stream))}

    @surviving_damage
    def summary(self) -> list[StreamSummary]:
        rows = self._db.execute(
            "SELECT id, name, acknowledged, dropped, dead_letters, gaps,"
            " (SELECT added_ms FROM chunk WHERE chunk.stream = stream.id ORDER BY chunk.id LIMIT 1) FROM stream"
        )
        return [
            StreamSummary(
                name=name,
                depth=self._depths.total(stream),
                acknowledged=acknowledged,
                dropped=dropped,
                dead_letters=dead_letters,
                gaps=gaps,
                last_time_ms=self._last_times.get(stream),
                oldest_added_ms=None if added is None else self._clock.wall(added),
            )
            for stream, name, acknowledged, dropped, dead_letters, gaps, added in rows
        ]

    @surviving_damage
    def gaps_to_report(self, limit: int) -> list[GapRecord]:
        return gaps_to_report(self._db, limit)

    @surviving_damage
    @vital
    def reported(self, gaps: Collection[GapRecord]) -> None:
        """These were told to the server as they are here; one that grows later is to be reported again."""
        with self._transaction():
            mark_reported(self._db, gaps)

    def _load(self) -> None:
        self._space = Space(self._db, self.max_bytes)
        self.ballast = Ballast(self._folder, self._space.reserve)
        self._empty_log()
        self._series = Series(self._db)
        self._newest = Newest(self._db)
        self._depths = Depths(self._db)
        self._in_flight = {}
        self._packed = {}
        self.agent = str(self._db.execute("SELECT value FROM meta WHERE key = 'agent'").fetchone()[0])
        self._ids = dict(self._db.execute("SELECT name, id FROM stream"))
        times = (
            "SELECT id, max(ifnull(last_time_ms, 0),"
            " ifnull((SELECT max(last_ms) FROM chunk WHERE chunk.stream = stream.id), 0)) FROM stream"
        )
        self._last_times = {stream: last for stream, last in self._db.execute(times) if last}
        self._last_id = self._db.execute(
            "SELECT max(ifnull((SELECT max(id) FROM chunk), 0), ifnull((SELECT max(backlog_through) FROM stream), 0),"
            " ifnull((SELECT max(last_id) FROM batch), 0))"
        ).fetchone()[0]
        newest = self._db.execute("SELECT added_ms FROM chunk ORDER BY id DESC LIMIT 1").fetchone()
        self._clock = BufferClock(None if newest is None else newest[0])
        self._marks = Marks(self._last_id)
        self.size = self._space.used()

    def _empty_log(self) -> None:
        """A log left behind by a crash does not count against the next one; on a full disk it stays for now."""
        try:
            self._space.empty_log()
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            self.ballast.let_go()
        else:
            self.ballast.hold()

    def _by_stream(self, additions: Sequence[Addition]) -> Iterator[tuple[int, Iterable[Reading]]]:
        grouped: dict[int, list[Sequence[Reading]]] = {}
        for item in additions:
            if item.readings:
                grouped.setdefault(self._ids[item.stream], []).append(item.readings)
        for stream, parts in grouped.items():
            yield stream, chain.from_iterable(parts)

    def _pack(self, stream: int, readings: Iterable[Reading]) -> Iterator[NewChunk]:
        columns = self._newest.news(stream, self._series.columns(stream, readings))
        for start in range(0, len(columns), MOST_READINGS):
            yield NewChunk.of(stream, columns.part(start, start + MOST_READINGS))

    def _has_waited(self, stream: int, through: int) -> bool:
        """Whether the oldest live chunk without a number is none that came after `through`."""
        if not self._depths.of(stream, Lane.LIVE).unnumbered:
            return False
        first = self._db.execute(
            "SELECT min(id) FROM chunk WHERE stream = ?1 AND id > (SELECT max(backlog_through, (SELECT"
            " ifnull(max(last_id), 0) FROM batch WHERE stream = ?1 AND lane = 0)) FROM stream WHERE id = ?1)",
            (stream,),
        ).fetchone()[0]
        return first is not None and first <= through

    def _make_room(self, needed: int) -> set[int]:
        touched = drop_oldest(self._db, self._space, needed, self._in_flight.values(), self._most)
        if self._space.used() + needed > self._space.limit:
            raise BufferFullError("the buffer is full of readings that must not be dropped; raise max_buffer_mb")
        return touched

    def _put_records(self, item: Addition) -> None:
        stream = self._ids[item.stream]
        add_dead_letters(self._db, stream, item.dead_letters, self._most)
        add_gaps(self._db, stream, item.gaps, self._most)
        forget_positions(self._db, stream, item.forget)
        if item.position is not None:
            put_position(self._db, stream, item.position)

    def _take(self, stream: int, source: str, lane: Lane, limit: int) -> Batch | None:
        while True:
            number = batches.oldest(self._db, stream, lane)
            if number is None:
                if not self._depths.of(stream, lane).unnumbered:
                    return None
                with self._transaction():
                    number = batches.form(self._db, stream, lane, self.agent, limit)
                if number is None:
                    return None
                waiting = self._depths.of(stream, lane)
                waiting.unnumbered -= number.count
                waiting.numbered += number.count
            try:
                columns = read_chunks(self._db, stream, number.first, number.last).part(number.start, number.stop)
            except DamagedChunkError as error:
                self._give_up(stream, error.chunk)
                continue
            self._in_flight[stream, lane] = number
            return Batch(source, number, columns)

    def _merge_once(self, stream: int) -> bool:
        run, self._packed[stream] = find_run(self._db, stream, self._packed.get(stream, 0))
        if run is None:
            return False
        try:
            with self._transaction():
                merge(self._db, stream, run.first, run.last)
        except DamagedChunkError as error:
            self._give_up(stream, error.chunk)
        return True

    def _give_up(self, stream: int, chunk: int) -> None:
        with self._transaction() as touched:
            discard(self._db, stream, [chunk], DAMAGED, self._most)
            touched.add(stream)

    def _letter(self, batch: Batch, index: int, reason: str) -> DeadLetter:
        return DeadLetter(SERVER, 0, json.dumps(self._reading(batch.columns, index)), reason)

    def _reading(self, columns: Columns, index: int) -> dict[str, object]:
        machine, metric, unit, raw_tag = self._series.name(columns.series[index])
        return {
            "machine_identifier": machine,
            "timestamp": from_ms(columns.times[index]).isoformat(timespec="milliseconds"),
            "metric_name": metric,
            "value": columns.values[index],
            "unit": unit,
            "raw_tag": raw_tag,
            "quality": QUALITIES[columns.quality[index]],
        }

    @contextmanager
    def _transaction(self) -> Iterator[set[int]]:
        """Commit, or roll back and leave what is in memory as it was; streams put into the set are counted anew."""
        touched: set[int] = set()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield touched
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._series.rolled_back()
            self._newest.rolled_back()
            if isinstance(error, sqlite3.OperationalError) and _is_full(error):
                raise BufferFullError(f"the buffer cannot be written: {error}") from error
            raise
        self._series.committed()
        self._newest.committed()
        self.size = self._space.used()
        for stream in touched:
            self._depths.recount(stream)


def _is_full(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in FULL_ERRORS
