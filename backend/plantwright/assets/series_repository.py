"""SQL that turns names of machines and metrics into series."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.assets.models import Machine, Metric
from plantwright.core.database import UnitOfWork
from plantwright.core.ids import uuid7
from plantwright.identity.models import Tier

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('metrics of ' || :tenant, 0))")
_METRICS = text("""
    SELECT (SELECT tier FROM tenant WHERE id = :tenant) AS tier,
           (SELECT count(*) FROM metric WHERE tenant_id = :tenant) AS metrics""")


async def machine_ids(work: UnitOfWork, identifiers: Collection[str]) -> dict[str, UUID]:
    """Ids of the registered ones among these machines."""
    statement = select(Machine.identifier, Machine.id).where(
        Machine.tenant_id == work.tenant_id, col(Machine.identifier).in_(identifiers)
    )
    return dict((await work.session.exec(statement)).all())


async def find_series(work: UnitOfWork, names: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], tuple[int, str]]:
    """Series and unit of the known ones among these machine ids and metric names."""
    statement = select(Metric).where(
        Metric.tenant_id == work.tenant_id, tuple_(col(Metric.machine_id), col(Metric.name)).in_(names)
    )
    rows = (await work.session.exec(statement)).all()
    return {(row.machine_id, row.name): (row.series_id, row.unit) for row in rows if row.series_id is not None}


async def lock_metrics(work: UnitOfWork) -> tuple[Tier, int]:
    """The tenant's tier and how many metrics it has; until the transaction ends nobody else can pass here."""
    await work.execute(_LOCK, {"tenant": str(work.tenant_id)})
    row = (await work.execute(_METRICS, {"tenant": work.tenant_id})).one()
    return Tier(row.tier), row.metrics


async def add_series(work: UnitOfWork, units: Mapping[tuple[UUID, str], str]) -> None:
    """Make a metric for each machine id and name; one that somebody else made meanwhile stays as it is."""
    rows = [
        {"tenant_id": work.tenant_id, "id": uuid7(), "machine_id": machine_id, "name": name, "unit": unit}
        for (machine_id, name), unit in sorted(units.items())
    ]
    await work.session.exec(insert(Metric).values(rows).on_conflict_do_nothing())
