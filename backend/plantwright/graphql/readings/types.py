"""Readings as columns."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from plantwright.graphql.scalars import FloatColumn, TimeColumn, float_column, time_column
from plantwright.readings.query import SeriesData


@strawberry.enum
class Resolution(StrEnum):
    RAW = "raw"
    BUCKETED = "bucketed"


@strawberry.type(
    description="Points of one metric, a column each. Raw series have their values in `values`; bucketed series have "
    "the means there and the extremes in `minimums` and `maximums`, so that no spike is lost."
)
class Series:
    metric: str
    unit: str
    resolution: Resolution
    bucket_seconds: float | None
    times: TimeColumn = strawberry.field(description="Ascending; of buckets, their starts.")
    values: FloatColumn = strawberry.field(description="Null where a reading is bad.")
    minimums: FloatColumn | None
    maximums: FloatColumn | None

    @classmethod
    def of(cls, data: SeriesData) -> Self:
        return cls(
            metric=data.metric,
            unit=data.unit,
            resolution=Resolution(data.resolution),
            bucket_seconds=data.bucket_seconds,
            times=time_column(data.times),
            values=FloatColumn(float_column(data.values)),
            minimums=float_column(data.minimums),
            maximums=float_column(data.maximums),
        )


@strawberry.type(description="Readings of one machine over a time window.")
class Readings:
    machine_id: strawberry.ID
    from_: datetime = strawberry.field(name="from")
    to: datetime
    cursor: str = strawberry.field(description="`since` of the `readings` subscription, to go on from here.")
    series: list[Series]


@strawberry.type(description="Readings stored since the last frame.")
class ReadingsFrame:
    machine_id: strawberry.ID
    cursor: str = strawberry.field(description="`since`, to resume after a break.")
    series: list[Series] = strawberry.field(description="Only metrics with new readings.")
