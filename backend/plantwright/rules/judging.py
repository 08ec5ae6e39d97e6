"""A rule on one machine brought forward: by what is new, by what came late, by time, and to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact
from plantwright.readings.arrays import Int64s
from plantwright.readings.columns import LogSlice
from plantwright.rules import repository
from plantwright.rules.engine import Batch
from plantwright.rules.inputs import good_ones, read_batch, to_batch
from plantwright.rules.program import HOUR_MS
from plantwright.rules.record import passed_over_fact, superseded_facts, told_facts
from plantwright.rules.state import RuleState, decode_state, encode_state
from plantwright.rules.tracking import LATENESS_MS, Told, Tracked, base_for, derive_again, take
from plantwright.rules.trial import begin
from plantwright.rules.watching import Watch

_FOREVER_MS = 4_102_444_800_000  # 2100


@dataclass(frozen=True, slots=True)
class News:
    """A slice of the log: what came, those of it to judge by, and first and last time of each series."""

    readings: LogSlice
    good: LogSlice
    spans: Mapping[int, tuple[int, int]]

    @classmethod
    def of(cls, readings: LogSlice) -> "News":
        return cls(readings, good_ones(readings), _spans(readings))

    def times_of(self, watch: Watch) -> Int64s:
        series = [number for number in watch.series if number is not None]
        return self.readings.time_ms[np.isin(self.readings.series, series)]


def _spans(readings: LogSlice) -> dict[int, tuple[int, int]]:
    order = np.argsort(readings.series, kind="stable")
    series, times = readings.series[order], readings.time_ms[order]
    if len(series) == 0:
        return {}
    starts = np.flatnonzero(np.concatenate(([True], series[1:] != series[:-1])))
    lows, highs = np.minimum.reduceat(times, starts).tolist(), np.maximum.reduceat(times, starts).tolist()
    return dict(zip(series[starts].tolist(), zip(lows, highs, strict=True), strict=True))


@dataclass(slots=True)
class Followed:
    """A watch with what it remembers; `hourly` are states that are not stored yet."""

    watch: Watch
    tracked: Tracked
    saved_ms: int = -1
    is_dirty: bool = True
    hourly: list[RuleState] = field(default_factory=list)

    @property
    def through_ms(self) -> int:
        return self.tracked.state.through_ms

    @property
    def end_ms(self) -> int:
        ending = self.watch.ending
        return _FOREVER_MS if ending is None else ending.time_ms


async def begin_to_follow(work: UnitOfWork, watch: Watch, position: int) -> Followed:
    state = await first_state(work, watch, position)
    return Followed(watch, Tracked(state), hourly=[decode_state(encode_state(state))])


async def first_state(work: UnitOfWork, watch: Watch, position: int) -> RuleState:
    """Conditions look back over what the log has from before the rule; episodes begin with the rule."""
    before_ms = watch.history_ms
    history = await read_batch(work, watch, before_ms, watch.start_ms - 1, position, with_beginning=True)
    return begin(watch.program, before_ms, watch.start_ms, history)


async def catch_up(work: UnitOfWork, one: Followed, position: int) -> list[Fact]:
    """With what the log has had since the state was saved; a version that has ended is brought to its end."""
    through_ms = one.through_ms
    if one.tracked.state.is_over:
        return []
    if through_ms >= one.end_ms:
        # Clocks ahead: it has judged what belongs to the next version.
        return await judge_again(work, one, one.end_ms, one.end_ms, position)
    batch = await read_batch(work, one.watch, through_ms, one.end_ms, position)
    if one.watch.ending is None:
        newest = max((int(slot.times[-1]) for slot in batch.slots if len(slot.times)), default=through_ms)
        if newest <= through_ms:
            return []
        batch = batch.between(through_ms, newest)
    return _take(one, batch)


def pass_time(one: Followed, until_ms: int) -> list[Fact]:
    """What silence brings about."""
    one.is_dirty = True
    if until_ms <= one.through_ms:
        return []
    return _take(one, Batch.empty(one.watch.program, min(until_ms, one.end_ms)))


async def judge(work: UnitOfWork, one: Followed, news: News, position: int) -> list[Fact]:
    """A slice of the log that has readings of its series."""
    watch = one.watch
    own = [news.spans[number] for number in watch.series if number is not None and number in news.spans]
    first, last = min(low for low, _high in own), max(high for _low, high in own)
    if one.through_ms < first and last < one.end_ms:
        return _take(one, to_batch(watch, news.good, (), one.through_ms, last))
    return await _judge_late(work, one, news.times_of(watch), position)


async def judge_changes(work: UnitOfWork, one: Followed, times: Sequence[int], position: int) -> list[Fact]:
    """At these times something happened to a machine of the rule."""
    return await _judge_late(work, one, np.array(times, np.int64), position)


async def _judge_late(work: UnitOfWork, one: Followed, times: Int64s, position: int) -> list[Fact]:
    """Of moments at which something is new, some of which it may have passed already."""
    facts, times = _passing_over(one, times[(times > one.watch.history_ms) & (times < one.end_ms)])
    if not len(times):
        return facts
    earliest, newest = int(times.min()), max(one.through_ms, int(times.max()))
    if earliest > one.through_ms:
        return facts + _take(one, await read_batch(work, one.watch, one.through_ms, newest, position))
    return facts + await judge_again(work, one, earliest, newest, position)


async def judge_again(work: UnitOfWork, one: Followed, earliest: int, newest: int, position: int) -> list[Fact]:
    """Everything from `earliest` on, from a state that does not know of it yet."""
    tracked, watch = one.tracked, one.watch
    base = await _base(work, one, earliest, position)
    since = from_milliseconds(base.through_ms)
    batch = await read_batch(work, watch, base.through_ms, newest, position)
    derived = derive_again(tracked, base, batch, watch.program, watch.ending)
    one.hourly += derived.hourly
    one.is_dirty = True
    oldest = from_milliseconds(one.through_ms - LATENESS_MS - HOUR_MS)
    await repository.forget_snapshots(work, watch.key, before=oldest, after=since)
    return [*superseded_facts(derived.superseded, watch.subject), *told_facts(derived.told, watch.subject)]


async def _base(work: UnitOfWork, one: Followed, earliest: int, position: int) -> RuleState:
    if earliest >= one.watch.start_ms:
        base = base_for(one.tracked, earliest)
        if base is not None:
            return base
        data = await repository.snapshot_before(work, one.watch.key, earliest)
        if data is not None:
            return decode_state(data)
    state = await first_state(work, one.watch, position)
    # What was remembered may not know of what came from before the beginning.
    one.tracked.recent = []
    one.hourly.append(decode_state(encode_state(state)))
    return state


def _take(one: Followed, batch: Batch) -> list[Fact]:
    told: list[Told] = take(one.tracked, batch, one.watch.program, one.watch.ending)
    one.is_dirty |= bool(told) or one.tracked.state.is_over
    return told_facts(told, one.watch.subject)


def _passing_over(one: Followed, times: Int64s) -> tuple[list[Fact], Int64s]:
    """What of these times still counts, and what to say when for the first time something does not."""
    is_too_late = times <= one.through_ms - LATENESS_MS
    if not is_too_late.any():
        return [], times
    first = int(times[is_too_late].min())
    known = one.tracked.passed_over_ms
    if known is not None and known <= first:
        return [], times[~is_too_late]
    one.tracked.passed_over_ms, one.is_dirty = first, True
    return [passed_over_fact(one.watch.subject, first)], times[~is_too_late]
