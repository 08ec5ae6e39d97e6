"""Brings the rules of a tenant forward: with new readings, with what happens to machines, and with time alone.

States are kept in the process between two slices of the log, as long as nobody else has moved the cursor or changed a
rule meanwhile; else they are read again, and brought forward with what the log has since. So the database is written
to only when something has happened to a rule, and once a minute.

A version of a rule that does not hold any more is followed for another day, for readings of its time that come late.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from plantwright.core.clock import from_milliseconds, to_milliseconds, utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.recently_used import RecentlyUsed
from plantwright.journal.service import Fact, Journal
from plantwright.readings.arrays import Int64s
from plantwright.readings.columns import LogSlice
from plantwright.rules import judging, repository, version_repository
from plantwright.rules.definition import Aspect
from plantwright.rules.following import CONSUMER, follow, save
from plantwright.rules.judging import Followed, News
from plantwright.rules.repository import Book, WatchKey
from plantwright.rules.tracking import LATENESS_MS

_TENANTS = 200
_AT_ONCE = 500
# A machine, what of it has changed, and when.
Touch = tuple[UUID, Aspect, int]


@dataclass(slots=True)
class _Held:
    """The rules of a tenant as of a revision of them and a position of the log."""

    book: Book
    followed: dict[WatchKey, Followed]
    by_series: dict[int, list[Followed]]
    series: Int64s

    @classmethod
    def of(cls, book: Book, followed: Iterable[Followed]) -> "_Held":
        held = cls(book, {one.watch.key: one for one in followed}, {}, np.zeros(0, np.int64))
        for one in held.followed.values():
            for series in {number for number in one.watch.series if number is not None}:
                held.by_series.setdefault(series, []).append(one)
        held.series = np.array(sorted(held.by_series), np.int64)
        return held


class RuleRunner:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held = RecentlyUsed[UUID, _Held](_TENANTS)

    async def take_readings(self, work: UnitOfWork, readings: LogSlice) -> None:
        held = await self._enter(work)
        if held is None:
            return
        facts: list[Fact] = []
        wanted = np.isin(readings.series, held.series)
        if wanted.any():
            news = News.of(readings.where(wanted))
            touched = {one.watch.key: one for series in news.spans for one in held.by_series[series]}
            for one in touched.values():
                facts += await judging.judge(work, one, news, readings.position)
        await self._leave(work, held, facts, readings.position)

    async def take_touches(self, work: UnitOfWork, touches: Sequence[Touch]) -> None:
        """Something has happened to machines, as the journal says."""
        held = await self._enter(work)
        if held is None:
            return
        facts: list[Fact] = []
        for one in held.followed.values():
            read = {(slot.machine_id, slot.aspect) for slot in one.watch.program.slots if slot.aspect is not None}
            times = [time_ms for machine_id, aspect, time_ms in touches if (machine_id, aspect) in read]
            if times:
                facts += await judging.judge_changes(work, one, times, held.book.position)
        await self._leave(work, held, facts, held.book.position)

    async def pass_time(self, work: UnitOfWork, now: datetime) -> None:
        """What silence brings about, up to a little before now."""
        held = await self._enter(work)
        if held is None:
            return
        until_ms = to_milliseconds(now - repository.GRACE)
        facts: list[Fact] = []
        for key in await repository.due_states(work, from_milliseconds(until_ms), _AT_ONCE):
            one = held.followed.get(tuple(key))  # type: ignore[arg-type]
            if one is not None:
                facts += judging.pass_time(one, until_ms)
        await self._leave(work, held, facts, held.book.position)

    async def _enter(self, work: UnitOfWork) -> _Held | None:
        book = await repository.read_book(work, CONSUMER)
        if book is None:
            return None
        await repository.lock_rules(work)
        # Somebody may have had the lock.
        book = await repository.read_book(work, CONSUMER) or book
        held = self._held.get(work.tenant_id)
        # What a transaction has begun to change is not there for the next one unless it commits.
        self._held.discard(work.tenant_id)
        return held if held is not None and held.book == book else await self._load(work, book)

    async def _load(self, work: UnitOfWork, book: Book) -> _Held:
        versions = await version_repository.judging(work, utc_now() - timedelta(milliseconds=LATENESS_MS))
        await version_repository.forget_all_but(work, [(one.rule_id, one.version) for one in versions])
        followed, facts = await follow(work, versions, book.position)
        await self._journal.append(work, *facts)
        return _Held.of(book, followed)

    async def _leave(self, work: UnitOfWork, held: _Held, facts: Sequence[Fact], position: int) -> None:
        await save(work, held.followed.values())
        await self._journal.append(work, *facts)
        held.book = Book(held.book.revision, position)

        async def keep() -> None:
            self._held.put(work.tenant_id, held)

        work.after_commit("rules", keep)
