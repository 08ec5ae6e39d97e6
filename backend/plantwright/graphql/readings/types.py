"""Readings as columns."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry

from plantwright.graphql.scalars import FloatColumn, IntColumn, TextColumn, TimeColumn, float_column, time_column
from plantwright.readings.query.service import SeriesData
from plantwright.readings.repository import NewestColumns


@strawberry.enum(description="What points are made of. RAW: the readings; else whole minutes, hours or days (UTC).")
class Resolution(StrEnum):
    RAW = "raw"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@strawberry.type(
    description="Points of one metric, a column each. Without `bucketSeconds` the points are the readings themselves. "
    "With it, each point is a bucket: its mean in `values` and its extremes in `minimums` and `maximums`, so that no "
    "spike is lost."
)
class Series:
    metric: str
    unit: str
    resolution: Resolution
    bucket_seconds: float | None = strawberry.field(
        description="Width of the buckets, which begin at its multiples since 1970 (UTC); null for single readings."
    )
    times: TimeColumn = strawberry.field(
        description="Ascending; of buckets, their starts, of which the first may lie before the window."
    )
    values: FloatColumn = strawberry.field(description="Null where a reading is bad or a bucket is empty.")
    minimums: FloatColumn | None
    maximums: FloatColumn | None

    @classmethod
    def of(cls, data: SeriesData) -> Self:
        points = data.points
        return cls(
            metric=data.metric,
            unit=data.unit,
            resolution=Resolution(points.level.name.lower()),
            bucket_seconds=None if points.bucket_ms is None else points.bucket_ms / 1000,
            times=time_column(points.times),
            values=FloatColumn(float_column(points.values)),
            minimums=float_column(points.minimums),
            maximums=float_column(points.maximums),
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


@strawberry.type(
    description="The newest reading of each metric by its own time, a column each, in order of the metrics' names. "
    "Metrics without any reading are left out."
)
class LatestColumns:
    metrics: TextColumn
    units: TextColumn
    times: TimeColumn
    values: FloatColumn
    quality: IntColumn = strawberry.field(description="0 good, 1 uncertain, 2 bad (OPC UA status class).")

    @classmethod
    def of(cls, newest: NewestColumns | None) -> Self:
        if newest is None:
            nothing: list[object] = []
            return cls(
                metrics=TextColumn(nothing),
                units=TextColumn(nothing),
                times=TimeColumn(nothing),
                values=FloatColumn(nothing),
                quality=IntColumn(nothing),
            )
        return cls(
            metrics=TextColumn(newest.metrics),
            units=TextColumn(newest.units),
            times=time_column(newest.times),
            values=FloatColumn(float_column(newest.values)),
            quality=IntColumn(newest.quality),
        )
