"""Reading and verifying the journal."""

import asyncio
from datetime import datetime

import strawberry

from plantwright.core.clock import utc_now
from plantwright.graphql.connection import cut_page, decode_cursor, encode_cursor, require_page
from plantwright.graphql.context import Info, filter_id
from plantwright.graphql.journal.types import (
    AuditRecord,
    AuditRecordConnection,
    AuditRecordEdge,
    AuditVerification,
)
from plantwright.graphql.selection import selects
from plantwright.journal import repository
from plantwright.journal.checkpoints import read_checkpoints
from plantwright.journal.repository import RecordFilter


@strawberry.input(description="All given conditions hold.")
class AuditRecordFilter:
    machine_id: strawberry.ID | None = None
    action_prefix: list[str] | None = strawberry.field(
        default=None, description="Such as `alert.` or `user.logged_in`."
    )
    resource_type: str | None = None
    resource_id: str | None = None
    from_: datetime | None = strawberry.field(default=None, name="from")
    to: datetime | None = None

    def to_domain(self) -> RecordFilter:
        return RecordFilter(
            machine_id=filter_id(self.machine_id),
            action_prefixes=self.action_prefix or (),
            resource_type=self.resource_type,
            resource_id=self.resource_id,
            start=self.from_,
            end=self.to,
        )


@strawberry.type
class JournalQuery:
    @strawberry.field(description="What was concluded and done, newest first.")
    async def audit_records(
        self,
        info: Info,
        first: int = 50,
        after: str | None = None,
        filter: AuditRecordFilter | None = None,  # noqa: A002
    ) -> AuditRecordConnection:
        first = require_page(first)
        key = decode_cursor(after, int)
        where = (filter or AuditRecordFilter()).to_domain()
        async with info.context.reading() as work:
            rows = await repository.page_newest_first(work, where, key[0] if key else None, first + 1)
            total = await repository.count(work, where) if selects(info, "totalCount") else 0
        page, info_ = cut_page(rows, first, lambda row: encode_cursor(row.sequence), after=after)
        edges = [AuditRecordEdge(cursor=cursor, node=AuditRecord.of(row)) for cursor, row in page]
        return AuditRecordConnection(edges=edges, page_info=info_, total_count=total)

    @strawberry.field(description="Walk the whole chain and say whether every row is as it was written.")
    async def audit_verification(self, info: Info) -> AuditVerification:
        principal = info.context.principal
        services = info.context.services
        key = services.journal.tenant_key(principal.tenant_id)
        kept = await asyncio.to_thread(read_checkpoints, services.checkpoint_file, principal.tenant_id, key)
        async with services.database.snapshot(principal.tenant_id) as work:
            found = await services.journal.verify(work, kept.checkpoints)
        return AuditVerification.of(found, utc_now())
