"""The figures against what a few lines of Python count."""

from datetime import timedelta

import pytest
from plantwright.alerts.insight.performance import Figure, Mark, Performance, performance
from plantwright.assets.models import Metric
from plantwright.core.database import Database

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

DAY = 24 * 60


async def figures_of(database: Database, tenant: MadeTenant, site: str | None = None) -> Performance:
    async with database.reading(tenant.id) as work:
        return await performance(work, site, at(DAY))


async def test_a_quiet_day_and_a_busy_moment(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    metrics = [(await make_machine(tenant, metrics={"level": "mm"}))[1]["level"] for _ in range(12)]
    worst: Metric = metrics[0]
    await plant.find(
        *(finding("started", metric, at(n * 0.5)) for n, metric in enumerate(metrics)),
        finding("ended", worst, at(30)),
        finding("started", worst, at(60), severity="critical"),
        finding("ended", worst, at(61)),
        finding("started", worst, at(61.5), severity="critical"),
    )
    found = await figures_of(databases.app, tenant)
    figure = {one.figure: one for one in found.figures}
    assert (found.alerts, found.positions) == (14, 1)
    assert found.period.begin == at(0)
    assert figure[Figure.ALERTS_PER_DAY].value == 14
    assert figure[Figure.LARGEST_IN_TEN_MINUTES].value == 12
    assert figure[Figure.LARGEST_IN_TEN_MINUTES].mark is Mark.ABOVE
    assert figure[Figure.TEN_MINUTES_ABOVE_10].value == 100 / (DAY / 10)
    assert figure[Figure.HOURS_ABOVE_30].value == 0
    assert figure[Figure.CRITICAL_SHARE].value == 100 * 2 / 14
    # Begun by the eleventh alert at minute 5, quiet from minute 13.5 on.
    assert figure[Figure.TIME_IN_FLOOD].value == pytest.approx(100 * 8.5 / DAY)
    assert figure[Figure.CHATTERING].value == 0
    assert figure[Figure.SUPPRESSED_OUTSIDE_RULES].mark is Mark.WITHIN
    assert figure[Figure.TIME_TO_ACKNOWLEDGE].value is None
    assert (found.bad_actors[0].machine_id, found.bad_actors[0].alerts) == (worst.machine_id, 3)
    assert len(found.bad_actors) == 10
    assert [(day.warning, day.critical) for day in found.days] == [(12, 2)]


async def test_a_site_is_counted_alone_and_another_tenant_not_at_all(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    await plant.find(finding("started", vibration, at(0)))
    assert (await figures_of(databases.app, tenant, "Hall 1")).alerts == 1
    assert (await figures_of(databases.app, tenant, "Hall 2")).alerts == 0


async def test_stale_alerts_are_those_active_for_a_day(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    await plant.find(finding("started", vibration, at(0) - timedelta(hours=1)))
    stale = next(one for one in (await figures_of(databases.app, tenant)).figures if one.figure is Figure.STALE)
    assert stale.value == 1


async def test_no_share_of_a_young_house_is_above_the_whole(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    metrics = [(await make_machine(tenant, metrics={"level": "mm"}))[1]["level"] for _ in range(31)]
    await plant.find(*(finding("started", metric, at(n * 0.1)) for n, metric in enumerate(metrics)))
    async with databases.app.reading(tenant.id) as work:
        found = await performance(work, None, at(5))
    figure = {one.figure: one.value for one in found.figures}
    assert (figure[Figure.HOURS_ABOVE_30], figure[Figure.TEN_MINUTES_ABOVE_10]) == (100, 100)
