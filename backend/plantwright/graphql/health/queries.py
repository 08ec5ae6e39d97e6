"""Health over time, and of the fleet."""

from datetime import datetime
from typing import Annotated

import strawberry

from plantwright.core.ids import parse_id
from plantwright.graphql.context import Info
from plantwright.graphql.health.types import FleetHealth, MachineAnomalies, MachineHealthHistory
from plantwright.health.anomalies import anomaly_summary
from plantwright.health.fleet import fleet_health
from plantwright.health.history import health_history


@strawberry.type
class HealthQuery:
    @strawberry.field(
        description="Scores with from <= time < to: every change when there are at most maxPoints (1 to 2,000), else "
        "the last of each of so many buckets, with the lowest and highest. Null for an unknown machine."
    )
    async def machine_health_history(
        self,
        info: Info,
        machine_id: strawberry.ID,
        from_: Annotated[datetime, strawberry.argument(name="from")],
        to: datetime,
        max_points: int = 500,
    ) -> MachineHealthHistory | None:
        key = parse_id(machine_id)
        _ = info.context.principal
        if key is None:
            return None
        async with info.context.snapshot() as work:
            found = await health_history(work, key, from_, to, max_points)
        return None if found is None else MachineHealthHistory.of(found)

    @strawberry.field(description="Status and score of all machines, and of those of each site; names up to 50 worst.")
    async def fleet_health(self, info: Info, worst: int = 5) -> FleetHealth:
        async with info.context.reading() as work:
            return FleetHealth.of(await fleet_health(work, worst))

    @strawberry.field(description="What the detectors found in the past 7 days. Null for an unknown machine.")
    async def machine_anomalies(self, info: Info, machine_id: strawberry.ID) -> MachineAnomalies | None:
        key = parse_id(machine_id)
        _ = info.context.principal
        if key is None:
            return None
        async with info.context.reading() as work:
            found = await anomaly_summary(work, key)
        return None if found is None else MachineAnomalies.of(found)
