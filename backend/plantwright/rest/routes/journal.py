"""The audit chain: its records and its verification."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from plantwright.rest.documents import connection
from plantwright.rest.route import RestRoute, query_as_filter
from plantwright.rest.shapes import Body, Moment, PageParameters

_PAGE, _SKIP = connection(
    "auditRecords",
    "sequence previousHash rowHash actorId actorName action resourceType resourceId payload createdAt",
    variables="$filter: AuditRecordFilter",
    arguments="filter: $filter",
)


class AuditRecordParameters(PageParameters):
    machine_id: UUID | None = None
    action_prefix: list[str] = Field(default=[], description="Such as `alert.`; may be repeated.")
    resource_type: str | None = None
    resource_id: str | None = None
    start_date: Moment | None = Field(default=None, serialization_alias="from")
    end_date: Moment | None = Field(default=None, serialization_alias="to", description="Not included.")


class AuditRecord(Body):
    sequence: int = Field(description="Counts up without gaps.")
    prev_hash: str = Field(validation_alias="previousHash", description="`row_hash` of the row before.")
    row_hash: str
    actor_id: UUID | None = Field(description="Null when the system concluded it.")
    actor_name: str
    action: str
    resource_type: str
    resource_id: str
    payload: dict[str, Any]
    created_at: datetime


class AuditVerification(Body):
    is_intact: bool
    records_checked: int
    first_bad_sequence: int | None
    fault: str | None = Field(description="edited, deleted, inserted, reordered or tail_cut.")
    detail: str
    head_hash: str = Field(description="`row_hash` of the last genuine row; note it down to compare later.")
    verified_at: datetime


ROUTES = (
    RestRoute(
        method="GET",
        path="/audit-records",
        summary="What was concluded and done, newest first.",
        document=_PAGE,
        skip_document=_SKIP,
        query=AuditRecordParameters,
        answer=AuditRecord,
        variables=query_as_filter,
    ),
    RestRoute(
        method="GET",
        path="/audit-records/verification",
        summary="Walk the whole chain and say whether every row is as it was written.",
        document=(
            "{ auditVerification { isIntact recordsChecked firstBadSequence fault detail headHash verifiedAt } }"
        ),
        answer=AuditVerification,
    ),
)
