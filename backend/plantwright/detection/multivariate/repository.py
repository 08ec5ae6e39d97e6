"""SQL of the machine-level chart."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from plantwright.assets.models import Metric
from plantwright.core.database import UnitOfWork
from plantwright.detection.multivariate.models import MachineChart

_WRITE = text("""
    INSERT INTO machine_chart AS kept (tenant_id, machine_id, live, learnt, settings)
    SELECT :tenant_id, given.machine_id, given.live, given.learnt, given.settings
    FROM unnest(CAST(:machines AS uuid[]), CAST(:live AS bytea[]), CAST(:learnt AS bytea[]),
                CAST(:settings AS bytea[])) AS given (machine_id, live, learnt, settings)
    ON CONFLICT (tenant_id, machine_id) DO UPDATE
    SET live = excluded.live, learnt = excluded.learnt, settings = excluded.settings""")
_WRITE_LIVE = text("""
    UPDATE machine_chart SET live = given.live
    FROM unnest(CAST(:machines AS uuid[]), CAST(:live AS bytea[])) AS given (machine_id, live)
    WHERE machine_chart.tenant_id = :tenant_id AND machine_chart.machine_id = given.machine_id""")


class StoredState(NamedTuple):
    live: bytes
    learnt: bytes
    settings: bytes


class Member(NamedTuple):
    """A metric of a machine."""

    series: int
    machine_id: UUID
    name: str


async def members_of(work: UnitOfWork, series: Sequence[int]) -> list[Member]:
    """Those of these series that still have a metric."""
    statement = select(Metric.series_id, Metric.machine_id, Metric.name).where(
        Metric.tenant_id == work.tenant_id, col(Metric.series_id).in_(series)
    )
    return [
        Member(int(series_id or 0), machine_id, name)
        for series_id, machine_id, name in await work.session.exec(statement)
    ]


async def members_of_machines(work: UnitOfWork, machine_ids: Sequence[UUID]) -> list[Member]:
    """In the order of their series; metrics that were never read have none."""
    statement = (
        select(Metric.series_id, Metric.machine_id, Metric.name)
        .where(
            Metric.tenant_id == work.tenant_id,
            col(Metric.machine_id).in_(machine_ids),
            col(Metric.series_id).is_not(None),
        )
        .order_by(col(Metric.series_id))
    )
    return [Member(int(series_id or 0), owner, name) for series_id, owner, name in await work.session.exec(statement)]


async def members_of_machine(work: UnitOfWork, machine_id: UUID) -> list[Member]:
    return await members_of_machines(work, [machine_id])


async def metrics_of_machine(work: UnitOfWork, machine_id: UUID) -> list[UUID]:
    """In the order of their names."""
    statement = (
        select(Metric.id)
        .where(Metric.tenant_id == work.tenant_id, Metric.machine_id == machine_id)
        .order_by(col(Metric.name))
    )
    return list(await work.session.exec(statement))


async def read_states(work: UnitOfWork, machine_ids: Sequence[UUID]) -> dict[UUID, StoredState]:
    statement = select(MachineChart.machine_id, MachineChart.live, MachineChart.learnt, MachineChart.settings).where(
        MachineChart.tenant_id == work.tenant_id, col(MachineChart.machine_id).in_(machine_ids)
    )
    return {machine_id: StoredState(*parts) for machine_id, *parts in await work.session.exec(statement)}


async def write_states(work: UnitOfWork, states: Mapping[UUID, StoredState]) -> None:
    if not states:
        return
    machines = sorted(states)
    parameters = {
        "tenant_id": work.tenant_id,
        "machines": machines,
        "live": [states[machine].live for machine in machines],
        "learnt": [states[machine].learnt for machine in machines],
        "settings": [states[machine].settings for machine in machines],
    }
    await work.execute(_WRITE, parameters)


async def write_live(work: UnitOfWork, live: Mapping[UUID, bytes]) -> None:
    """Of machines that are stored already."""
    if not live:
        return
    machines = sorted(live)
    parameters = {"tenant_id": work.tenant_id, "machines": machines, "live": [live[machine] for machine in machines]}
    await work.execute(_WRITE_LIVE, parameters)
