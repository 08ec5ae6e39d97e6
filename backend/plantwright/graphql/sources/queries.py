"""Lists of ingest sources, and what the server allows."""

from uuid import UUID

import strawberry

from plantwright.core.ids import parse_id
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info, filter_id
from plantwright.graphql.selection import selects
from plantwright.graphql.sources.enums import SourceProtocol
from plantwright.graphql.sources.setup import IngestSourceSetup
from plantwright.graphql.sources.types import IngestSource, IngestSourceConnection, IngestSourceEdge
from plantwright.identity import repository as identity
from plantwright.sources import repository


@strawberry.input(description="All given conditions hold.")
class IngestSourceFilter:
    machine_id: strawberry.ID | None = None
    protocol: list[SourceProtocol] | None = None

    def to_domain(self) -> repository.SourceFilter:
        return repository.SourceFilter(
            machine_id=filter_id(self.machine_id), protocol=[one.value for one in self.protocol or ()]
        )


@strawberry.type
class SourcesQuery:
    @strawberry.field(description="Devices that the server reads itself, by name.")
    async def ingest_sources(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: IngestSourceFilter | None = None,  # noqa: A002 - the API's word
    ) -> IngestSourceConnection:
        first = require_page(first)
        keys = decode_cursor(after, str, UUID)
        where = (filter or IngestSourceFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await repository.page_by_name(work, where, (keys[0], keys[1]) if keys else None, first + 1)
            total = await repository.count(work, where) if selects(info, "totalCount") else 0
        page, page_info = cut_page(rows, first, lambda row: encode_cursor(row.name, row.id), after=after)
        edges = [IngestSourceEdge(cursor=cursor, node=IngestSource.of(row)) for cursor, row in page]
        return IngestSourceConnection(edges=edges, page_info=page_info, total_count=total)

    @strawberry.field(description="Null when there is no such source in this tenant.")
    async def ingest_source(self, info: Info, id: strawberry.ID) -> IngestSource | None:  # noqa: A002 - the API's word
        source_id = parse_id(id)
        async with info.context.reading() as work:
            row = await repository.get(work, source_id) if source_id else None
        return IngestSource.of(row) if row else None

    @strawberry.field(description="Whether this server reads devices, how many, and with which certificate.")
    async def ingest_source_setup(self, info: Info) -> IngestSourceSetup:
        async with info.context.reading() as work:
            tenant = await identity.get_tenant(work)
            certificate = await repository.get_identity(work)
        return IngestSourceSetup.of(tenant.tier, certificate, is_open=info.context.services.sources.tools.guard.is_open)
