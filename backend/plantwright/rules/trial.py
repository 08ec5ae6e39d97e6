"""A rule tried on stored history: how often it would have fired, and when. Nothing is stored."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.readings.repository import settled_position
from plantwright.rules import repository
from plantwright.rules.definition import Definition, Severity
from plantwright.rules.engine import Batch, advance
from plantwright.rules.findings import FindingKind, RuleFinding
from plantwright.rules.inputs import read_batch
from plantwright.rules.models import AlertRule
from plantwright.rules.program import RANK, Program, Slot
from plantwright.rules.state import RuleState
from plantwright.rules.watching import Watch, watched_by

MAX_DAYS = 92
MAX_READINGS = 2_000_000
MAX_MACHINES = 10
MAX_INTERVALS = 1_000
SECONDS = 20.0
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class TrialInterval:
    """`end_ms` is None when it would still go on; `severity` is the highest, `message` that of its start."""

    machine_id: UUID
    start_ms: int
    end_ms: int | None
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Trial:
    """
    Attributes:
        times_fired: of all intervals, also of those that are too many to be listed.
        active_ms: of all machines together.
        readings: how many were judged.
        slots: what the rule reads on each machine that was tried.
        troubles: machines on which it could not be tried, and why.
    """

    start_ms: int
    end_ms: int
    intervals: list[TrialInterval]
    times_fired: int
    active_ms: int
    readings: int
    slots: dict[UUID, tuple[Slot, ...]]
    troubles: list[tuple[UUID | None, str]]

    def per_day(self) -> tuple[list[int], list[int]]:
        """Starts of the days (UTC) and how many intervals began in each."""
        days = list(range(self.start_ms // _DAY_MS, (self.end_ms - 1) // _DAY_MS + 1))
        counts = dict.fromkeys(days, 0)
        for one in self.intervals:
            counts[one.start_ms // _DAY_MS] += 1
        return [day * _DAY_MS for day in days], [counts[day] for day in days]


async def try_rule(work: UnitOfWork, definition: Definition, start: datetime, end: datetime) -> Trial:
    """Of a template the first machines of its kind by name. The definition has to be sound.

    Raises:
        ValidationFailed: the period is empty, too long, or holds too many readings.
    """
    start_ms, end_ms = _period(start, min(end, utc_now()))
    rule = AlertRule(
        tenant_id=work.tenant_id,
        name="",
        machine_id=definition.machine_id,
        machine_kind=definition.machine_kind,
        definition={},
        effective_at=start,
    )
    found = await watched_by(work, [rule], {rule.id: definition})
    watches = [replace(watch, start_ms=start_ms) for watch in found[rule.id].watches[:MAX_MACHINES]]
    position = await settled_position(work)
    await _require_bounded(work, watches, end_ms, position)
    deadline = time.monotonic() + SECONDS
    intervals: list[TrialInterval] = []
    readings = 0
    for watch in watches:
        if time.monotonic() > deadline:
            raise ValidationFailed("This takes too long. Choose a shorter period or fewer machines.", ["from"])
        before_ms = watch.history_ms
        batch = await read_batch(work, watch, before_ms, end_ms, position, with_beginning=True)
        readings += sum(len(slot.times) for slot in batch.slots)
        findings = await asyncio.to_thread(_judge, watch.program, batch, before_ms, start_ms, end_ms)
        intervals += _intervals(watch.machine.id, findings)
    intervals.sort(key=lambda one: (one.start_ms, one.machine_id))
    active_ms = sum((end_ms if one.end_ms is None else one.end_ms) - one.start_ms for one in intervals)
    slots = {watch.machine.id: watch.program.slots for watch in watches}
    return Trial(start_ms, end_ms, intervals, len(intervals), active_ms, readings, slots, found[rule.id].troubles)


def begin(program: Program, before_ms: int, start_ms: int, batch: Batch) -> RuleState:
    """A state that knows what was before the start, but in which no episode has begun."""
    state = RuleState.new(program, before_ms + 1)
    advance(state, batch.between(before_ms, start_ms - 1), program)
    state.episode = state.wanted_since = state.calm_since = state.ended_ms = None
    return state


def _judge(program: Program, batch: Batch, before_ms: int, start_ms: int, end_ms: int) -> list[RuleFinding]:
    state = begin(program, before_ms, start_ms, batch)
    return advance(state, batch.between(start_ms - 1, end_ms), program)


def _period(start: datetime, end: datetime) -> tuple[int, int]:
    start_ms, end_ms = to_milliseconds(start), to_milliseconds(end)
    if start_ms >= end_ms:
        raise ValidationFailed("The period is empty: from has to be before to, and in the past.", ["from"])
    if end_ms - start_ms > MAX_DAYS * _DAY_MS:
        raise ValidationFailed(f"A rule is tried on at most {MAX_DAYS} days at once.", ["from"])
    return start_ms, end_ms


async def _require_bounded(work: UnitOfWork, watches: list[Watch], end_ms: int, position: int) -> None:
    total = 0
    for watch in watches:
        series = {one for one in watch.series if one is not None}
        total += await repository.count_between(work, series, watch.history_ms, end_ms, position)
    if total > MAX_READINGS:
        raise ValidationFailed(
            f"The period holds about {total:,} readings; a rule is tried on at most {MAX_READINGS:,}. "
            "Choose a shorter one.",
            ["from"],
        )


def _intervals(machine_id: UUID, findings: list[RuleFinding]) -> list[TrialInterval]:
    found: list[TrialInterval] = []
    for one in findings:
        if one.kind is FindingKind.STARTED:
            found.append(TrialInterval(machine_id, one.time_ms, None, one.severity, one.explanation.message))
        elif one.kind is FindingKind.CONTINUED:
            found[-1] = replace(found[-1], severity=max(found[-1].severity, one.severity, key=RANK.__getitem__))
        else:
            found[-1] = replace(found[-1], end_ms=one.time_ms)
    return found
