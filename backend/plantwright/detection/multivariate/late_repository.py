"""SQL of the machines with late readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from plantwright.core.database import UnitOfWork
from plantwright.detection.replay.late_repository import IS_DUE
from plantwright.readings.repository import OWN_NUMBER

_NOTE = text("""
    INSERT INTO machine_chart_late AS kept (tenant_id, machine_id, from_ms)
    SELECT :tenant_id, given.machine_id, given.from_ms
    FROM unnest(CAST(:machines AS uuid[]), CAST(:from_ms AS bigint[])) AS given (machine_id, from_ms)
    ON CONFLICT (tenant_id, machine_id) DO UPDATE
    SET from_ms = least(kept.from_ms, excluded.from_ms), notes = kept.notes + 1, last_noted_at = now()""")
_DUE = text(f"""
    SELECT machine_id, from_ms, notes FROM machine_chart_late
    WHERE tenant_id = :tenant_id AND (:is_all OR {IS_DUE}) ORDER BY from_ms DESC, machine_id LIMIT :limit""")  # noqa: S608 - constants
_OF_MACHINES = text("""
    SELECT machine_id, from_ms, notes FROM machine_chart_late
    WHERE tenant_id = :tenant_id AND machine_id = ANY(CAST(:machines AS uuid[]))""")
_FORGET = text("""
    DELETE FROM machine_chart_late WHERE tenant_id = :tenant_id AND machine_id = ANY(CAST(:machines AS uuid[]))""")

_CAME = text(f"""
    SELECT EXISTS (SELECT FROM segment
                   WHERE tenant_no = {OWN_NUMBER} AND flush_id > :after AND flush_id <= :until
                     AND series_id = ANY(CAST(:series AS integer[]))
                     AND start <= to_timestamp(0) + CAST(:time_ms AS bigint) * interval '1 millisecond')""")  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class LateMachine:
    """A machine to be derived anew from a time on; `notes` counts how often that was said of it."""

    machine_id: UUID
    from_ms: int
    notes: int


async def note(work: UnitOfWork, from_ms: Mapping[UUID, int]) -> None:
    """These machines have to be derived anew, each from its time on."""
    if from_ms:
        machines, times = list(from_ms), list(from_ms.values())
        await work.execute(_NOTE, {"tenant_id": work.tenant_id, "machines": machines, "from_ms": times})


async def due(work: UnitOfWork, limit: int, *, at_once: bool = False) -> list[LateMachine]:
    """Machines whose late readings have stopped coming, or have come for long; all of them `at_once`."""
    parameters = {"tenant_id": work.tenant_id, "limit": limit, "is_all": at_once}
    return [_late(row) for row in await work.execute(_DUE, parameters)]


async def of_machines(work: UnitOfWork, machine_ids: Sequence[UUID]) -> dict[UUID, LateMachine]:
    rows = await work.execute(_OF_MACHINES, {"tenant_id": work.tenant_id, "machines": list(machine_ids)})
    return {row.machine_id: _late(row) for row in rows}


async def came_between(work: UnitOfWork, series: Sequence[int], after: int, until: int, time_ms: int) -> bool:
    """Whether readings of some series of this time or before came between two positions of the log."""
    parameters = {"tenant_id": work.tenant_id, "series": list(series), "after": after, "until": until}
    return bool((await work.execute(_CAME, {**parameters, "time_ms": time_ms})).scalar_one())


async def forget(work: UnitOfWork, machine_ids: Sequence[UUID]) -> None:
    await work.execute(_FORGET, {"tenant_id": work.tenant_id, "machines": list(machine_ids)})


def _late(row: Row[Any]) -> LateMachine:
    return LateMachine(row.machine_id, row.from_ms, row.notes)
