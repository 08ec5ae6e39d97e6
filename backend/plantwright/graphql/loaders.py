"""One query for each relation of a whole list, per operation; the tenant is fixed when the loaders are made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from plantwright.agents import machines_repository as agent_machines
from plantwright.agents import repository as agents
from plantwright.agents.machines_repository import MachinesBehind
from plantwright.agents.models import Agent
from plantwright.alerts import repository as alerts
from plantwright.alerts.insight import triage_repository as triage
from plantwright.alerts.load import repository as alert_load
from plantwright.alerts.models import Alert
from plantwright.alerts.repository import OpenCounts
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.models import OutOfService, Shelf
from plantwright.assets import repository as assets
from plantwright.assets.models import Machine, Metric
from plantwright.core.database import Database, UnitOfWork
from plantwright.detection.config import DetectionConfig
from plantwright.detection.service import tenant_default
from plantwright.health.evidence import Evidence, evidence_of_machines
from plantwright.health.service import HealthReport, health_of_machines
from plantwright.identity import repository as identity
from plantwright.identity.models import User
from plantwright.maintenance import repository as maintenance
from plantwright.maintenance.models import WorkOrder
from plantwright.notifications import log_repository as delivery_log
from plantwright.notifications import repository as notifications
from plantwright.notifications.models import ChannelRuntime, NotificationAttempt, NotificationChannel
from plantwright.readings import repository as readings
from plantwright.readings.repository import NewestColumns, NewestReading
from plantwright.sources import repository as sources
from plantwright.sources.models import SourceGap, SourceRuntime
from plantwright.sources.repository import MappedTag

K = TypeVar("K")
V = TypeVar("V")


class Loaders:
    def __init__(self, database: Database, tenant_id: UUID) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self.machine: DataLoader[UUID, Machine | None] = self._one(_machines)
        self.metric: DataLoader[UUID, Metric | None] = self._one(_metrics)
        self.metrics_of_machine: DataLoader[UUID, list[Metric]] = self._many(_metrics_of_machines)
        self.latest: DataLoader[int, NewestReading | None] = self._one(readings.latest_readings)
        self.latest_of_machine: DataLoader[UUID, NewestColumns | None] = self._one(readings.latest_of_machines)
        self.user: DataLoader[UUID, User | None] = self._one(_users)
        self.agent: DataLoader[UUID, Agent | None] = self._one(_agents)
        self.machines_of_agent: DataLoader[UUID, MachinesBehind | None] = self._one(agent_machines.machines_of_agents)
        self.agents_of_machine: DataLoader[UUID, list[Agent]] = self._many(agent_machines.agents_of_machines)
        self.alert: DataLoader[UUID, Alert | None] = self._one(_alerts)
        self.first_out_of_flood: DataLoader[UUID, UUID | None] = self._one(alert_load.first_outs)
        self.alert_group_size: DataLoader[UUID, int | None] = self._one(triage.group_sizes)
        self.shelf_of_alert: DataLoader[UUID, Shelf | None] = self._one(suppressions.shelf_of_alerts)
        self.out_of_service: DataLoader[UUID, OutOfService | None] = self._one(suppressions.out_of_services)
        self.open_counts: DataLoader[UUID, OpenCounts | None] = self._one(alerts.open_counts)
        self.health: DataLoader[UUID, HealthReport | None] = self._one(health_of_machines)
        self.health_evidence: DataLoader[UUID, Evidence | None] = self._one(evidence_of_machines)
        self.work_order_of_alert: DataLoader[UUID, WorkOrder | None] = self._one(maintenance.newest_of_alerts)
        self.tags_of_source: DataLoader[UUID, list[MappedTag]] = self._many(sources.mapped_tags)
        self.gaps_of_source: DataLoader[UUID, list[SourceGap]] = self._many(sources.recent_gaps)
        self.source_runtime: DataLoader[UUID, SourceRuntime | None] = self._one(sources.runtimes)
        self.notification_channel: DataLoader[UUID, NotificationChannel | None] = self._one(_notification_channels)
        self.channel_runtime: DataLoader[UUID, ChannelRuntime | None] = self._one(notifications.runtimes)
        self.undelivered_of_channel: DataLoader[UUID, int | None] = self._one(delivery_log.undelivered_of)
        self.delivery_attempts: DataLoader[UUID, list[NotificationAttempt]] = self._many(delivery_log.attempts_of)
        self._detection_default: DataLoader[UUID, DetectionConfig] = DataLoader(load_fn=self._load_detection_default)

    async def detection_default(self) -> DetectionConfig:
        """The tenant's; a loader too, since all metrics of a list ask at the same moment."""
        return await self._detection_default.load(self._tenant_id)

    async def _load_detection_default(self, tenant_ids: list[UUID]) -> list[DetectionConfig]:
        async with self._database.reading(self._tenant_id) as work:
            return [await tenant_default(work)] * len(tenant_ids)

    def _one(self, load: Callable[[UnitOfWork, Sequence[K]], Awaitable[Mapping[K, V]]]) -> DataLoader[K, V | None]:
        async def load_all(keys: list[K]) -> list[V | None]:
            async with self._database.reading(self._tenant_id) as work:
                found = await load(work, keys)
            return [found.get(key) for key in keys]

        return DataLoader(load_fn=load_all)

    def _many(
        self, load: Callable[[UnitOfWork, Sequence[K]], Awaitable[Mapping[K, list[V]]]]
    ) -> DataLoader[K, list[V]]:
        async def load_all(keys: list[K]) -> list[list[V]]:
            async with self._database.reading(self._tenant_id) as work:
                found = await load(work, keys)
            return [found.get(key, []) for key in keys]

        return DataLoader(load_fn=load_all)


async def _machines(work: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, Machine]:
    return {machine.id: machine for machine in await assets.get_machines(work, ids)}


async def _metrics(work: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, Metric]:
    return {metric.id: metric for metric in await assets.get_metrics(work, ids)}


async def _metrics_of_machines(work: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, list[Metric]]:
    grouped: dict[UUID, list[Metric]] = {}
    for metric in await assets.metrics_of(work, ids):
        grouped.setdefault(metric.machine_id, []).append(metric)
    return grouped


async def _users(work: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, User]:
    return {user.id: user for user in await identity.get_users(work, ids)}


async def _alerts(work: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, Alert]:
    return {alert.id: alert for alert in await alerts.get_many(work, ids)}


async def _agents(work: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, Agent]:
    return {agent.id: agent for agent in await agents.get_many(work, ids)}


async def _notification_channels(work: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, NotificationChannel]:
    return {channel.id: channel for channel in await notifications.get_channels(work, ids)}
