"""Live journal."""

from collections.abc import AsyncGenerator

import strawberry

from plantwright.graphql.context import Info
from plantwright.graphql.journal.follow import follow
from plantwright.graphql.journal.types import AuditRecord
from plantwright.graphql.scalars import BigInt


@strawberry.type
class JournalSubscription:
    @strawberry.subscription(description="Each new row; with `since`, the rows after that sequence come first.")
    async def audit_records(self, info: Info, since: BigInt | None = None) -> AsyncGenerator[AuditRecord]:
        async for row in follow(info, since, ("",)):
            yield AuditRecord.of(row)
