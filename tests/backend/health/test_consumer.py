import asyncio
from uuid import uuid4

from plantwright.alerts import service as alert_service
from plantwright.assets import repository as assets
from plantwright.assets.models import Machine, Metric
from plantwright.assets.service import update_machine
from plantwright.health import repository
from plantwright.health.service import health_of, recompute
from plantwright.health.settings import ANOMALY_WEIGHT
from plantwright.identity.settings import change_settings
from plantwright.journal.service import Fact

from tests.backend.alerts.making import finding
from tests.backend.health.conftest import HealthyPlant
from tests.conftest import Databases
from tests.factories import MadeTenant, TenantFactory


async def machine_of(plant: HealthyPlant, metric: Metric) -> Machine:
    async with plant.worker.reading(plant.tenant_id) as work:
        machine = await assets.get_machine(work, metric.machine_id)
    assert machine is not None
    return machine


async def test_a_critical_alert_lowers_score_and_status_and_tells_why(plant: HealthyPlant, vibration: Metric) -> None:
    await plant.hear_from(vibration)
    await plant.tell(finding("started", vibration, plant.ago(minutes=5), severity="critical"))
    await plant.follow()

    # alerts 100 - 15 - 4 = 81, one episode: 95; 0.7 * 81 + 0.3 * 95 = 85.2
    machine = await machine_of(plant, vibration)
    assert (machine.health_score, machine.status) == (85, "critical")
    async with plant.worker.reading(plant.tenant_id) as work:
        report = await health_of(work, vibration.machine_id)
    assert (report.score, report.alert_score, report.anomaly_score, report.anomaly_episodes) == (85, 81, 95, 1)
    assert [(one.rule, one.points) for one in report.deductions if one.found] == [
        ("critical_alert_7d", 15),
        ("unacknowledged_active_alert", 4),
    ]
    assert report.computed_at == plant.now
    [changed] = await plant.payloads("health.changed")
    assert (changed["old_score"], changed["score"], changed["weight"]) == (100, 85, "0.3")
    assert [one["rule"] for one in changed["deductions"]] == ["critical_alert_7d", "unacknowledged_active_alert"]
    [status] = await plant.payloads("machine.status_changed")
    assert (status["old_status"], status["new_status"]) == ("offline", "critical")
    assert status["reason"] == "A critical alert is active."


async def test_acknowledging_gives_the_four_points_back(
    plant: HealthyPlant, tenant: MadeTenant, vibration: Metric
) -> None:
    await plant.tell(finding("started", vibration, plant.ago(minutes=5), severity="critical"))
    await plant.follow()
    [alert] = await plant.alerts()
    async with plant.worker.transaction(plant.tenant_id) as work:
        await alert_service.acknowledge(work, plant.journal, tenant.viewer_id, alert.id)
    await plant.follow()
    assert [row["score"] for row in await plant.payloads("health.changed")] == [85, 88]


async def test_what_does_not_change_the_score_is_not_journaled(plant: HealthyPlant, vibration: Metric) -> None:
    await plant.tell(finding("started", vibration, plant.ago(minutes=5)))
    await plant.follow()
    assert len(await plant.payloads("health.changed")) == 1
    await plant.tell(
        Fact(
            action="alert.noted",
            resource_type="alert",
            resource_id="-",
            payload={
                "machine_id": vibration.machine_id,
            },
        )
    )
    before = await plant.actions("")
    plant.now = plant.ago(minutes=-1)
    await plant.follow()
    assert await plant.actions("") == before
    async with plant.worker.reading(plant.tenant_id) as work:
        assert (await health_of(work, vibration.machine_id)).computed_at == plant.now


async def test_a_new_weight_applies_at_once(
    plant: HealthyPlant, tenant: MadeTenant, databases: Databases, vibration: Metric
) -> None:
    await plant.tell(finding("started", vibration, plant.ago(minutes=5), severity="critical"))
    await plant.follow()
    async with databases.app.transaction(tenant.id) as work:
        await change_settings(work, plant.journal, tenant.admin_id, {ANOMALY_WEIGHT: 1.0})
    await plant.follow()
    assert (await machine_of(plant, vibration)).health_score == 95
    assert (await plant.payloads("health.changed"))[-1]["weight"] == "1.0"


async def test_rows_of_unknown_machines_are_passed_over(plant: HealthyPlant, vibration: Metric) -> None:
    stranger = Metric(tenant_id=plant.tenant_id, id=uuid4(), machine_id=uuid4(), name="gone", unit="")
    odd = Fact(action="alert.odd", resource_type="alert", resource_id="-", payload={})
    await plant.tell(finding("started", stranger, plant.now), odd, finding("started", vibration, plant.now))
    await plant.follow()
    assert [row["machine_id"] for row in await plant.payloads("health.changed")] == [str(vibration.machine_id)]


async def test_an_edit_by_a_person_survives_a_recomputation_at_the_same_time(
    plant: HealthyPlant, tenant: MadeTenant, databases: Databases, vibration: Metric
) -> None:
    await plant.tell(finding("started", vibration, plant.ago(minutes=5), severity="critical"))
    async with databases.app.transaction(tenant.id) as work:
        await update_machine(work, plant.journal, tenant.admin_id, vibration.machine_id, {"name": "Feed pump"})
        following = asyncio.create_task(plant.follow())
        await asyncio.sleep(0.2)
    await following
    machine = await machine_of(plant, vibration)
    assert (machine.name, machine.health_score) == ("Feed pump", 85)


async def test_recomputing_at_the_same_time_journals_a_change_once(plant: HealthyPlant, vibration: Metric) -> None:
    await plant.find(finding("started", vibration, plant.ago(minutes=5), severity="critical"))

    async def once() -> None:
        async with plant.worker.transaction(plant.tenant_id) as work:
            await recompute(work, plant.journal, [vibration.machine_id], plant.now)

    await asyncio.gather(once(), once(), once())
    assert len(await plant.payloads("health.changed")) == 1


async def test_other_tenants_events_do_not_count(
    plant: HealthyPlant, make_tenant: TenantFactory, vibration: Metric
) -> None:
    stranger = await make_tenant()
    other = HealthyPlant(plant.worker, plant.journal, stranger.id)
    await other.tell(finding("started", vibration, plant.ago(minutes=5), severity="critical"))
    await other.follow()
    await plant.follow()
    assert await other.alerts() == []
    assert (await machine_of(plant, vibration)).health_score == 100
    async with plant.worker.reading(stranger.id) as work:
        assert not await repository.exists(work, vibration.machine_id)
