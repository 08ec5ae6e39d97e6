from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from plantwright.assets.models import Machine, MachineStatus
from plantwright.core.errors import ValidationFailed
from plantwright.health.fleet import fleet_health, roll_up, roll_up_sites
from plantwright.health.history_repository import MachineScore
from sqlalchemy import text

from tests.backend.health.conftest import HealthyPlant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory


def machine(score: int, *, site: str = "", status: str = "healthy", then: int | None = None) -> MachineScore:
    return MachineScore(uuid4(), f"M{score}", site, status, score, then, then)


def test_nothing_has_no_figures() -> None:
    rollup = roll_up(None, [], 5)
    assert (rollup.machines, rollup.mean_score, rollup.lowest_score, rollup.trend_day) == (0, None, None, None)
    assert set(rollup.by_status.values()) == {0}


def test_machines_are_counted_by_status_and_the_worst_are_named() -> None:
    machines = [
        machine(20, status="critical"),
        machine(60, status="warning"),
        machine(60, status="offline"),
        machine(100),
    ]
    rollup = roll_up(None, machines, 2)
    assert list(rollup.by_status.values()) == [1, 1, 1, 1]
    assert (rollup.mean_score, rollup.lowest_score) == (60.0, 20)
    assert [one.score for one in rollup.worst] == [20, 60]


def test_a_new_machine_moves_no_trend() -> None:
    assert roll_up(None, [machine(0), machine(90, then=100), machine(95, then=95)], 1).trend_day == -5.0
    assert roll_up(None, [machine(0)], 1).trend_week is None


def test_a_site_is_found_however_it_is_written_and_the_lowest_mean_comes_first() -> None:
    machines = [
        machine(40),
        machine(70, site="hall 2"),
        machine(80, site="Hall 2"),
        machine(90, site="Hall 2"),
        machine(100, site="Hall 1"),
    ]
    sites = roll_up_sites(machines, 1)
    assert [(one.site, one.machines, one.mean_score) for one in sites] == [
        (None, 1, 40.0),
        ("Hall 2", 3, 80.0),
        ("Hall 1", 1, 100.0),
    ]


@pytest.fixture
async def sited(plant: HealthyPlant, tenant: MadeTenant, make_machine: MachineFactory) -> list[Machine]:
    """A week old; the first had 100 until two days ago, then 40 until now, the second 50 until an hour ago."""
    machines = [(await make_machine(tenant, f"F-{number}"))[0] for number in range(3)]
    first, second, _ = machines
    changes: list[dict[str, Any]] = [
        {"machine": first.id, "at": plant.ago(days=2), "old": 100, "score": 40},
        {"machine": second.id, "at": plant.ago(days=8), "old": 100, "score": 50},
        {"machine": second.id, "at": plant.ago(hours=1), "old": 50, "score": 90},
    ]
    async with plant.worker.transaction(plant.tenant_id) as work:
        await work.execute(text("UPDATE machine SET created_at = :at, location = NULL"), {"at": plant.ago(days=30)})
        for number, row in enumerate(changes):
            await work.execute(
                text("""
                    INSERT INTO machine_health_change
                    VALUES (:tenant, :machine, :at, :number, :old, :score, :score, 100)"""),
                row | {"tenant": plant.tenant_id, "number": number},
            )
            await work.execute(text("UPDATE machine SET health_score = :score WHERE id = :machine"), row)
        await work.execute(text("UPDATE machine SET location = ' Hall 1 ' WHERE id = :id"), {"id": first.id})
        await work.execute(
            text("UPDATE machine SET created_at = :at WHERE id = :id"), {"id": machines[2].id, "at": plant.ago(hours=2)}
        )
    return machines


async def test_the_fleet_is_rolled_up_with_its_trends(plant: HealthyPlant, sited: list[Machine]) -> None:
    async with plant.worker.reading(plant.tenant_id) as work:
        found = await fleet_health(work, 2, plant.now)
    whole = found.whole
    assert (whole.machines, whole.lowest_score, whole.by_status[MachineStatus.OFFLINE]) == (3, 40, 3)
    assert whole.mean_score == pytest.approx((40 + 90 + 100) / 3)
    # A day ago 40 and 50, a week ago 100 and 50; the third machine was not there.
    assert (whole.trend_day, whole.trend_week) == (20.0, -10.0)
    assert [one.id for one in whole.worst] == [sited[0].id, sited[1].id]
    assert [(site.site, site.machines) for site in found.sites] == [("Hall 1", 1), (None, 2)]
    assert found.at == plant.now


@pytest.mark.parametrize("worst", [-1, 51])
async def test_bounds_are_told(plant: HealthyPlant, worst: int) -> None:
    async with plant.worker.reading(plant.tenant_id) as work:
        with pytest.raises(ValidationFailed, match="worst must be 0 to 50"):
            await fleet_health(work, worst)


async def test_each_tenant_sees_its_own(
    plant: HealthyPlant, sited: list[Machine], databases: Databases, make_tenant: TenantFactory
) -> None:
    stranger = await make_tenant()
    async with databases.app.reading(stranger.id) as work:
        found = await fleet_health(work, 5, plant.now + timedelta(minutes=1))
    assert (found.whole.machines, found.sites) == (0, [])
