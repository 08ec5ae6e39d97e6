"""Machines and metrics as the API shows them."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from plantwright.assets import models
from plantwright.assets.models import MachineKind, MachineStatus, Protocol
from plantwright.assets.service import MACHINE_NOT_FOUND
from plantwright.core.errors import NotFound
from plantwright.detection.service import has_own_settings
from plantwright.graphql.agents.types import Agent
from plantwright.graphql.assets.health import Health
from plantwright.graphql.connection import PageInfo, require_page
from plantwright.graphql.context import Info
from plantwright.graphql.readings.types import LatestColumns
from plantwright.graphql.settings.types import DetectionSettings

strawberry.enum(MachineKind, description="What the machine does.")
strawberry.enum(MachineStatus, description="Worst first: offline, critical, warning, healthy; see docs/health.md.")
strawberry.enum(Protocol, description="How readings of the machine reach the agent.")


@strawberry.type(description="The newest reading of a metric by its own time.")
class LatestReading:
    time: datetime
    value: float
    quality: int = strawberry.field(description="0 good, 1 uncertain, 2 bad (OPC UA status class).")


@strawberry.type(description="A measured quantity of one machine: a series of readings.")
class Metric:
    id: strawberry.ID
    name: str
    unit: str
    has_own_detection: bool = strawberry.field(description="Whether the metric has detection settings of its own.")
    row: strawberry.Private[models.Metric]

    @classmethod
    def of(cls, row: models.Metric) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            unit=row.unit,
            has_own_detection=has_own_settings(row),
            row=row,
        )

    @strawberry.field(description="Null before the first reading.")
    async def latest(self, info: Info) -> LatestReading | None:
        found = await info.context.loaders.latest.load(int(self.row.series_id or 0))
        return None if found is None else LatestReading(time=found.time, value=found.value, quality=found.quality)

    @strawberry.field(description="Settings in force: the tenant's default, overlaid with the metric's own.")
    async def detection(self, info: Info) -> DetectionSettings:
        return DetectionSettings.of_metric(await info.context.loaders.detection_default(), self.row.detection)


@strawberry.type(description="A machine that is watched.")
class Machine:
    id: strawberry.ID
    name: str
    identifier: str = strawberry.field(description="The name that agents use, unique in the tenant.")
    kind: MachineKind
    protocol: Protocol
    location: str | None
    status: MachineStatus
    health_score: int = strawberry.field(description="0 (worst) to 100; `health` itemises it.")
    created_at: datetime
    updated_at: datetime
    key: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: models.Machine) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            name=row.name,
            identifier=row.identifier,
            kind=MachineKind(row.kind),
            protocol=Protocol(row.protocol),
            location=row.location,
            status=MachineStatus(row.status),
            health_score=row.health_score,
            created_at=row.created_at,
            updated_at=row.updated_at,
            key=row.id,
        )

    @strawberry.field(description="By name.")
    async def metrics(self, info: Info) -> list[Metric]:
        return [Metric.of(row) for row in await info.context.loaders.metrics_of_machine.load(self.key)]

    @strawberry.field(description="As `metrics { latest }`, at a fifth of its cost in lists of machines.")
    async def latest(self, info: Info) -> LatestColumns:
        return LatestColumns.of(await info.context.loaders.latest_of_machine.load(self.key))

    @strawberry.field(description="Time of the newest reading of any metric; null before the first one.")
    async def last_reading_at(self, info: Info) -> datetime | None:
        loaders = info.context.loaders
        metrics = await loaders.metrics_of_machine.load(self.key)
        newest = await loaders.latest.load_many([int(metric.series_id or 0) for metric in metrics])
        return max((reading.time for reading in newest if reading is not None), default=None)

    @strawberry.field(description="Alerts that have not cleared.")
    async def active_alert_count(self, info: Info) -> int:
        counts = await info.context.loaders.open_counts.load(self.key)
        return counts.active if counts else 0

    @strawberry.field(description="Active alerts that nobody has acknowledged.")
    async def unacknowledged_alert_count(self, info: Info) -> int:
        counts = await info.context.loaders.open_counts.load(self.key)
        return counts.unacknowledged if counts else 0

    @strawberry.field(description="Agents that have sent readings of it in their past seven days, by name.")
    async def agents(self, info: Info, first: int = 10) -> list[Agent]:
        first = require_page(first)
        return [Agent.of(row) for row in (await info.context.loaders.agents_of_machine.load(self.key))[:first]]

    @strawberry.field(description="The score with everything it was computed from.")
    async def health(self, info: Info) -> Health:
        report = await info.context.loaders.health.load(self.key)
        if report is None:
            raise NotFound(MACHINE_NOT_FOUND)
        return Health.of(self.key, report)


async def load_machine(info: Info, machine_id: UUID) -> Machine:
    """
    Raises:
        NotFound: no such machine in this tenant.
    """
    found = await info.context.loaders.machine.load(machine_id)
    if found is None:
        raise NotFound(MACHINE_NOT_FOUND)
    return Machine.of(found)


@strawberry.type
class MachineEdge:
    cursor: str
    node: Machine


@strawberry.type
class MachineConnection:
    edges: list[MachineEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="Machines that pass the filter, on all pages.")

    @strawberry.field
    def nodes(self) -> list[Machine]:
        return [edge.node for edge in self.edges]
