"""Lists of work orders."""

import strawberry

from plantwright.core.ids import parse_id
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info, filter_id
from plantwright.graphql.maintenance.types import WorkOrder, WorkOrderConnection, WorkOrderEdge
from plantwright.graphql.selection import selects
from plantwright.maintenance import repository
from plantwright.maintenance.models import WorkOrderStatus


@strawberry.input(description="All given conditions hold.")
class WorkOrderFilter:
    machine_id: strawberry.ID | None = None
    status: list[WorkOrderStatus] | None = None
    assigned_to: strawberry.ID | None = None

    def to_domain(self) -> repository.WorkOrderFilter:
        return repository.WorkOrderFilter(
            machine_id=filter_id(self.machine_id),
            status=[status.value for status in self.status or ()],
            assigned_to=filter_id(self.assigned_to),
        )


@strawberry.type
class MaintenanceQuery:
    @strawberry.field(description="Work orders, newest first.")
    async def work_orders(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: WorkOrderFilter | None = None,  # noqa: A002
    ) -> WorkOrderConnection:
        first = require_page(first)
        keys = decode_cursor(after, int)
        where = (filter or WorkOrderFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await repository.page_newest_first(work, where, keys[0] if keys else None, first + 1)
            total = await repository.count(work, where) if selects(info, "totalCount") else 0
        page, info_ = cut_page(rows, first, lambda row: encode_cursor(row.number), after=after)
        edges = [WorkOrderEdge(cursor=cursor, node=WorkOrder.of(row)) for cursor, row in page]
        return WorkOrderConnection(edges=edges, page_info=info_, total_count=total)

    @strawberry.field(description="Null when there is no such work order in this tenant.")
    async def work_order(self, info: Info, id: strawberry.ID) -> WorkOrder | None:  # noqa: A002 - the API's word
        work_order_id = parse_id(id)
        async with info.context.reading() as work:
            row = await repository.get(work, work_order_id) if work_order_id else None
        return WorkOrder.of(row) if row else None
