from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from plantwright.assets.models import Metric
from plantwright.assets.repository import get_machine
from plantwright.core.clock import utc_now
from plantwright.core.errors import ValidationFailed
from plantwright.health import history_repository
from plantwright.health.history import HealthHistory, health_changes, health_history
from sqlalchemy import text

from tests.backend.alerts.making import finding
from tests.backend.health.conftest import HealthyPlant
from tests.conftest import Databases
from tests.factories import TenantFactory

INSERT = text("""
    INSERT INTO machine_health_change
    VALUES (:tenant, :machine, :at, :sequence, :old, :score, :score, 100)""")


async def put(plant: HealthyPlant, metric: Metric, *scores: tuple[datetime, int]) -> None:
    """Changes as the recomputation would have written them."""
    old, rows = 100, []
    for number, (at, score) in enumerate(scores, 1):
        rows.append(
            {
                "tenant": plant.tenant_id,
                "machine": metric.machine_id,
                "at": at,
                "sequence": number,
                "old": old,
                "score": score,
            }
        )
        old = score
    async with plant.worker.transaction(plant.tenant_id) as work:
        await work.execute(text("UPDATE machine SET created_at = :at"), {"at": plant.ago(days=400)})
        connection = await work.session.connection()
        await connection.execute(INSERT, rows)


async def history(
    plant: HealthyPlant, machine_id: UUID, start: datetime, end: datetime, most: int = 500
) -> HealthHistory:
    async with plant.worker.reading(plant.tenant_id) as work:
        found = await health_history(work, machine_id, start, end, most)
    assert found is not None
    return found


async def test_every_journaled_change_is_a_point_with_what_it_was_computed_from(
    plant: HealthyPlant, vibration: Metric
) -> None:
    await plant.tell(finding("started", vibration, plant.ago(minutes=5), severity="critical"))
    await plant.follow()
    first, plant.now = plant.now, plant.now + timedelta(minutes=1)
    await plant.tell(finding("started", vibration, plant.ago(minutes=1), detector="ewma", severity="warning"))
    await plant.follow()
    window = (first - timedelta(hours=1), plant.now + timedelta(hours=1))

    found = await history(plant, vibration.machine_id, *window)
    assert [(one.at, one.score, one.changes) for one in found.points] == [(first, 85, 1), (plant.now, 77, 1)]
    assert (found.start_score, found.is_reduced) == (100, False)
    async with plant.worker.reading(plant.tenant_id) as work:
        newest, oldest = await health_changes(work, vibration.machine_id, *window, 20)
    rows = await plant.records("health.changed")
    assert [oldest.sequence, newest.sequence] == [row.sequence for row in rows]
    assert (newest.old_score, newest.score, newest.anomaly_episodes, newest.anomaly_weight) == (85, 77, 2, 0.3)
    assert [(one.rule, one.counted) for one in newest.deductions] == [
        ("critical_alert_7d", 1),
        ("warning_alert_7d", 1),
        ("unacknowledged_active_alert", 2),
    ]


async def test_a_window_begins_with_the_score_in_force_and_leaves_its_end_out(
    plant: HealthyPlant, vibration: Metric
) -> None:
    await put(plant, vibration, (plant.ago(days=9), 70), (plant.ago(days=5), 60), (plant.ago(days=1), 90))
    found = await history(plant, vibration.machine_id, plant.ago(days=5), plant.ago(days=1))
    assert (found.start, found.start_score) == (plant.ago(days=5), 70)
    assert [one.score for one in found.points] == [60]
    quiet = await history(plant, vibration.machine_id, plant.ago(days=4), plant.ago(days=2))
    assert (quiet.start_score, quiet.points) == (60, [])


async def test_before_the_machine_there_was_no_score(plant: HealthyPlant, vibration: Metric) -> None:
    found = await history(plant, vibration.machine_id, plant.ago(days=300), utc_now() + timedelta(minutes=1))
    assert (found.start_score, found.points) == (100, [])
    async with plant.worker.reading(plant.tenant_id) as work:
        machine = await get_machine(work, vibration.machine_id)
    assert machine is not None
    assert found.start == machine.created_at
    before = await history(plant, vibration.machine_id, plant.ago(days=300), plant.ago(days=200))
    assert before.start == before.end


async def test_a_year_is_reduced_to_the_points_asked_for_and_no_fall_is_lost(
    plant: HealthyPlant, vibration: Metric
) -> None:
    hourly = [(plant.ago(hours=8_760 - number), 80 + number % 20) for number in range(8_760)]
    hourly[4_010] = (hourly[4_010][0], 3)
    await put(plant, vibration, *hourly)
    found = await history(plant, vibration.machine_id, plant.ago(hours=8_760), plant.now, 300)
    assert found.is_reduced
    assert len(found.points) == 300
    assert sum(one.changes for one in found.points) == 8_760
    assert [one.lowest for one in found.points].count(3) == 1
    assert found.points[-1].at == hourly[-1][0]
    assert found.points[-1].score == hourly[-1][1]
    assert all(one.lowest <= one.score <= one.highest for one in found.points)
    exact = await history(plant, vibration.machine_id, plant.ago(hours=48), plant.now, 48)
    assert (len(exact.points), exact.is_reduced) == (48, False)


async def test_a_window_is_read_from_the_key_alone(plant: HealthyPlant, vibration: Metric) -> None:
    await put(plant, vibration, *[(plant.ago(hours=2_000 - number), number % 90) for number in range(2_000)])
    async with plant.worker.reading(plant.tenant_id) as work:
        await work.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await work.execute(
            text(f"EXPLAIN {history_repository._POINTS.text}"),
            {
                "tenant": plant.tenant_id,
                "machine": vibration.machine_id,
                "start": plant.ago(days=9),
                "end": plant.now,
            },
        )
        assert "Index Only Scan using machine_health_change_pkey" in "\n".join(plan.scalars())


@pytest.mark.parametrize(
    ("start_days", "end_days", "most", "path"),
    [
        (1, 1, 500, "from"),
        (1, 2, 500, "from"),
        (3_700, 0, 500, "from"),
        (1, 0, 0, "maxPoints"),
        (1, 0, 2_001, "maxPoints"),
    ],
)
async def test_bounds_are_told(
    plant: HealthyPlant, vibration: Metric, start_days: int, end_days: int, most: int, path: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await history(plant, vibration.machine_id, plant.ago(days=start_days), plant.ago(days=end_days), most)
    assert list(refused.value.path) == [path]


async def test_more_changes_than_are_given_at_once_are_refused(plant: HealthyPlant, vibration: Metric) -> None:
    async with plant.worker.reading(plant.tenant_id) as work:
        with pytest.raises(ValidationFailed, match="first must be 1 to 200"):
            await health_changes(work, vibration.machine_id, plant.ago(days=1), plant.now, 201)


async def test_another_tenants_machine_is_unknown(
    plant: HealthyPlant, databases: Databases, make_tenant: TenantFactory, vibration: Metric
) -> None:
    await put(plant, vibration, (plant.ago(days=1), 50))
    stranger = await make_tenant()
    async with databases.app.reading(stranger.id) as work:
        assert await health_history(work, vibration.machine_id, plant.ago(days=2), plant.now, 10) is None
        assert await health_history(work, uuid4(), plant.ago(days=2), plant.now, 10) is None
        assert await history_repository.points(work, vibration.machine_id, plant.ago(days=2), plant.now, 10) == []
