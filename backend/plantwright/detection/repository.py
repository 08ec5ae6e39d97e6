"""SQL of the detectors' state."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from plantwright.core.database import UnitOfWork
from plantwright.detection import models
from plantwright.detection.state import DetectionState


async def load_state(work: UnitOfWork, shard: int) -> tuple[list[int], DetectionState]:
    """The series of the shard, row by row, and their state; both empty before the first reading."""
    statement = select(models.DetectionState).where(
        models.DetectionState.tenant_id == work.tenant_id, models.DetectionState.shard == shard
    )
    row = (await work.session.exec(statement)).one_or_none()
    if row is None:
        return [], DetectionState.empty(0)
    return list(row.series_ids), DetectionState.from_parts(row.live, row.buckets)


async def save_state(
    work: UnitOfWork, shard: int, series_ids: Sequence[int], state: DetectionState, *, with_buckets: bool
) -> None:
    """Write the state; hourly buckets are most of it and change once an hour, so they are left alone if they may be."""
    live = {"series_ids": list(series_ids), "live": state.live_bytes()}
    everything = {**live, "buckets": state.bucket_bytes()} if with_buckets else live
    statement = insert(models.DetectionState)
    if with_buckets:
        values = statement.values(tenant_id=work.tenant_id, shard=shard, **everything)
        await work.execute(values.on_conflict_do_update(index_elements=["tenant_id", "shard"], set_=everything))
        return
    row = select(models.DetectionState).where(
        models.DetectionState.tenant_id == work.tenant_id, models.DetectionState.shard == shard
    )
    stored = (await work.session.exec(row)).one()
    stored.series_ids, stored.live = live["series_ids"], live["live"]  # type: ignore[assignment]
    work.session.add(stored)
