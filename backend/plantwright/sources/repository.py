"""SQL of ingest sources and their tag mappings, as people see and change them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from plantwright.core.database import UnitOfWork
from plantwright.identity.models import Tier
from plantwright.readings.repository import OWN_NUMBER
from plantwright.sources.models import IngestSource, OpcUaIdentity, SourceGap, SourceRuntime, TagMapping

_LOCK_COUNT = text("SELECT pg_advisory_xact_lock(hashtextextended('ingest sources of ' || :tenant, 0))")
_COUNT = text("""
    SELECT (SELECT tier FROM tenant WHERE id = :tenant) AS tier,
           (SELECT count(*) FROM ingest_source WHERE tenant_id = :tenant) AS sources""")
_FOLLOW = text("""
    UPDATE ingest_source_runtime r
    SET version = s.version,
        is_wanted = NOT s.is_paused AND EXISTS (SELECT FROM tag_mapping t WHERE t.tenant_id = s.tenant_id
                                                AND t.source_id = s.id AND t.is_enabled)
    FROM ingest_source s
    WHERE r.tenant_id = :tenant AND r.source_id = :source AND s.tenant_id = r.tenant_id AND s.id = r.source_id""")
_NEWEST_OF_TAGS = text(f"""
    SELECT t.source_id, t.tag, r.time, r.value, r.quality
    FROM tag_mapping t
    JOIN ingest_source s ON s.tenant_id = t.tenant_id AND s.id = t.source_id
    JOIN metric m ON m.tenant_id = s.tenant_id AND m.machine_id = s.machine_id AND m.name = t.metric_name
    JOIN latest_reading r ON r.tenant_no = {OWN_NUMBER} AND r.series_id = m.series_id
    WHERE t.tenant_id = :tenant AND t.source_id = ANY (CAST(:sources AS uuid[]))""")  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class MappedTag:
    """A mapping with the newest reading of its metric, if there is one."""

    mapping: TagMapping
    time: datetime | None = None
    value: float | None = None
    quality: int | None = None


class SourceFilter:
    """What a list of sources is narrowed by; empty fields do not narrow."""

    def __init__(self, *, machine_id: UUID | None = None, protocol: Sequence[str] = ()) -> None:
        conditions: list[ColumnElement[bool]] = []
        if machine_id is not None:
            conditions.append(col(IngestSource.machine_id) == machine_id)
        if protocol:
            conditions.append(col(IngestSource.protocol).in_(protocol))
        self.condition = and_(True, *conditions)


async def page_by_name(
    work: UnitOfWork, where: SourceFilter, after: tuple[str, UUID] | None, limit: int
) -> Sequence[IngestSource]:
    keys = (col(IngestSource.name), col(IngestSource.id))
    statement = select(IngestSource).where(IngestSource.tenant_id == work.tenant_id, where.condition)
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return (await work.session.exec(statement.order_by(*keys).limit(limit))).all()


async def count(work: UnitOfWork, where: SourceFilter) -> int:
    statement = (
        select(func.count()).select_from(IngestSource).where(IngestSource.tenant_id == work.tenant_id, where.condition)
    )
    return (await work.session.exec(statement)).one()


async def get(work: UnitOfWork, source_id: UUID, *, lock: bool = False) -> IngestSource | None:
    statement = select(IngestSource).where(IngestSource.tenant_id == work.tenant_id, IngestSource.id == source_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await work.session.exec(statement)).one_or_none()


async def of_machine(work: UnitOfWork, machine_id: UUID) -> Sequence[IngestSource]:
    statement = select(IngestSource).where(
        IngestSource.tenant_id == work.tenant_id, IngestSource.machine_id == machine_id
    )
    return (await work.session.exec(statement)).all()


async def names_like(work: UnitOfWork, beginning: str) -> set[str]:
    statement = select(IngestSource.name).where(
        IngestSource.tenant_id == work.tenant_id, col(IngestSource.name).startswith(beginning, autoescape=True)
    )
    return set((await work.session.exec(statement)).all())


async def lock_sources(work: UnitOfWork) -> tuple[Tier, int]:
    """The tenant's tier and how many sources it has; until the transaction ends nobody else can pass here."""
    await work.execute(_LOCK_COUNT, {"tenant": str(work.tenant_id)})
    row = (await work.execute(_COUNT, {"tenant": work.tenant_id})).one()
    return Tier(row.tier), row.sources


async def remove(work: UnitOfWork, source_id: UUID) -> None:
    """Its tags, its state and its gaps go with it."""
    await work.execute(
        delete(IngestSource).where(col(IngestSource.tenant_id) == work.tenant_id, col(IngestSource.id) == source_id)
    )


async def follow(work: UnitOfWork, source: IngestSource) -> None:
    """Tell whoever polls the source that its configuration is another one now."""
    await work.session.flush()
    await work.execute(_FOLLOW, {"tenant": work.tenant_id, "source": source.id})


async def tags_of(work: UnitOfWork, source_id: UUID) -> Sequence[TagMapping]:
    statement = (
        select(TagMapping)
        .where(TagMapping.tenant_id == work.tenant_id, TagMapping.source_id == source_id)
        .order_by(col(TagMapping.place))
    )
    return (await work.session.exec(statement)).all()


async def replace_tags(work: UnitOfWork, source_id: UUID, mappings: Sequence[TagMapping]) -> None:
    await work.execute(
        delete(TagMapping).where(col(TagMapping.tenant_id) == work.tenant_id, col(TagMapping.source_id) == source_id)
    )
    if mappings:
        rows = [mapping.model_dump() for mapping in mappings]
        await work.execute(insert(TagMapping).values(rows))


async def mapped_tags(work: UnitOfWork, source_ids: Sequence[UUID]) -> dict[UUID, list[MappedTag]]:
    statement = (
        select(TagMapping)
        .where(TagMapping.tenant_id == work.tenant_id, col(TagMapping.source_id).in_(source_ids))
        .order_by(col(TagMapping.place))
    )
    parameters = {"tenant": work.tenant_id, "sources": list(source_ids)}
    newest = {(row.source_id, row.tag): row for row in await work.execute(_NEWEST_OF_TAGS, parameters)}
    found: dict[UUID, list[MappedTag]] = {}
    for mapping in (await work.session.exec(statement)).all():
        row = newest.get((mapping.source_id, mapping.tag))
        tag = MappedTag(mapping) if row is None else MappedTag(mapping, row.time, row.value, row.quality)
        found.setdefault(mapping.source_id, []).append(tag)
    return found


async def runtimes(work: UnitOfWork, source_ids: Sequence[UUID]) -> Mapping[UUID, SourceRuntime]:
    statement = select(SourceRuntime).where(
        SourceRuntime.tenant_id == work.tenant_id, col(SourceRuntime.source_id).in_(source_ids)
    )
    return {row.source_id: row for row in (await work.session.exec(statement)).all()}


async def recent_gaps(work: UnitOfWork, source_ids: Sequence[UUID]) -> dict[UUID, list[SourceGap]]:
    """Newest first."""
    statement = (
        select(SourceGap)
        .where(SourceGap.tenant_id == work.tenant_id, col(SourceGap.source_id).in_(source_ids))
        .order_by(col(SourceGap.started_at).desc())
    )
    found: dict[UUID, list[SourceGap]] = {}
    for row in (await work.session.exec(statement)).all():
        found.setdefault(row.source_id, []).append(row)
    return found


async def get_identity(work: UnitOfWork) -> OpcUaIdentity | None:
    return await work.session.get(OpcUaIdentity, work.tenant_id)


async def keep_identity(work: UnitOfWork, identity: OpcUaIdentity) -> None:
    """The first one stays when two are made at the same moment."""
    await work.execute(insert(OpcUaIdentity).values(identity.model_dump()).on_conflict_do_nothing())
