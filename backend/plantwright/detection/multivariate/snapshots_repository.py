"""SQL of the snapshots of machines."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from plantwright.core.clock import to_milliseconds
from plantwright.core.database import UnitOfWork
from plantwright.detection.charts.state import StateUnreadable
from plantwright.detection.multivariate.engine import Snapshot
from plantwright.detection.multivariate.state import MachineState
from plantwright.detection.replay.snapshots import GAP_DAYS, thinned_before

_ADD = text("""
    INSERT INTO machine_chart_snapshot (tenant_id, machine_id, known_ms, next_ms, is_daily, is_edge, state)
    VALUES (:tenant_id, :machine_id, :known_ms, :next_ms, :is_daily, :is_edge, :state)""")
_NEWEST = text("""
    SELECT known_ms, state FROM machine_chart_snapshot
    WHERE tenant_id = :tenant_id AND machine_id = :machine_id AND known_ms < :before_ms
    ORDER BY known_ms DESC, id DESC LIMIT 1""")
_VOID = text("""
    DELETE FROM machine_chart_snapshot USING
        unnest(CAST(:machines AS uuid[]), CAST(:from_ms AS bigint[])) AS gone (machine_id, from_ms)
    WHERE tenant_id = :tenant_id AND machine_chart_snapshot.machine_id = gone.machine_id
      AND (known_ms >= gone.from_ms OR is_edge)""")
_DELETE_GAPS = text("""
    DELETE FROM machine_chart_snapshot
    WHERE tenant_id = :tenant_id AND NOT is_daily AND NOT is_edge AND next_ms < :before_ms""")
_DELETE_OLD = text("DELETE FROM machine_chart_snapshot WHERE tenant_id = :tenant_id AND next_ms < :before_ms")
_THIN = text("""
    DELETE FROM machine_chart_snapshot USING (
        SELECT machine_id, id, row_number() OVER (
            PARTITION BY machine_id, date_trunc('month', to_timestamp(next_ms / 1000), 'UTC') ORDER BY next_ms, id)
            AS place
        FROM machine_chart_snapshot WHERE tenant_id = :tenant_id AND is_daily AND next_ms < :before_ms) AS listed
    WHERE machine_chart_snapshot.tenant_id = :tenant_id AND machine_chart_snapshot.machine_id = listed.machine_id
      AND machine_chart_snapshot.id = listed.id AND listed.place > 1""")


async def add(work: UnitOfWork, machine_id: UUID, snapshots: Sequence[Snapshot]) -> None:
    for snapshot in snapshots:
        row = {
            "tenant_id": work.tenant_id,
            "machine_id": machine_id,
            "known_ms": snapshot.state.frame_time,
            "next_ms": snapshot.next_ms,
            "is_daily": snapshot.is_daily,
            "is_edge": snapshot.is_edge and not snapshot.is_daily,
            "state": snapshot.state.to_bytes(),
        }
        await work.execute(_ADD, row)


async def newest_before(work: UnitOfWork, machine_id: UUID, before_ms: int) -> MachineState | None:
    """The newest state that knows nothing from a time on, if there is one; those of another release are passed over."""
    while True:
        key = {"tenant_id": work.tenant_id, "machine_id": machine_id, "before_ms": before_ms}
        row = (await work.execute(_NEWEST, key)).one_or_none()
        if row is None:
            return None
        try:
            return MachineState.from_bytes(row.state)
        except StateUnreadable:
            before_ms = row.known_ms


async def make_void(work: UnitOfWork, from_ms: Mapping[UUID, int]) -> None:
    """States that know of a frame at or after the time, and the edges, of which each machine has one at most."""
    machines, times = list(from_ms), list(from_ms.values())
    await work.execute(_VOID, {"tenant_id": work.tenant_id, "machines": machines, "from_ms": times})


async def keep(work: UnitOfWork, now: datetime, oldest: datetime) -> None:
    """Of old months keep the first state of each machine; none from before `oldest`."""
    tenant = {"tenant_id": work.tenant_id}
    await work.execute(_DELETE_OLD, {**tenant, "before_ms": to_milliseconds(oldest)})
    await work.execute(_DELETE_GAPS, {**tenant, "before_ms": to_milliseconds(now - timedelta(days=GAP_DAYS))})
    await work.execute(_THIN, {**tenant, "before_ms": _midnight_ms(thinned_before(now.date()))})


def _midnight_ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400_000
