"""Changing settings of the tenant and of single metrics."""

from typing import Annotated, Any

import strawberry

from plantwright.assets.service import METRIC_NOT_FOUND
from plantwright.detection import service as detection
from plantwright.detection.multivariate import settings as machine_chart
from plantwright.graphql.assets.types import Metric
from plantwright.graphql.context import Info, require_id
from plantwright.graphql.detection.machine_chart_settings import MachineChartSettingsInput
from plantwright.graphql.errors import NotFound, PermissionDenied, ValidationFailed, returns_errors
from plantwright.graphql.settings.queries import tenant_settings
from plantwright.graphql.settings.types import DetectionSettingsInput, TenantSettings
from plantwright.health import settings as health
from plantwright.identity.models import Role
from plantwright.identity.settings import change_settings


@strawberry.input(description="Fields left out stay as they are.")
class SettingsUpdateInput:
    anomaly_weight: float | None = None
    offline_after_seconds: int | None = None
    detection: DetectionSettingsInput | None = None
    machine_chart: MachineChartSettingsInput | None = None

    def values(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self.anomaly_weight is not None:
            given[health.ANOMALY_WEIGHT] = health.check_anomaly_weight(self.anomaly_weight)
        if self.offline_after_seconds is not None:
            given[health.OFFLINE_AFTER] = health.check_offline_after(self.offline_after_seconds)
        return given


@strawberry.type
class SettingsUpdateSuccess:
    settings: TenantSettings


SettingsUpdateResult = Annotated[
    SettingsUpdateSuccess | ValidationFailed | PermissionDenied, strawberry.union("SettingsUpdateResult")
]


@strawberry.input(description="`detection: null` drops the metric's own settings.")
class MetricDetectionUpdateInput:
    metric_id: strawberry.ID
    detection: DetectionSettingsInput | None


@strawberry.type
class MetricDetectionUpdateSuccess:
    metric: Metric


MetricDetectionUpdateResult = Annotated[
    MetricDetectionUpdateSuccess | ValidationFailed | PermissionDenied | NotFound,
    strawberry.union("MetricDetectionUpdateResult"),
]


@strawberry.type
class SettingsMutation:
    @strawberry.mutation(description="Change settings of the tenant; all of them or none. Admins only.")
    @returns_errors(ValidationFailed, PermissionDenied)
    async def settings_update(self, info: Info, input: SettingsUpdateInput) -> SettingsUpdateResult:  # noqa: A002
        principal = info.context.require(Role.ADMIN)
        journal = info.context.services.journal
        async with info.context.writing() as work:
            await change_settings(work, journal, principal.user_id, input.values())
            if input.detection is not None:
                changes = input.detection.changes()
                await detection.change_tenant_default(work, journal, principal.user_id, changes)
            if input.machine_chart is not None:
                changes = input.machine_chart.changes()
                await machine_chart.change_tenant_default(work, journal, principal.user_id, changes)
            found = await tenant_settings(work)
        return SettingsUpdateSuccess(settings=found)

    @strawberry.mutation(description="Give a metric detection settings of its own. Admins and operators.")
    @returns_errors(ValidationFailed, PermissionDenied, NotFound)
    async def metric_detection_update(
        self,
        info: Info,
        input: MetricDetectionUpdateInput,  # noqa: A002
    ) -> MetricDetectionUpdateResult:
        principal = info.context.require(Role.ADMIN, Role.OPERATOR)
        metric_id = require_id(input.metric_id, METRIC_NOT_FOUND, "metricId")
        changes = None if input.detection is None else input.detection.changes()
        async with info.context.writing() as work:
            journal = info.context.services.journal
            metric = await detection.change_metric(work, journal, principal.user_id, metric_id, changes)
        return MetricDetectionUpdateSuccess(metric=Metric.of(metric))
