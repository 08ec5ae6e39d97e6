"""Machines derived from what the log holds of them, slice after slice of time, in bounded memory."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from plantwright.core.database import UnitOfWork
from plantwright.detection.charts.state import NEVER
from plantwright.detection.multivariate import repository, snapshots_repository
from plantwright.detection.multivariate.consumer import readings_of
from plantwright.detection.multivariate.engine import MachineReadings, Snapshot, step
from plantwright.detection.multivariate.facts import payload_of
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.known import courses_of
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.multivariate.statements import after_statements
from plantwright.detection.replay import late_repository
from plantwright.detection.replay.record import Payload
from plantwright.detection.replay.walk import LONGEST_PAUSE_SECONDS, Opening
from plantwright.journal.canonical import to_payload
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.query.plan import HOUR_MS, Level, Part
from plantwright.readings.query.range_repository import read_parts

# A slice has about so many readings: each of them may make a frame, which has a place for every metric.
SLICE_READINGS = 50_000
_LONGEST_SLICE_MS = 8 * 24 * HOUR_MS
_SHORTEST_SLICE_MS = 60_000


@dataclass(slots=True)
class MachineWalk:
    """How far a machine has been derived, and what was found on the way.

    Attributes:
        base_ms: the last frame that its snapshot knew.
        taken_ms: up to where readings have been taken in.
    """

    machine_id: UUID
    names: Mapping[int, str]
    course: Course
    state: MachineState
    base_ms: int
    taken_ms: int
    findings: list[MachineFinding] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    readings: int = 0

    def payloads(self) -> list[Payload]:
        """As they are journaled."""
        return [to_payload(payload_of(self.machine_id, finding, self.names)) for finding in self.findings]

    def hear(self, time_ms: int) -> MachineState:
        """What was said up to a time without a frame after it yet ends what goes on, but is no part of the state."""
        state, ended = after_statements(self.state, self.course.statements, time_ms)
        self.findings += ended
        return state


async def start_walks(work: UnitOfWork, from_ms: Mapping[UUID, int], *, has_edges: bool = False) -> list[MachineWalk]:
    """Machines at their newest snapshots that know of nothing from these times on; without one, at their beginning.

    Args:
        work: of the tenant.
        from_ms: of each machine.
        has_edges: whether snapshots are to be taken at these times.
    """
    states = {
        machine_id: await snapshots_repository.newest_before(work, machine_id, time_ms) or MachineState.empty(())
        for machine_id, time_ms in from_ms.items()
    }
    edges = from_ms if has_edges else {}
    courses = await courses_of(work, {machine_id: state.said for machine_id, state in states.items()}, edges)
    names: dict[UUID, dict[int, str]] = {machine_id: {} for machine_id in from_ms}
    for member in await repository.members_of_machines(work, list(from_ms)):
        names[member.machine_id][member.series] = member.name
    return [
        MachineWalk(machine_id, names[machine_id], courses[machine_id], state, state.frame_time, state.frame_time)
        for machine_id, state in sorted(states.items())
    ]


async def advance_machines(
    walks: Sequence[MachineWalk],
    opening: Opening,
    through_ms: Mapping[UUID, int],
    *,
    until: int | None = None,
    gives_way: bool = False,
) -> None:
    """Take in what is stored of each machine up to a time, that time included.

    Args:
        walks: are moved on.
        opening: opens a transaction for each slice.
        through_ms: milliseconds since 1970, one per machine.
        until: nothing behind this position of the log.
        gives_way: pauses after each slice for as long as it took, but not for long.
    """
    low = await _beginning(walks, opening)
    end = max(through_ms.values(), default=NEVER) + 1
    length = HOUR_MS
    while low is not None and low < end:
        began = time.monotonic()
        high = min(low + length, end)
        async with opening() as work:
            stored = await _read(work, walks, low, high, until)
        await asyncio.to_thread(_take_in, walks, stored, through_ms)
        if gives_way:
            await asyncio.sleep(min(time.monotonic() - began, LONGEST_PAUSE_SECONDS))
        low = high
        length = _next_length(length, len(stored))
    for walk in walks:
        walk.taken_ms = max(walk.taken_ms, through_ms[walk.machine_id])


def judge_until(walk: MachineWalk, newest_ms: int) -> None:
    """Judge what waits as if a reading of this time had come."""
    nothing = np.zeros(0, np.int64)
    came = MachineReadings.good(nothing, nothing, np.zeros(0))
    _step([replace(walk.state, newest=max(walk.state.newest, newest_ms))], [walk], [came])


def _next_length(length: int, readings: int) -> int:
    if readings < SLICE_READINGS // 2:
        return min(length * 2, _LONGEST_SLICE_MS)
    return length if readings < 2 * SLICE_READINGS else max(length // 2, _SHORTEST_SLICE_MS)


async def _beginning(walks: Sequence[MachineWalk], opening: Opening) -> int | None:
    starts = [walk.taken_ms + 1 for walk in walks if walk.taken_ms != NEVER]
    unknown = [series for walk in walks if walk.taken_ms == NEVER for series in walk.names]
    if unknown:
        async with opening() as work:
            first = await late_repository.first_reading_ms(work, unknown)
        starts += [] if first is None else [first]
    return min(starts, default=None)


async def _read(work: UnitOfWork, walks: Sequence[MachineWalk], low: int, high: int, until: int | None) -> LogSlice:
    series = sorted(series for walk in walks for series in walk.names)
    parts = [Part(Level.RAW, low, high)]
    return settle_duplicates(LogSlice.joined([chunk async for chunk in read_parts(work, series, parts, until=until)]))


def _take_in(walks: Sequence[MachineWalk], stored: LogSlice, through_ms: Mapping[UUID, int]) -> None:
    came = []
    for walk in walks:
        mine = np.isin(stored.series, np.array(list(walk.names), np.int64))
        mine &= (stored.time_ms > walk.taken_ms) & (stored.time_ms <= through_ms[walk.machine_id])
        came.append(readings_of(stored.where(mine)))
    _step([walk.state for walk in walks], walks, came)


def _step(states: Sequence[MachineState], walks: Sequence[MachineWalk], came: Sequence[MachineReadings]) -> None:
    for walk, readings, after in zip(walks, came, step(states, came, [walk.course for walk in walks]), strict=True):
        walk.state = after.state
        walk.findings += after.findings
        walk.snapshots += after.snapshots
        walk.readings += int(readings.is_good.sum())
