"""The journal as the API shows it."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from plantwright.graphql.connection import PageInfo
from plantwright.graphql.context import Info
from plantwright.graphql.scalars import BigInt
from plantwright.journal import models
from plantwright.journal.verify import Verification

SYSTEM = "Plantwright"


@strawberry.type(description="One row of the tenant's hash chain; docs/journal.md tells how to recompute it.")
class AuditRecord:
    sequence: BigInt = strawberry.field(description="Counts up without gaps.")
    previous_hash: str = strawberry.field(description="`rowHash` of the row before, hexadecimal.")
    row_hash: str
    actor_id: strawberry.ID | None = strawberry.field(description="Who did it; null when the system concluded it.")
    action: str
    resource_type: str
    resource_id: str
    payload: JSON
    created_at: datetime
    actor_key: strawberry.Private[UUID | None]

    @classmethod
    def of(cls, row: models.AuditRecord) -> Self:
        return cls(
            sequence=BigInt(row.sequence),
            previous_hash=row.prev_hash.hex(),
            row_hash=row.row_hash.hex(),
            actor_id=None if row.actor_id is None else strawberry.ID(str(row.actor_id)),
            action=row.action,
            resource_type=row.resource_type,
            resource_id=row.resource_id,
            payload=JSON(row.payload),
            created_at=row.created_at,
            actor_key=row.actor_id,
        )

    @strawberry.field(description="Name of the person, or of the system.")
    async def actor_name(self, info: Info) -> str:
        if self.actor_key is None:
            return SYSTEM
        user = await info.context.loaders.user.load(self.actor_key)
        return "unknown" if user is None else user.full_name


@strawberry.type
class AuditRecordEdge:
    cursor: str
    node: AuditRecord


@strawberry.type
class AuditRecordConnection:
    edges: list[AuditRecordEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Rows that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[AuditRecord]:
        return [edge.node for edge in self.edges]


@strawberry.type(description="What a walk over the whole chain found.")
class AuditVerification:
    is_intact: bool
    records_checked: BigInt = strawberry.field(description="Genuine rows up to the first bad one.")
    first_bad_sequence: BigInt | None
    fault: str | None = strawberry.field(description="edited, deleted, inserted, reordered or tail_cut.")
    detail: str
    head_hash: str = strawberry.field(description="`rowHash` of the last genuine row; note it down to compare later.")
    verified_at: datetime

    @classmethod
    def of(cls, found: Verification, verified_at: datetime) -> Self:
        bad = found.first_bad_sequence
        return cls(
            is_intact=found.is_intact,
            records_checked=BigInt(found.records_checked),
            first_bad_sequence=None if bad is None else BigInt(bad),
            fault=found.fault,
            detail=found.detail,
            head_hash=found.head_hash.hex(),
            verified_at=verified_at,
        )
