from plantwright.assets.models import Metric
from plantwright.health.anomalies import anomaly_summary
from plantwright.health.evidence import evidence_of_machines
from plantwright.health.service import health_of

from tests.backend.alerts.making import finding
from tests.backend.health.conftest import HealthyPlant, of_machine
from tests.conftest import Databases
from tests.factories import TenantFactory


async def test_each_deduction_names_its_alerts_and_each_detector_its_episodes(
    plant: HealthyPlant, vibration: Metric
) -> None:
    facts = [finding("started", vibration, plant.ago(hours=9 - n), detector="ewma") for n in range(6)]
    [alert, *_] = await plant.find(*facts, finding("started", vibration, plant.ago(hours=1), severity="critical"))
    await plant.follow()
    async with plant.worker.reading(plant.tenant_id) as work:
        evidence = (await evidence_of_machines(work, [vibration.machine_id]))[vibration.machine_id]
        report = await health_of(work, vibration.machine_id)
        summary = await anomaly_summary(work, vibration.machine_id, plant.now)
    alerts = await plant.alerts()
    for deduction in report.deductions:
        assert [one.rule for one in evidence.alerts].count(deduction.rule) == deduction.found
    assert {one.id for one in evidence.alerts} == {one.id for one in alerts}
    assert alert.id in {one.id for one in evidence.alerts if one.rule == "unacknowledged_active_alert"}
    assert [(one.metric, one.detector, one.found, one.counted) for one in evidence.episodes] == [
        ("vibration_rms", "ewma", 6, 4),
        ("vibration_rms", "static_baseline", 1, 1),
    ]
    assert summary is not None
    assert [(one.metric, one.count, one.latest_at) for one in summary.anomalies] == [
        ("vibration_rms", 7, plant.ago(hours=1))
    ]
    assert (summary.period_hours, summary.total_count) == (168, 7)


async def test_findings_of_the_whole_machine_count_those_of_rules_do_not(
    plant: HealthyPlant, vibration: Metric
) -> None:
    one = finding("started", vibration, plant.ago(hours=1))
    await plant.tell(*[of_machine(one, "multivariate")] * 6, *[of_machine(one, "rule", rule_id="r")] * 3)
    await plant.recompute(vibration.machine_id)
    async with plant.worker.reading(plant.tenant_id) as work:
        report = await health_of(work, vibration.machine_id)
        evidence = (await evidence_of_machines(work, [vibration.machine_id]))[vibration.machine_id]
        summary = await anomaly_summary(work, vibration.machine_id, plant.now)
    assert (report.anomaly_episodes, report.anomaly_score) == (4, 80)
    assert [(row.metric, row.detector, row.found) for row in evidence.episodes] == [(None, "multivariate", 6)]
    assert summary is not None
    assert [(row.metric, row.count) for row in summary.anomalies] == [(None, 6)]


async def test_a_late_finding_counts_by_the_time_of_its_readings(plant: HealthyPlant, vibration: Metric) -> None:
    await plant.tell(
        finding("started", vibration, plant.ago(days=6), late=True),
        finding("started", vibration, plant.ago(days=8), late=True),
    )
    await plant.recompute(vibration.machine_id)
    async with plant.worker.reading(plant.tenant_id) as work:
        assert (await health_of(work, vibration.machine_id)).anomaly_episodes == 1


async def test_suppression_takes_an_alert_out_and_shelving_only_out_of_the_last_row(
    plant: HealthyPlant, vibration: Metric
) -> None:
    await plant.hear_from(vibration)
    [alert] = await plant.find(finding("started", vibration, plant.ago(minutes=5), severity="critical"))
    await plant.follow()
    await plant.hold(alert.id, "shelf_id", "gen_random_uuid()")
    await plant.hold(alert.id, "out_of_service_id", "gen_random_uuid()")
    await plant.hold(alert.id, "out_of_service_id", "NULL")
    await plant.hold(alert.id, "design_reasons", "'{machine_stopped}'")
    await plant.hold(alert.id, "design_reasons", "'{}'")
    scores = [row["alert_score"] for row in await plant.payloads("health.changed")]
    assert scores == [81, 85, 100, 85, 100, 85]
    statuses = [row["new_status"] for row in await plant.payloads("machine.status_changed")]
    assert statuses == ["critical", "healthy", "critical", "healthy", "critical"]


async def test_another_tenants_machine_has_no_summary(
    plant: HealthyPlant, databases: Databases, make_tenant: TenantFactory, vibration: Metric
) -> None:
    await plant.find(finding("started", vibration, plant.ago(minutes=5)))
    stranger = await make_tenant()
    async with databases.app.reading(stranger.id) as work:
        assert await anomaly_summary(work, vibration.machine_id) is None
        evidence = (await evidence_of_machines(work, [vibration.machine_id]))[vibration.machine_id]
    assert (list(evidence.alerts), list(evidence.episodes)) == ([], [])
