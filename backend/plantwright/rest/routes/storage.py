"""What is stored of the tenant's readings, and cleaning it up."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AliasPath, Field

from plantwright.identity.models import Tier
from plantwright.rest.documents import USER_ERROR
from plantwright.rest.route import RestRoute, item
from plantwright.rest.shapes import FROM_NAME, Body

_AMOUNTS = "bytes readings segments unmergedSegments rollupBytes oldest newest"
_STORAGE = (
    f"tier retention {{ rawDays minuteDays hourDays dayDays }} measuredAt {_AMOUNTS} months {{ month {_AMOUNTS} }} "
    "cleanup { requestedAt requestedBy { id } startedAt finishedAt deletedSegments deletedReadings deletedRollups }"
)


class Retention(Body):
    raw_days: int
    minute_days: int
    hour_days: int
    day_days: int


class Amounts(Body):
    bytes: int = Field(description="Of readings, compressed as stored, without indexes.")
    readings: int
    segments: int = Field(description="Rows that hold the readings.")
    unmerged_segments: int = Field(description="Of these, rows that are not whole hours yet.")
    rollup_bytes: int = Field(description="Of minutes, hours and days in summary.")
    oldest: datetime | None
    newest: datetime | None


class Month(Amounts):
    month: datetime = Field(description="Its beginning, UTC.")


class Cleanup(Body):
    requested_at: datetime
    requested_by: Annotated[UUID | None, Field(validation_alias=AliasPath("requestedBy", "id"))]
    started_at: datetime | None = Field(description="Null while it waits for a worker.")
    finished_at: datetime | None = Field(description="Null until it is done.")
    deleted_segments: int
    deleted_readings: int
    deleted_rollups: int


class Storage(Amounts):
    tier: Annotated[Tier, FROM_NAME]
    retention: Retention
    measured_at: datetime | None = Field(description="Null before the first measurement.")
    months: list[Month] = Field(description="Months that hold something, oldest first.")
    cleanup: Cleanup | None = Field(description="The one that was asked for last.")


ROUTES = (
    RestRoute(
        method="GET",
        path="/storage",
        summary="What is stored of the tenant's readings, as last measured. Admins only.",
        document=f"{{ storage {{ {_STORAGE} }} }}",
        answer=Storage,
    ),
    RestRoute(
        method="POST",
        path="/storage/cleanup",
        summary="Have the worker merge, delete what the tier no longer keeps, and measure again. Admins only.",
        document=(
            f"mutation RunStorageCleanup {{ runStorageCleanup {{ __typename "
            f"... on RunStorageCleanupSuccess {{ storage {{ {_STORAGE} }} }} {USER_ERROR} }} }}"
        ),
        answer=Storage,
        result=item("storage"),
        status=202,
    ),
)
