"""The machine-level chart as a consumer of the readings log.

It waits for the sweep instead of every flush: its averages need minutes to say anything, and its states are large.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from plantwright.core.database import UnitOfWork
from plantwright.detection.columns import Ints
from plantwright.detection.multivariate import late_repository, repository, snapshots_repository
from plantwright.detection.multivariate.engine import MachineReadings, Stepped, known_until, step
from plantwright.detection.multivariate.facts import fact_of
from plantwright.detection.multivariate.known import courses_of, differ_from, spans_to_bytes, state_of
from plantwright.detection.multivariate.pieces import Course
from plantwright.detection.multivariate.repository import Member, StoredState
from plantwright.detection.multivariate.state import MachineState
from plantwright.journal.service import Journal
from plantwright.readings.columns import LogSlice
from plantwright.readings.models import Quality


@dataclass(frozen=True, slots=True)
class _Machine:
    """A machine, what is stored of it (None for a new one), and where its readings are in the slice."""

    machine_id: UUID
    stored: StoredState | None
    state: MachineState
    places: Ints
    is_unreadable: bool

    def has_only_lived(self, after: MachineState, settings: bytes) -> bool:
        """Whether what is stored of it is still right but for what nearly every reading changes."""
        if self.stored is None or self.is_unreadable or self.stored.settings != settings:
            return False
        return not after.has_learnt_since(self.state)


class MachineConsumer:
    """States, cursor and findings commit together, so a crash neither loses nor repeats a finding."""

    name = "machine_charts"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        if not len(readings):
            return
        members = await repository.members_of(work, np.unique(readings.series).tolist())
        stored = await repository.read_states(work, list({member.machine_id for member in members}))
        machines = _machines(readings, members, stored)
        courses = await courses_of(work, {machine.machine_id: machine.state.said for machine in machines})
        # Seconds for a long backlog: meanwhile the worker goes on with other tenants.
        stepped = await asyncio.to_thread(_step, machines, readings, courses)
        await _save(work, machines, stepped, courses)
        names = await names_of(work, members, stepped)
        facts = [
            fact_of(machine.machine_id, finding, names)
            for machine, after in zip(machines, stepped, strict=True)
            for finding in after.findings
            # What ended because of a statement was told when that was made.
            if finding.inputs
        ]
        await self._journal.append(work, *facts)


def _machines(readings: LogSlice, members: Sequence[Member], stored: Mapping[UUID, StoredState]) -> list[_Machine]:
    """In the order of their ids, each with the places of its readings in log order."""
    ids = sorted({member.machine_id for member in members})
    if not ids:
        return []
    number = {machine_id: place for place, machine_id in enumerate(ids)}
    known = np.array([member.series for member in members], np.int64)
    order = np.argsort(known)
    machine_of = np.array([number[member.machine_id] for member in members], np.int64)[order]
    known = known[order]
    at = np.minimum(np.searchsorted(known, readings.series), len(known) - 1)
    places = np.flatnonzero(known[at] == readings.series)
    of_machine = machine_of[at[places]]
    by_machine = places[np.argsort(of_machine, kind="stable")]
    edges = np.searchsorted(np.sort(of_machine), np.arange(len(ids) + 1))
    return [
        _machine(machine_id, stored.get(machine_id), by_machine[edges[place] : edges[place + 1]])
        for place, machine_id in enumerate(ids)
    ]


def _machine(machine_id: UUID, stored: StoredState | None, places: Ints) -> _Machine:
    state = state_of(stored)
    is_unreadable = stored is not None and state is None
    return _Machine(machine_id, stored, state or MachineState.empty(()), places, is_unreadable)


def _step(machines: Sequence[_Machine], readings: LogSlice, courses: Mapping[UUID, Course]) -> list[Stepped]:
    came = [readings_of(readings.where(machine.places)) for machine in machines]
    return step([machine.state for machine in machines], came, [courses[machine.machine_id] for machine in machines])


def readings_of(part: LogSlice) -> MachineReadings:
    """Readings of one machine for the engine."""
    is_good = (part.quality == Quality.GOOD) & np.isfinite(part.value)
    return MachineReadings(part.series.astype(np.int64), part.time_ms, part.value, is_good)


async def _save(
    work: UnitOfWork, machines: Sequence[_Machine], stepped: Sequence[Stepped], courses: Mapping[UUID, Course]
) -> None:
    whole: dict[UUID, StoredState] = {}
    live: dict[UUID, bytes] = {}
    late: dict[UUID, int] = {}
    for machine, after in zip(machines, stepped, strict=True):
        machine_id = machine.machine_id
        settings = spans_to_bytes(courses[machine_id].settings)
        if machine.has_only_lived(after.state, settings):
            live[machine_id] = after.state.live_bytes()
        else:
            whole[machine_id] = StoredState(after.state.live_bytes(), after.state.learnt_bytes(), settings)
        late_ms = _late_from(machine, after, spans_changed_ms=_changed(machine, courses[machine_id]))
        if late_ms is not None:
            late[machine_id] = late_ms
        await snapshots_repository.add(work, machine_id, after.snapshots)
    await repository.write_states(work, whole)
    await repository.write_live(work, live)
    await late_repository.note(work, late)


def _changed(machine: _Machine, course: Course) -> int | None:
    """From when on settings hold that frames were not judged by, because nobody knew of them yet."""
    if machine.stored is None:
        return None
    changed_ms = differ_from(machine.stored.settings, course.settings)
    return changed_ms if changed_ms is not None and changed_ms <= known_until(machine.state) else None


def _late_from(machine: _Machine, after: Stepped, *, spans_changed_ms: int | None) -> int | None:
    """From when on the machine is to be derived anew; what another release remembered is, from the beginning on."""
    times = [0] if machine.is_unreadable else [after.late_ms, spans_changed_ms]
    return min((time_ms for time_ms in times if time_ms is not None), default=None)


async def names_of(work: UnitOfWork, members: Sequence[Member], stepped: Sequence[Stepped]) -> Mapping[int, str]:
    """Of all metrics that findings speak of; some of them may have had no reading in the slice."""
    wanted = {series for after in stepped for finding in after.findings for series in finding.inputs.get("series", [])}
    names = {member.series: member.name for member in members}
    missing = sorted(wanted - names.keys())
    if missing:
        names |= {member.series: member.name for member in await repository.members_of(work, missing)}
    return names
