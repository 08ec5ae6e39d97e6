"""SQL of the detectors' state."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, select

from plantwright.assets.models import Metric
from plantwright.core.database import UnitOfWork
from plantwright.detection.states.models import DetectionHour, DetectionShard

_WRITE_SHARDS = text("""
    INSERT INTO detection_shard AS kept (tenant_id, detector, shard, version, state)
    SELECT :tenant_id, :detector, given.shard, :version, given.state
    FROM unnest(CAST(:shards AS integer[]), CAST(:states AS bytea[])) AS given (shard, state)
    ON CONFLICT (tenant_id, detector, shard) DO UPDATE SET version = excluded.version, state = excluded.state
    WHERE kept.version = ANY(CAST(:replaced AS uuid[]))""")
_WRITE_HOURS = text("""
    INSERT INTO detection_hour (tenant_id, shard, slot, buckets)
    SELECT :tenant_id, given.shard, given.slot, given.buckets
    FROM unnest(CAST(:shards AS integer[]), CAST(:slots AS smallint[]), CAST(:buckets AS bytea[]))
        AS given (shard, slot, buckets)
    ON CONFLICT (tenant_id, shard, slot) DO UPDATE SET buckets = excluded.buckets""")
_NEWEST_CHANGE = text("""
    SELECT coalesce(max(newest.sequence), 0)
    FROM unnest(CAST(:actions AS text[])) AS wanted (action) CROSS JOIN LATERAL (
        SELECT max(sequence) AS sequence FROM audit_record
        WHERE tenant_id = :tenant_id AND action = wanted.action) AS newest""")
# What one statement writes at most: about 20 MB.
_SHARDS_PER_STATEMENT = 64


async def read_versions(work: UnitOfWork, detector: str, shards: Sequence[int]) -> dict[int, UUID]:
    """Which of these shards there are, and in which version."""
    statement = select(DetectionShard.shard, DetectionShard.version).where(
        DetectionShard.tenant_id == work.tenant_id,
        DetectionShard.detector == detector,
        col(DetectionShard.shard).in_(shards),
    )
    return dict((await work.session.exec(statement)).all())


async def read_shards(work: UnitOfWork, detector: str, shards: Sequence[int]) -> list[tuple[int, UUID, bytes]]:
    """Number, version and stored state of those of these shards that there are."""
    statement = select(DetectionShard.shard, DetectionShard.version, DetectionShard.state).where(
        DetectionShard.tenant_id == work.tenant_id,
        DetectionShard.detector == detector,
        col(DetectionShard.shard).in_(shards),
    )
    return list((await work.session.exec(statement)).all())


async def write_shards(
    work: UnitOfWork, detector: str, states: Mapping[int, bytes], replaced: Sequence[UUID], version: UUID
) -> int:
    """Store new shards, and those whose version is one of `replaced`; returns how many were stored."""
    shards, written = sorted(states), 0
    for first in range(0, len(shards), _SHARDS_PER_STATEMENT):
        part = shards[first : first + _SHARDS_PER_STATEMENT]
        parameters = {
            "tenant_id": work.tenant_id,
            "detector": detector,
            "version": version,
            "shards": part,
            "states": [states[shard] for shard in part],
            "replaced": list(replaced),
        }
        written += (await work.execute(_WRITE_SHARDS, parameters)).rowcount
    return written


async def read_hours(work: UnitOfWork, shard: int) -> dict[int, bytes]:
    """Every stored slot of a shard."""
    statement = select(DetectionHour.slot, DetectionHour.buckets).where(
        DetectionHour.tenant_id == work.tenant_id, DetectionHour.shard == shard
    )
    return dict((await work.session.exec(statement)).all())


async def write_hours(work: UnitOfWork, slots: Mapping[tuple[int, int], bytes]) -> None:
    """Store slots, keyed by shard and slot."""
    if not slots:
        return
    keys = sorted(slots)
    parameters = {
        "tenant_id": work.tenant_id,
        "shards": [shard for shard, _ in keys],
        "slots": [slot for _, slot in keys],
        "buckets": [slots[key] for key in keys],
    }
    await work.execute(_WRITE_HOURS, parameters)


async def newest_change(work: UnitOfWork, actions: Sequence[str]) -> int:
    """Sequence of the newest fact of these kinds, 0 if there is none."""
    parameters = {"tenant_id": work.tenant_id, "actions": list(actions)}
    return int((await work.execute(_NEWEST_CHANGE, parameters)).scalar_one())


async def metrics_with_settings(work: UnitOfWork, lowest: int, highest: int) -> Sequence[Metric]:
    """The metrics in a range of series numbers that have settings of their own."""
    statement = select(Metric).where(
        Metric.tenant_id == work.tenant_id,
        col(Metric.series_id).between(lowest, highest),
        func.jsonb_typeof(Metric.detection) == "object",
    )
    return (await work.session.exec(statement)).all()
