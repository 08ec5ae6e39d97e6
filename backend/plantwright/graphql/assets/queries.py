"""Lists of machines."""

from enum import StrEnum
from uuid import UUID

import strawberry

from plantwright.assets import models, repository
from plantwright.assets.models import MachineKind, MachineStatus
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.core.ids import parse_id
from plantwright.graphql.assets.types import Machine, MachineConnection, MachineEdge
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info
from plantwright.graphql.selection import selects

MAX_SEARCH = 200


@strawberry.enum
class MachineOrder(StrEnum):
    HEALTH_WORST_FIRST = "health"
    NAME = "name"


@strawberry.input(description="All given conditions hold.")
class MachineFilter:
    status: list[MachineStatus] | None = None
    kind: list[MachineKind] | None = None
    search: str | None = strawberry.field(default=None, description="Part of name or identifier, up to 200 characters.")

    def to_domain(self) -> repository.MachineFilter:
        search = (self.search or "").strip()
        if len(search) > MAX_SEARCH:
            raise ValidationFailed(f"search has at most {MAX_SEARCH} characters.", ["filter", "search"])
        return repository.MachineFilter(
            status=[status.value for status in self.status or ()],
            kind=[kind.value for kind in self.kind or ()],
            search=search,
        )


@strawberry.type
class AssetsQuery:
    @strawberry.field(description="Machines of the tenant, worst health first unless asked otherwise.")
    async def machines(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: MachineFilter | None = None,  # noqa: A002 - the API's word
        order_by: MachineOrder = MachineOrder.HEALTH_WORST_FIRST,
    ) -> MachineConnection:
        first = require_page(first)
        where = (filter or MachineFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await _page(work, where, order_by, after, first + 1)
            total = await repository.count_machines(work, where) if selects(info, "totalCount") else 0
        page, info_ = cut_page(rows, first, lambda row: _cursor(row, order_by), after=after)
        edges = [MachineEdge(cursor=cursor, node=Machine.of(row)) for cursor, row in page]
        return MachineConnection(edges=edges, page_info=info_, total_count=total)

    @strawberry.field(description="Null when there is no such machine in this tenant.")
    async def machine(self, info: Info, id: strawberry.ID) -> Machine | None:  # noqa: A002 - the API's word
        machine_id = parse_id(id)
        _ = info.context.principal
        row = await info.context.loaders.machine.load(machine_id) if machine_id else None
        return Machine.of(row) if row else None


async def _page(
    work: UnitOfWork, where: repository.MachineFilter, order: MachineOrder, after: str | None, limit: int
) -> list[models.Machine]:
    if order is MachineOrder.NAME:
        return list(await repository.page_by_name(work, where, decode_cursor(after, str, UUID), limit))
    return list(await repository.page_by_health(work, where, decode_cursor(after, int, str, UUID), limit))


def _cursor(row: models.Machine, order: MachineOrder) -> str:
    if order is MachineOrder.NAME:
        return encode_cursor(row.name, row.id)
    return encode_cursor(row.health_score, row.name, row.id)
