"""Settings of the tenant."""

import strawberry

from plantwright.core.database import UnitOfWork
from plantwright.detection.multivariate import settings as machine_chart
from plantwright.detection.service import tenant_default
from plantwright.graphql.context import Info
from plantwright.graphql.detection.machine_chart_settings import MachineChartSettings
from plantwright.graphql.settings.types import DetectionSettings, TenantSettings
from plantwright.health import settings


async def tenant_settings(work: UnitOfWork) -> TenantSettings:
    return TenantSettings(
        anomaly_weight=await settings.read_anomaly_weight(work),
        offline_after_seconds=int((await settings.read_offline_after(work)).total_seconds()),
        detection=DetectionSettings.of(await tenant_default(work)),
        machine_chart=MachineChartSettings.of(await machine_chart.tenant_default(work)),
    )


@strawberry.type
class SettingsQuery:
    @strawberry.field(description="Settings in force for the whole tenant.")
    async def settings(self, info: Info) -> TenantSettings:
        async with info.context.reading() as work:
            return await tenant_settings(work)
