from datetime import datetime, timedelta

import pytest
from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now
from plantwright.health.consumer import HealthConsumer
from plantwright.journal.consumers import run_consumer
from plantwright.journal.service import Journal
from sqlalchemy import text

from tests.backend.alerts.making import Plant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


class HealthyPlant(Plant):
    """A plant that also follows its machines' health, at a time of the test's choosing."""

    now: datetime = utc_now().replace(microsecond=0)

    async def follow(self) -> None:
        """Alerts, then health, as the worker runs them."""
        await run_consumer(self.worker, self.tenant_id, self.consumer)
        await run_consumer(self.worker, self.tenant_id, HealthConsumer(self.journal, lambda: self.now))

    def ago(self, **span: float) -> datetime:
        return self.now - timedelta(**span)

    async def hear_from(self, metric: Metric, seconds_ago: float = 0) -> None:
        """The metric's newest reading."""
        async with self.worker.transaction(self.tenant_id) as work:
            await work.execute(
                text("""
                    INSERT INTO latest_reading (tenant_no, series_id, time, value, quality)
                    VALUES ((SELECT number FROM tenant WHERE id = :tenant), :series, :time, 1.0, 0)
                    ON CONFLICT (tenant_no, series_id) DO UPDATE SET time = excluded.time"""),
                {"tenant": self.tenant_id, "series": metric.series_id, "time": self.ago(seconds=seconds_ago)},
            )


@pytest.fixture
def plant(databases: Databases, journal: Journal, tenant: MadeTenant) -> HealthyPlant:
    return HealthyPlant(databases.worker, journal, tenant.id)


@pytest.fixture
async def vibration(make_machine: MachineFactory, tenant: MadeTenant) -> Metric:
    _, metrics = await make_machine(tenant, metrics={"vibration_rms": "mm/s"})
    return metrics["vibration_rms"]
