"""Brings the rules of a tenant forward: with new readings, with changed states of machines, and with time alone.

States are kept in the process between two slices of the log, as long as nobody else has moved the cursor or changed a
rule meanwhile; else they are read again, and brought forward with what the log has since. So the database is written
to only when something has happened to a rule, and once a minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from plantwright.core.clock import from_milliseconds, to_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.core.recently_used import RecentlyUsed
from plantwright.journal.service import Fact, Journal
from plantwright.readings.arrays import Int64s
from plantwright.readings.columns import LogSlice
from plantwright.rules import repository
from plantwright.rules.engine import Batch, next_due
from plantwright.rules.findings import finding_fact
from plantwright.rules.inputs import good_ones, read_batch, to_batch
from plantwright.rules.program import HOUR_MS
from plantwright.rules.repository import Book, StatusChange
from plantwright.rules.state import RuleState, decode_state, encode_state
from plantwright.rules.tracking import (
    LATENESS_MS,
    Told,
    Tracked,
    base_for,
    decode_tracked,
    derive_again,
    encode_tracked,
    take,
)
from plantwright.rules.trial import begin
from plantwright.rules.watching import Watch, watched_by

CONSUMER = "rules"
_SAVE_MS = 60_000
_TENANTS = 200
_AT_ONCE = 500


@dataclass(slots=True)
class _Running:
    watch: Watch
    tracked: Tracked
    saved_ms: int = -1
    is_dirty: bool = True
    hourly: list[RuleState] = field(default_factory=list)


@dataclass(slots=True)
class _Held:
    """The rules of a tenant as of a revision of them and a position of the log."""

    book: Book
    running: dict[tuple[UUID, UUID], _Running]
    by_series: dict[int, list[_Running]]
    series: Int64s


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
            facts = await self._judge(work, held, readings.where(wanted), (), readings.position)
        await self._leave(work, held, facts, readings.position)

    async def take_states(self, work: UnitOfWork, changes: Sequence[StatusChange]) -> None:
        held = await self._enter(work)
        if held is None:
            return
        nothing = LogSlice.joined([])
        facts = await self._judge(work, held, nothing, changes, held.book.position)
        await self._leave(work, held, facts, held.book.position)

    async def pass_time(self, work: UnitOfWork, now: datetime) -> None:
        """What silence brings about, up to a little before now."""
        held = await self._enter(work)
        if held is None:
            return
        until_ms = to_milliseconds(now - repository.GRACE)
        facts: list[Fact] = []
        for key in await repository.due_states(work, from_milliseconds(until_ms), _AT_ONCE):
            running = held.running.get(tuple(key))  # type: ignore[arg-type]
            if running is None:
                continue
            running.is_dirty = True
            if until_ms > running.tracked.state.through_ms:
                program = running.watch.program
                facts += _facts(running, take(running.tracked, Batch.empty(program, until_ms), program))
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

    async def _leave(self, work: UnitOfWork, held: _Held, facts: Sequence[Fact], position: int) -> None:
        changed = [one for one in held.running.values() if _is_to_save(one)]
        await repository.save_states(work, [_row(one) for one in changed])
        await self._save_hourly(work, changed)
        await self._journal.append(work, *facts)
        held.book = Book(held.book.revision, position)

        async def keep() -> None:
            self._held.put(work.tenant_id, held)

        work.after_commit("rules", keep)

    async def _load(self, work: UnitOfWork, book: Book) -> _Held:
        rules = await repository.enabled(work)
        watches = [watch for found in (await watched_by(work, rules)).values() for watch in found.watches]
        stored = {(row.rule_id, row.machine_id): row for row in await repository.states(work, [r.id for r in rules])}
        held = _Held(book, {}, {}, np.zeros(0, np.int64))
        facts: list[Fact] = []
        for watch in watches:
            key = watch.rule.id, watch.machine.id
            row = stored.get(key)
            if row is None or row.version != watch.rule.version:
                running = await self._begin(work, watch, book.position)
            else:
                running = _Running(watch, decode_tracked(row.state), to_milliseconds(row.through), is_dirty=False)
            facts += await self._catch_up(work, running, book.position)
            held.running[key] = running
            for series in {one for one in watch.series if one is not None}:
                held.by_series.setdefault(series, []).append(running)
        held.series = np.array(sorted(held.by_series), np.int64)
        await self._journal.append(work, *facts)
        return held

    async def _begin(self, work: UnitOfWork, watch: Watch, position: int) -> _Running:
        """Conditions look back over what the log has from before the rule; episodes begin with the rule."""
        before_ms = watch.start_ms - watch.program.warm_up_ms - 1
        history = await read_batch(work, watch, before_ms, watch.start_ms - 1, position)
        state = begin(watch.program, before_ms, watch.start_ms, history)
        return _Running(watch, Tracked(state), hourly=[decode_state(encode_state(state))])

    async def _catch_up(self, work: UnitOfWork, running: _Running, position: int) -> list[Fact]:
        """With what the log has had since the state was saved."""
        watch, tracked = running.watch, running.tracked
        through_ms = tracked.state.through_ms
        batch = await read_batch(work, watch, through_ms, _FOREVER_MS, position)
        newest = max((int(slot.times[-1]) for slot in batch.slots if len(slot.times)), default=through_ms)
        if newest <= through_ms:
            return []
        told = take(tracked, batch.between(through_ms, newest), watch.program)
        running.is_dirty |= bool(told)
        return _facts(running, told)

    async def _judge(
        self, work: UnitOfWork, held: _Held, readings: LogSlice, changes: Sequence[StatusChange], position: int
    ) -> list[Fact]:
        good = good_ones(readings)
        spans = _spans(readings)
        moved = {change.machine_id for change in changes}
        facts: list[Fact] = []
        touched = {id(one): one for series in spans for one in held.by_series.get(series, ())}
        for one in held.running.values() if moved else ():
            if any(slot.metric is None and slot.machine_id in moved for slot in one.watch.program.slots):
                touched[id(one)] = one
        for one in touched.values():
            facts += await self._judge_one(work, one, good, spans, changes, position)
        return facts

    async def _judge_one(  # noqa: PLR0917 - of one slice
        self,
        work: UnitOfWork,
        running: _Running,
        good: LogSlice,
        spans: Mapping[int, tuple[int, int]],
        changes: Sequence[StatusChange],
        position: int,
    ) -> list[Fact]:
        tracked, watch = running.tracked, running.watch
        through_ms = tracked.state.through_ms
        own = [spans[series] for series in watch.series if series is not None and series in spans]
        machines = {slot.machine_id for slot in watch.program.slots if slot.metric is None}
        own += [(change.time_ms, change.time_ms) for change in changes if change.machine_id in machines]
        if max(last for _first, last in own) < watch.start_ms:
            return []
        newest = max(through_ms, *(last for _first, last in own))
        earliest = min(first for first, _last in own)
        if earliest > through_ms:
            batch = to_batch(watch, good, changes, through_ms, newest)
            return _facts(running, take(tracked, batch, watch.program))
        earliest = max(earliest, watch.start_ms)
        if earliest <= newest - LATENESS_MS and newest == through_ms:
            return []
        base = base_for(tracked, earliest)
        if base is None:
            data = await repository.snapshot_before(work, watch.rule.id, watch.machine.id, earliest)
            base = None if data is None else decode_state(data)
        if base is None:
            # Nothing is remembered from so long ago: only what is new counts.
            batch = to_batch(watch, good, changes, through_ms, newest).between(through_ms, newest)
            return _facts(running, take(tracked, batch, watch.program))
        batch = await read_batch(work, watch, base.through_ms, newest, position)
        derived = derive_again(tracked, base, batch, watch.program)
        running.hourly += derived.hourly
        running.is_dirty = True
        wrong_from = from_milliseconds(base.through_ms)
        oldest = from_milliseconds(through_ms - LATENESS_MS - HOUR_MS)
        await repository.forget_snapshots(work, watch.rule.id, watch.machine.id, before=oldest, after=wrong_from)
        return _facts(running, derived.told)

    async def _save_hourly(self, work: UnitOfWork, changed: Sequence[_Running]) -> None:
        rows = []
        for one in changed:
            key = {"rule_id": one.watch.rule.id, "machine_id": one.watch.machine.id}
            hourly, one.hourly = one.hourly, []
            if hourly:
                oldest = from_milliseconds(one.tracked.state.through_ms - LATENESS_MS - HOUR_MS)
                await repository.forget_snapshots(work, one.watch.rule.id, one.watch.machine.id, before=oldest)
            by_time = {from_milliseconds(state.through_ms): encode_state(state) for state in hourly}
            rows += [{**key, "through": through, "state": data} for through, data in by_time.items()]
        await repository.save_snapshots(work, rows)


_FOREVER_MS = 4_102_444_800_000  # 2100


def _spans(readings: LogSlice) -> dict[int, tuple[int, int]]:
    """First and last time of each series."""
    order = np.argsort(readings.series, kind="stable")
    series, times = readings.series[order], readings.time_ms[order]
    if len(series) == 0:
        return {}
    starts = np.flatnonzero(np.concatenate(([True], series[1:] != series[:-1])))
    lows, highs = np.minimum.reduceat(times, starts).tolist(), np.maximum.reduceat(times, starts).tolist()
    return dict(zip(series[starts].tolist(), zip(lows, highs, strict=True), strict=True))


def _facts(running: _Running, told: Sequence[Told]) -> list[Fact]:
    running.is_dirty |= bool(told)
    return [finding_fact(one.finding, running.watch.subject, is_late=one.is_late) for one in told]


def _is_to_save(running: _Running) -> bool:
    return running.is_dirty or running.tracked.state.through_ms - running.saved_ms >= _SAVE_MS


def _row(running: _Running) -> dict[str, Any]:
    tracked, watch = running.tracked, running.watch
    state = tracked.state
    if state.through_ms // HOUR_MS > running.saved_ms // HOUR_MS:
        running.hourly.append(decode_state(encode_state(state)))
    running.is_dirty, running.saved_ms = False, state.through_ms
    waits = watch.program.has_no_data or state.calm_since is not None
    due = next_due(state, watch.program) if waits else None
    episode, started = state.episode, tracked.last_started_ms
    return {
        "rule_id": watch.rule.id,
        "machine_id": watch.machine.id,
        "version": watch.rule.version,
        "through": from_milliseconds(state.through_ms),
        "due": None if due is None else from_milliseconds(due),
        "active_since": None if episode is None else from_milliseconds(episode.started_ms),
        "severity": None if episode is None else episode.severity.value,
        "last_started": None if started is None else from_milliseconds(started),
        "state": encode_tracked(tracked),
    }
