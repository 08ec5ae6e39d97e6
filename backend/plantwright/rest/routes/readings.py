"""Readings of a machine: over a window, and the newest."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasPath, BeforeValidator, Field

from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.readings.exchange.long_form import ExportFormat
from plantwright.readings.query.service import MAX_METRICS, MAX_POINTS
from plantwright.rest.route import Call, RestRoute, path_as
from plantwright.rest.shapes import FROM_NAME, Body, Milliseconds, Moment, Numbers, Parameters

MAX_METRIC_NAME = 255


class Resolution(StrEnum):
    """What points are made of: the readings, or whole minutes, hours or days of them (UTC)."""

    RAW = "raw"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class Quality(StrEnum):
    """OPC UA status class."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


def _quality_of_class(status_class: Any) -> Any:
    return tuple(Quality)[status_class] if isinstance(status_class, int) else status_class


class ReadingsParameters(Parameters):
    from_: Moment = Field(alias="from", description="Included.")
    to: Moment = Field(description="Not included.")
    metrics: list[Annotated[str, Field(min_length=1, max_length=MAX_METRIC_NAME)]] = Field(
        default=[], max_length=MAX_METRICS, description="Names of metrics; may be repeated. All when left out."
    )
    max_points: int = Field(default=1000, ge=1, le=MAX_POINTS, description="Per metric; more are put into buckets.")


class ExportParameters(Parameters):
    from_: Moment = Field(alias="from", description="Included.")
    to: Moment = Field(description="Not included.")
    metrics: list[Annotated[str, Field(min_length=1, max_length=MAX_METRIC_NAME)]] = Field(
        default=[], max_length=MAX_METRICS, description="Names of metrics; may be repeated. All when left out."
    )
    format: ExportFormat = ExportFormat.CSV


class Export(Body):
    url: str = Field(description="Relative to this server; fetched with the same credentials.")
    estimated_readings: int | None


class Column(Body):
    metric_name: str = Field(validation_alias="metric")
    unit: str
    resolution: Annotated[Resolution, FROM_NAME]
    bucket_seconds: float | None = Field(description="Width of the buckets; null for single readings.")
    times: Milliseconds = Field(description="Milliseconds since 1970-01-01T00:00:00Z; of buckets, their starts.")
    values: Numbers = Field(description="Null where a reading is bad; of buckets, their means.")
    minimums: Numbers | None
    maximums: Numbers | None


class Readings(Body):
    machine_id: UUID
    from_: datetime = Field(alias="from")
    to: datetime
    series: list[Column]


class Reading(Body):
    metric_name: str = Field(validation_alias="name")
    value: float = Field(validation_alias=AliasPath("latest", "value"))
    unit: str
    timestamp: datetime = Field(validation_alias=AliasPath("latest", "time"))
    quality: Annotated[Quality, BeforeValidator(_quality_of_class)] = Field(
        validation_alias=AliasPath("latest", "quality")
    )


class LatestReadings(Body):
    machine_id: UUID = Field(validation_alias="id")
    readings: list[Reading]


def _window(call: Call) -> dict[str, Any]:
    return {"machineId": call.path["machine_id"], **call.query}


def _with_readings(machine: Any) -> Any:
    """Metrics without any reading have nothing to show."""
    return {"id": machine["id"], "readings": [metric for metric in machine["metrics"] if metric["latest"] is not None]}


ROUTES = (
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/readings",
        summary="Readings over a time window, one column of times and of values per metric.",
        document=(
            "query Readings($machineId: ID!, $metrics: [String!], $from: DateTime!, $to: DateTime!, $maxPoints: Int! "
            "= 1000) { readings(machineId: $machineId, metrics: $metrics, from: $from, to: $to, maxPoints: $maxPoints) "
            "{ machineId from to series { metric unit resolution bucketSeconds times values minimums maximums } } }"
        ),
        query=ReadingsParameters,
        answer=Readings,
        variables=_window,
        not_found=MACHINE_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/readings/export",
        summary="Where to fetch a file with the readings of a time window.",
        document=(
            "query ReadingsExport($machineId: ID!, $metrics: [String!], $from: DateTime!, $to: DateTime!, $format: "
            "ExportFormat! = CSV) { readingsExport(machineId: $machineId, metrics: $metrics, from: $from, to: $to, "
            "format: $format) { url estimatedReadings } }"
        ),
        query=ExportParameters,
        answer=Export,
        variables=_window,
        not_found=MACHINE_NOT_FOUND,
    ),
    RestRoute(
        method="GET",
        path="/machines/{machine_id}/readings/latest",
        summary="The newest reading of each metric.",
        document=(
            "query Latest($id: ID!) { machine(id: $id) { id metrics { name unit latest { time value quality } } } }"
        ),
        answer=LatestReadings,
        variables=path_as(id="machine_id"),
        result=_with_readings,
        not_found=MACHINE_NOT_FOUND,
    ),
)
