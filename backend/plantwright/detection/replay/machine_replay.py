"""The findings of the charts of whole machines derived again from the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import NotFound
from plantwright.detection.charts.state import NEVER
from plantwright.detection.multivariate import late_repository as late_machines
from plantwright.detection.multivariate import repository
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.multivariate.known import state_of
from plantwright.detection.replay import late_repository
from plantwright.detection.replay.derivation import Filters, Period, Record, Replayed
from plantwright.detection.replay.machine_rounds import DETECTORS, ROUND_MACHINES
from plantwright.detection.replay.machine_walk import advance_machines, judge_until, start_walks
from plantwright.detection.replay.record import ACTIONS, in_order
from plantwright.detection.replay.record_repository import list_machines, recorded_of_machines


@dataclass(frozen=True, slots=True)
class MachineDerivation:
    """Its units are ids of machines; a replay of named metrics has none of them."""

    name = "machines"
    together = ROUND_MACHINES
    detectors = DETECTORS

    async def units(self, work: UnitOfWork, filters: Filters) -> list[UUID]:
        machines = await list_machines(work)
        by_name = {name: machine_id for machine_id, identifier in machines for name in (str(machine_id), identifier)}
        unknown = next((name for name in filters.machines if name not in by_name), None)
        if unknown is not None:
            raise NotFound(f"There is no machine {unknown!r}: name it by its identifier or its id.", ["machine"])
        if filters.machines:
            return sorted({by_name[name] for name in filters.machines})
        return [] if filters.metrics else sorted(machine_id for machine_id, _ in machines)

    async def derive(self, database: Database, tenant_id: UUID, units: Sequence[UUID], period: Period) -> Replayed:
        async with database.snapshot(tenant_id) as work:
            position = await late_repository.position_of(work, MachineConsumer.name)
            late = await late_machines.of_machines(work, units)
            stored = await repository.read_states(work, units)
            walks = await start_walks(work, dict.fromkeys(units, period.start_ms))
        through_ms = dict.fromkeys(units, period.end_ms - 1)
        await advance_machines(walks, partial(database.reading, tenant_id), through_ms, until=position)
        payloads = []
        for walk in walks:
            judged = state_of(stored.get(walk.machine_id))
            judge_until(walk, NEVER if judged is None else judged.newest)
            walk.hear(period.end_ms - 1)
            payloads += [payload for payload in walk.payloads() if payload["time_ms"] in period]
        return Replayed(in_order(payloads), sum(walk.readings for walk in walks), len(late))

    async def recorded(self, work: UnitOfWork, units: Sequence[UUID]) -> Sequence[Record]:
        return await recorded_of_machines(work, units, ACTIONS)
