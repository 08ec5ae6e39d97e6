"""The machine-level chart as a consumer of the readings log.

It waits for the sweep instead of every flush: its averages need minutes to say anything, and its states are large.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from plantwright.core.clock import from_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.detection.columns import Ints
from plantwright.detection.findings import ACTION_PREFIX
from plantwright.detection.multivariate import repository
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.engine import MachineReadings, Stepped, step
from plantwright.detection.multivariate.findings import MachineFinding, finding_to_payload
from plantwright.detection.multivariate.membership import with_series, without_silent
from plantwright.detection.multivariate.repository import Member, StoredState
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.service import tenant_default
from plantwright.journal.service import Fact, Journal
from plantwright.readings.columns import LogSlice
from plantwright.readings.models import Quality


@dataclass(frozen=True, slots=True)
class _Machine:
    """A machine, its state as stored (None for a new one), and where its readings are in the slice."""

    machine_id: UUID
    stored: StoredState | None
    series: Sequence[int]
    places: Ints


class MachineConsumer:
    """States, cursor and findings commit together, so a crash neither loses nor repeats a finding."""

    name = "machine_charts"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        good = readings.where(readings.quality == Quality.GOOD)
        if not len(good):
            return
        members = await repository.members_of(work, np.unique(good.series).tolist())
        stored = await repository.read_states(work, list({member.machine_id for member in members}))
        default = await tenant_default(work)
        config = MultivariateConfig(
            enabled=default.enabled,
            confirm_frames=default.confirm_readings,
            clear_seconds=default.clear_seconds,
            critical_factor=default.critical_factor,
        )
        machines = _machines(good, members, stored)
        # Seconds for a long backlog: meanwhile the worker goes on with other tenants.
        stepped = await asyncio.to_thread(_step, machines, good, config)
        await _save(work, machines, stepped)
        names = await _names(work, members, stepped)
        facts = [
            _fact(machine.machine_id, finding, names)
            for machine, after in zip(machines, stepped, strict=True)
            for finding in after.findings
        ]
        await self._journal.append(work, *facts)


def _machines(readings: LogSlice, members: Sequence[Member], stored: Mapping[UUID, StoredState]) -> list[_Machine]:
    """In the order of their ids, each with the places of its readings in log order."""
    ids = sorted({member.machine_id for member in members})
    number = {machine_id: place for place, machine_id in enumerate(ids)}
    known = np.array([member.series for member in members], np.int64)
    order = np.argsort(known)
    machine_of = np.array([number[member.machine_id] for member in members], np.int64)[order]
    known = known[order]
    at = np.minimum(np.searchsorted(known, readings.series), len(known) - 1) if len(known) else np.zeros(0, np.int64)
    places = np.flatnonzero(known[at] == readings.series) if len(known) else at
    of_machine = machine_of[at[places]]
    by_machine = places[np.argsort(of_machine, kind="stable")]
    edges = np.searchsorted(np.sort(of_machine), np.arange(len(ids) + 1))
    return [
        _Machine(
            machine_id,
            stored.get(machine_id),
            known[machine_of == place].tolist(),
            by_machine[edges[place] : edges[place + 1]],
        )
        for place, machine_id in enumerate(ids)
    ]


def _step(machines: Sequence[_Machine], readings: LogSlice, config: MultivariateConfig) -> list[Stepped]:
    states, came = [], []
    for machine in machines:
        part = readings.where(machine.places)
        state = MachineState.empty(()) if machine.stored is None else MachineState.from_parts(*machine.stored)
        state = without_silent(with_series(state, machine.series), int(part.time_ms.min()))
        states.append(state)
        came.append(_readings(state, part))
    return step(states, came, config)


def _readings(state: MachineState, part: LogSlice) -> MachineReadings:
    """Those of the metrics that take part: a machine with very many keeps to the first."""
    series = np.array(state.series, np.int64)
    order = np.argsort(series)
    at = np.minimum(np.searchsorted(series[order], part.series), len(series) - 1)
    metric = order[at]
    takes_part = series[metric] == part.series
    return MachineReadings(metric[takes_part], part.time_ms[takes_part], part.value[takes_part], part.flush[takes_part])


async def _save(work: UnitOfWork, machines: Sequence[_Machine], stepped: Sequence[Stepped]) -> None:
    whole: dict[UUID, StoredState] = {}
    live: dict[UUID, bytes] = {}
    for machine, after in zip(machines, stepped, strict=True):
        learnt = after.state.learnt_bytes()
        if machine.stored is not None and machine.stored.learnt == learnt:
            live[machine.machine_id] = after.state.live_bytes()
        else:
            whole[machine.machine_id] = StoredState(after.state.live_bytes(), learnt)
    await repository.write_states(work, whole)
    await repository.write_live(work, live)


async def _names(work: UnitOfWork, members: Sequence[Member], stepped: Sequence[Stepped]) -> Mapping[int, str]:
    """Of all metrics that findings speak of; some of them may have had no reading in the slice."""
    wanted = {series for after in stepped for finding in after.findings for series in finding.inputs["series"]}
    names = {member.series: member.name for member in members}
    missing = sorted(wanted - names.keys())
    if missing:
        names |= {member.series: member.name for member in await repository.members_of(work, missing)}
    return names


def _fact(machine_id: UUID, finding: MachineFinding, names: Mapping[int, str]) -> Fact:
    payload: dict[str, Any] = {
        **finding_to_payload(finding, names),
        "time": from_milliseconds(finding.time_ms),
        "started": from_milliseconds(finding.started_ms),
        "machine_id": machine_id,
    }
    return Fact(
        action=ACTION_PREFIX + finding.kind.value,
        resource_type="machine",
        resource_id=str(machine_id),
        payload=payload,
    )
