"""Readings over a window."""

from datetime import datetime
from typing import Annotated

import strawberry

from plantwright.core.ids import parse_id
from plantwright.graphql.context import Info
from plantwright.graphql.readings.types import Readings, Series
from plantwright.readings.query.service import query_readings


@strawberry.type
class ReadingsQuery:
    @strawberry.field(
        description="Readings with from <= time < to, at most maxPoints (1 to 10,000) per metric: as they are when "
        "they fit, else in buckets. All metrics of the machine, or up to 100 named ones. Null for an unknown machine."
    )
    async def readings(  # noqa: PLR0917 - arguments of the API, always named
        self,
        info: Info,
        machine_id: strawberry.ID,
        from_: Annotated[datetime, strawberry.argument(name="from")],
        to: datetime,
        metrics: list[str] | None = None,
        max_points: int = 1000,
    ) -> Readings | None:
        key = parse_id(machine_id)
        _ = info.context.principal
        if key is None:
            return None
        async with info.context.snapshot() as work:
            found = await query_readings(work, key, metrics, start=from_, end=to, max_points=max_points)
        if found is None:
            return None
        return Readings(
            machine_id=machine_id,
            from_=found.start,
            to=found.end,
            cursor=str(found.position),
            series=[Series.of(data) for data in found.series],
        )
