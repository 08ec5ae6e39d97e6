from datetime import datetime, timedelta
from uuid import UUID

import pytest
from plantwright.alerts import repository as alerts
from plantwright.alerts.facts import About, alert_fact
from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now
from plantwright.health.consumer import HealthConsumer
from plantwright.health.service import recompute
from plantwright.journal.consumers import run_consumer
from plantwright.journal.service import Fact, Journal
from sqlalchemy import text

from tests.backend.alerts.making import Plant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


def of_machine(fact: Fact, detector: str, **more: object) -> Fact:
    """The same finding, of the machine as a whole."""
    payload = {**fact.payload, "detector": detector, "metric_id": None, "metric": None, **more}
    machine_id = str(fact.payload["machine_id"])
    return Fact(action=fact.action, resource_type="machine", resource_id=machine_id, payload=payload)


class HealthyPlant(Plant):
    """A plant that also follows its machines' health, at a time of the test's choosing."""

    now: datetime = utc_now().replace(microsecond=0)

    async def follow(self) -> None:
        """Alerts, then health, as the worker runs them."""
        await run_consumer(self.worker, self.tenant_id, self.consumer)
        await run_consumer(self.worker, self.tenant_id, HealthConsumer(self.journal, lambda: self.now))

    async def recompute(self, machine_id: UUID) -> None:
        """The score alone, whatever the alerts do."""
        async with self.worker.transaction(self.tenant_id) as work:
            await recompute(work, self.journal, [machine_id], self.now)

    async def hold(self, alert_id: UUID, column: str, value: str, action: str = "alert.suppressed") -> None:
        """What keeps the alert from announcing itself, in its row and told as the alerts room tells it."""
        update = text(f"UPDATE alert SET {column} = {value} WHERE id = :id")  # noqa: S608 - of the test
        async with self.worker.transaction(self.tenant_id) as work:
            await work.execute(update, {"id": alert_id})
            alert = await alerts.get(work, alert_id)
            assert alert is not None
            await self.journal.append(work, alert_fact(action, alert, About("pressure", "bar", is_flood=False)))
        await self.follow()

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
