from datetime import timedelta
from uuid import uuid4

import pytest
from plantwright.assets.models import Metric
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.health.service import health_of, health_of_machines
from plantwright.health.settings import OFFLINE_AFTER, check_anomaly_weight, check_offline_after
from plantwright.health.sweep import refresh
from plantwright.identity.settings import change_settings
from sqlalchemy import event

from tests.backend.alerts.making import finding
from tests.backend.health.conftest import HealthyPlant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


async def sweep(plant: HealthyPlant) -> int:
    async with plant.worker.transaction(plant.tenant_id) as work:
        return await refresh(work, plant.journal, plant.now)


async def statuses(plant: HealthyPlant) -> list[str]:
    return [row["new_status"] for row in await plant.payloads("machine.status_changed")]


async def test_a_machine_comes_and_goes_with_its_readings(plant: HealthyPlant, vibration: Metric) -> None:
    assert await sweep(plant) == 1
    assert await statuses(plant) == []

    await plant.hear_from(vibration)
    assert await sweep(plant) == 1
    assert await statuses(plant) == ["healthy"]

    plant.now += timedelta(seconds=60)
    assert await sweep(plant) == 0
    plant.now += timedelta(seconds=1)
    assert await sweep(plant) == 1
    assert await statuses(plant) == ["healthy", "offline"]
    assert (await plant.payloads("machine.status_changed"))[-1]["reason"] == "No reading for more than 60 s."


async def test_one_fresh_metric_keeps_a_machine_online(
    plant: HealthyPlant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics={"flow": "m3/h", "pressure": "bar"})
    await plant.hear_from(metrics["flow"], seconds_ago=3600)
    await plant.hear_from(metrics["pressure"], seconds_ago=10)
    await sweep(plant)
    assert await statuses(plant) == ["healthy"]


async def test_the_tenants_own_limit_applies(
    plant: HealthyPlant, tenant: MadeTenant, databases: Databases, vibration: Metric
) -> None:
    await plant.hear_from(vibration, seconds_ago=30)
    await sweep(plant)
    async with databases.app.transaction(tenant.id) as work:
        await change_settings(work, plant.journal, tenant.admin_id, {OFFLINE_AFTER: 20})
    assert await sweep(plant) == 1
    assert await sweep(plant) == 0
    assert await statuses(plant) == ["healthy", "offline"]


async def test_a_sweep_without_change_is_one_query(plant: HealthyPlant, vibration: Metric) -> None:
    await plant.hear_from(vibration)
    await sweep(plant)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engine = plant.worker.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert await sweep(plant) == 0
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in statements] == ["SET", "WITH"]


async def test_events_leave_their_windows_within_the_hour(plant: HealthyPlant, vibration: Metric) -> None:
    await plant.tell(
        finding("started", vibration, plant.ago(days=6, hours=23), severity="critical"),
        finding("ended", vibration, plant.ago(days=6, hours=22)),
    )
    await plant.follow()
    plant.now += timedelta(minutes=59)
    assert await sweep(plant) == 0
    plant.now += timedelta(minutes=2)
    assert await sweep(plant) == 1
    plant.now += timedelta(days=25)
    assert await sweep(plant) == 1
    # 0.7 * 85 + 0.3 * 95 = 88, then 0.7 * 94 + 30 = 95.8, then nothing is left and nothing more can change.
    assert [row["score"] for row in await plant.payloads("health.changed")] == [88, 96, 100]
    plant.now += timedelta(days=1)
    assert await sweep(plant) == 0


async def test_health_of_a_machine_never_computed_is_full(plant: HealthyPlant, vibration: Metric) -> None:
    async with plant.worker.reading(plant.tenant_id) as work:
        report = await health_of(work, vibration.machine_id)
        assert (report.score, report.alert_score, report.anomaly_score, report.anomaly_weight) == (100, 100, 100, 0.3)
        assert [one.points for one in report.deductions] == [0] * 5
        assert (await health_of_machines(work, [vibration.machine_id])).keys() == {vibration.machine_id}
        with pytest.raises(NotFound):
            await health_of(work, uuid4())


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan"), float("inf"), True])
def test_a_weight_outside_its_range_is_refused(weight: float) -> None:
    with pytest.raises(ValidationFailed, match="0 to 1"):
        check_anomaly_weight(weight)


@pytest.mark.parametrize("seconds", [4, 86_401, True, 60.5])
def test_an_offline_limit_outside_its_range_is_refused(seconds: int) -> None:
    with pytest.raises(ValidationFailed, match="offline"):
        check_offline_after(seconds)


def test_limits_inside_their_ranges_are_kept() -> None:
    assert (check_anomaly_weight(0), check_anomaly_weight(1), check_offline_after(5)) == (0.0, 1.0, 5)
