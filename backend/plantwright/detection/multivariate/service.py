"""The reference of a machine: what it is, and what people may say of it.

After maintenance a machine is not what it was. Somebody then either vouches for a period since as normal operation,
and the reference is drawn from it at once, or has it learnt anew, which takes a day.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from plantwright.assets.repository import get_machine
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.detection.charts.state import NEVER
from plantwright.detection.multivariate import repository, statements_repository
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.multivariate.engine import MachineReadings, known_until, step
from plantwright.detection.multivariate.facts import fact_of
from plantwright.detection.multivariate.known import known_state
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.reference import Reference
from plantwright.detection.multivariate.repository import Member
from plantwright.detection.multivariate.state import MOST_METRICS, MachineState
from plantwright.detection.multivariate.statements import Drawn, after_statement
from plantwright.detection.service import restart_baseline
from plantwright.journal.repository import lock_cursor
from plantwright.journal.service import Fact, Journal
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.models import Quality
from plantwright.readings.query.plan import Level, Part
from plantwright.readings.query.range_repository import read_parts

LONGEST_PERIOD = timedelta(days=31)
MAX_READINGS = 200_000
VOUCHED = "machine.reference_vouched"
RESTARTED = "machine.reference_restarted"


@dataclass(frozen=True, slots=True)
class MachineReference:
    """
    Attributes:
        metrics: names of those that take part, in the order of the reference's arrays.
        left_out: names of those that have no settled level yet.
        hours: hours that were learnt from.
        reference: None while the machine is not known well enough.
    """

    machine_id: UUID
    metrics: Sequence[str]
    left_out: Sequence[str]
    hours: int
    reference: Reference | None


async def read_reference(work: UnitOfWork, machine_id: UUID) -> MachineReference | None:
    """None for an unknown machine."""
    if await get_machine(work, machine_id) is None:
        return None
    members = await repository.members_of_machine(work, machine_id)
    return _view(machine_id, await known_state(work, machine_id), members)


@dataclass(frozen=True, slots=True)
class Span:
    """`end` is not included."""

    start: datetime
    end: datetime


async def vouch(work: UnitOfWork, journal: Journal, actor_id: UUID, machine_id: UUID, span: Span) -> MachineReference:
    """Draw the reference from a period that somebody says was normal operation.

    Raises:
        NotFound: no such machine in this tenant.
        ValidationFailed: the period is empty, in the future, holds too much, or too little to say what is normal.
    """
    members = await _members(work, machine_id)
    _require_period(span)
    await lock_cursor(work, MachineConsumer.name, start=0)
    state = await known_state(work, machine_id)
    series = state.series or tuple(member.series for member in members)[:MOST_METRICS]
    stored = await _read(work, series, span)
    drawn = await asyncio.to_thread(_draw, series if state.series else _read_of(stored), stored)
    said = _reference_fact(VOUCHED, machine_id, actor_id, span={"from": span.start, "to": span.end})
    after = await _state_that(work, journal, machine_id, state, drawn, said)
    if after.reference is None:
        raise ValidationFailed(
            "No metric of the machine has a settled level in this period: it takes readings that are worth 30 "
            "independent ones. Choose a longer period.",
            ["from"],
        )
    return _view(machine_id, after, members)


async def restart(work: UnitOfWork, journal: Journal, actor_id: UUID, machine_id: UUID) -> MachineReference:
    """Forget what the machine and its metrics were like.

    As a whole it is judged again when it has been seen in 24 hours; each metric when its baseline is ready.

    Raises:
        NotFound: no such machine in this tenant.
    """
    members = await _members(work, machine_id)
    await lock_cursor(work, MachineConsumer.name, start=0)
    for metric_id in await repository.metrics_of_machine(work, machine_id):
        await restart_baseline(work, journal, actor_id, metric_id)
    state = await known_state(work, machine_id)
    said = _reference_fact(RESTARTED, machine_id, actor_id)
    after = await _state_that(work, journal, machine_id, state, None, said)
    return _view(machine_id, after, members)


def _reference_fact(action: str, machine_id: UUID, actor_id: UUID, **details: Any) -> Fact:
    return Fact(
        action=action,
        resource_type="machine",
        resource_id=str(machine_id),
        payload={"machine_id": machine_id, **details},
        actor_id=actor_id,
    )


async def _state_that(  # noqa: PLR0917 - what is, what is said of it, and who says it
    work: UnitOfWork, journal: Journal, machine_id: UUID, state: MachineState, drawn: Drawn | None, said: Fact
) -> MachineState:
    """Keep what was said, and say so; what was found by the old reference is over. The next frame knows of it."""
    holds_from_ms = NEVER if state.newest == NEVER else known_until(state) + 1
    statement = await statements_repository.add(work, machine_id, holds_from_ms, drawn)
    after, ended = after_statement(state, statement)
    await journal.append(work, said, *([] if ended is None else [fact_of(machine_id, ended, {})]))
    return after


async def _members(work: UnitOfWork, machine_id: UUID) -> list[Member]:
    if await get_machine(work, machine_id) is None:
        raise NotFound(MACHINE_NOT_FOUND, ["machineId"])
    return await repository.members_of_machine(work, machine_id)


def _view(machine_id: UUID, state: MachineState, members: Sequence[Member]) -> MachineReference:
    names = {member.series: member.name for member in members}
    used = (
        set()
        if state.reference is None
        else {
            series for series, takes_part in zip(state.series, state.reference.used.tolist(), strict=True) if takes_part
        }
    )
    return MachineReference(
        machine_id=machine_id,
        metrics=[names.get(series, f"series {series}") for series in state.series if series in used],
        left_out=sorted(member.name for member in members if member.series not in used),
        hours=state.hours,
        reference=state.reference,
    )


def _require_period(span: Span) -> None:
    start, end = span.start, span.end
    if start.tzinfo is None or end.tzinfo is None:
        raise ValidationFailed("Times need a zone, for example 2026-01-31T08:00:00Z.", ["from"])
    if start >= end:
        raise ValidationFailed("The period must begin before it ends.", ["from"])
    if end > utc_now() + timedelta(minutes=1):
        raise ValidationFailed("The period must be over: nobody can vouch for what is to come.", ["to"])
    if end - start > LONGEST_PERIOD:
        raise ValidationFailed(f"The period may be {LONGEST_PERIOD.days} days long at most.", ["from"])


async def _read(work: UnitOfWork, series: Sequence[int], span: Span) -> LogSlice:
    start_ms, end_ms = (round(bound.timestamp() * 1_000) for bound in (span.start, span.end))
    chunks: list[LogSlice] = []
    total = 0
    async for chunk in read_parts(work, list(series), [Part(Level.RAW, start_ms, end_ms)]):
        settled = settle_duplicates(chunk)
        total += len(settled)
        if total > MAX_READINGS:
            raise ValidationFailed(
                f"The period has more than {MAX_READINGS:,} readings of this machine. Choose a shorter one.", ["from"]
            )
        chunks.append(settled.where((settled.quality == Quality.GOOD) & np.isfinite(settled.value)))
    return LogSlice.joined(chunks)


def _read_of(stored: LogSlice) -> tuple[int, ...]:
    return tuple(np.unique(stored.series).tolist())


def _draw(series: tuple[int, ...], stored: LogSlice) -> Drawn:
    came = MachineReadings.good(stored.series.astype(np.int64), stored.time_ms, stored.value)
    course = Course.of(MultivariateConfig(enabled=False))
    [stepped] = step([MachineState.empty(series)], [came], [course], is_last=True)
    return Drawn.of(stepped.state)
