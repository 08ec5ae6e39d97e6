"""What people make of alerts: whether they looked before they acknowledged, and what an alert turned out to be."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from plantwright.alerts import service
from plantwright.alerts.comments import comments_of
from plantwright.alerts.insight.performance import Figure, Mark, performance
from plantwright.alerts.models import Alert, AlertOutcome
from plantwright.assets.models import Metric
from plantwright.core.errors import NotFound

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

A_DAY_LATER = at(24 * 60)


class Desk:
    """What the people of a plant do with its alerts."""

    def __init__(self, plant: Plant, databases: Databases, tenant: MadeTenant) -> None:
        self.plant, self.databases, self.tenant = plant, databases, tenant

    async def open(self, alert: Alert) -> Alert:
        async with self.databases.app.transaction(self.tenant.id) as work:
            return await service.note_opened(work, alert.id)

    async def acknowledge(self, *alerts: Alert, outcome: AlertOutcome | None = None) -> None:
        ids = [alert.id for alert in alerts]
        async with self.databases.app.transaction(self.tenant.id) as work:
            await service.acknowledge_many(work, self.plant.journal, self.tenant.viewer_id, ids, outcome=outcome)

    async def judge(self, alert: Alert, outcome: AlertOutcome | None) -> None:
        async with self.databases.app.transaction(self.tenant.id) as work:
            await service.judge(work, self.plant.journal, self.tenant.viewer_id, alert.id, outcome)

    async def figure(self, figure: Figure, site: str | None = None) -> float | None:
        async with self.databases.app.reading(self.tenant.id) as work:
            found = await performance(work, site, A_DAY_LATER)
        one = next(one for one in found.figures if one.figure is figure)
        assert one.mark is Mark.NONE
        return one.value

    async def comments(self, alert_id: UUID) -> list[str]:
        async with self.databases.app.reading(self.tenant.id) as work:
            return [one.body for one in await comments_of(work, alert_id)]


@pytest.fixture
def desk(plant: Plant, databases: Databases, tenant: MadeTenant) -> Desk:
    return Desk(plant, databases, tenant)


@pytest.fixture
async def five(plant: Plant, tenant: MadeTenant, make_machine: MachineFactory) -> list[Alert]:
    """Four predictions, and the alert of a rule."""
    _, metrics = await make_machine(tenant, metrics=dict.fromkeys("abcde", "mm"))
    a, b, c, d, e = metrics.values()
    rule: dict[str, Any] = {"detector": "rule", "rule_id": str(uuid4()), "message": "Too hot"}
    return await plant.find(
        *(finding("started", metric, at(n)) for n, metric in enumerate((a, b, c, d))),
        finding("started", e, at(4), **rule),
    )


async def test_the_share_acknowledged_without_a_look(desk: Desk, five: list[Alert]) -> None:
    """The example of docs/alerts.md."""
    assert await desk.figure(Figure.ACKNOWLEDGED_UNOPENED) is None
    await desk.open(five[0])
    await desk.acknowledge(*five[:3])
    await desk.open(five[1])
    assert await desk.figure(Figure.ACKNOWLEDGED_UNOPENED) == pytest.approx(100 * 2 / 3)
    assert await desk.figure(Figure.ACKNOWLEDGED_UNOPENED, "elsewhere") is None


async def test_the_share_of_false_predictions(desk: Desk, five: list[Alert]) -> None:
    """The example of docs/alerts.md: a rule predicts nothing, and what nobody judged does not count."""
    assert await desk.figure(Figure.FALSE_PREDICTIONS) is None
    await desk.acknowledge(five[0], outcome=AlertOutcome.FALSE_ALARM)
    await desk.judge(five[1], AlertOutcome.GENUINE)
    await desk.judge(five[2], AlertOutcome.NUISANCE)
    await desk.judge(five[4], AlertOutcome.FALSE_ALARM)
    assert await desk.figure(Figure.FALSE_PREDICTIONS) == pytest.approx(100 * 1 / 3)


async def test_the_first_look_counts_and_nobody_is_named(desk: Desk, plant: Plant, five: list[Alert]) -> None:
    before = await plant.actions("alert.")
    first = await desk.open(five[0])
    again = await desk.open(five[0])
    assert first.opened_at is not None
    assert again.opened_at == first.opened_at
    assert await plant.actions("alert.") == before


async def test_a_rise_of_severity_asks_for_another_look(desk: Desk, plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.open(alert)
    await desk.acknowledge(alert, outcome=AlertOutcome.NUISANCE)
    [alert] = await plant.find(finding("continued", vibration, at(1), severity="critical"))
    assert (alert.opened_at, alert.acknowledged_unopened, alert.outcome) == (None, None, None)
    await desk.acknowledge(alert)
    assert (await plant.alerts())[0].acknowledged_unopened is True


async def test_judgements_are_journaled_once_each(desk: Desk, plant: Plant, vibration: Metric) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    await desk.acknowledge(alert, outcome=AlertOutcome.GENUINE)
    await plant.find(finding("ended", vibration, at(5)))
    await desk.judge(alert, AlertOutcome.FALSE_ALARM)
    await desk.judge(alert, AlertOutcome.FALSE_ALARM)
    await desk.judge(alert, None)
    told = await plant.payloads("alert.judged")
    assert [(one["old_outcome"], one["outcome"]) for one in told] == [
        (None, "genuine"),
        ("genuine", "false_alarm"),
        ("false_alarm", None),
    ]
    said = await desk.comments(alert.id)
    assert [body for body in said if "udged" in body] == [
        "Judged: genuine.",
        "Judged: false alarm.",
        "No longer judged.",
    ]


async def test_an_alert_of_another_tenant_is_not_found(
    databases: Databases, plant: Plant, five: list[Alert], make_tenant: TenantFactory
) -> None:
    stranger = await make_tenant()
    async with databases.app.transaction(stranger.id) as work:
        with pytest.raises(NotFound):
            await service.note_opened(work, five[0].id)
        with pytest.raises(NotFound):
            await service.judge(work, plant.journal, stranger.admin_id, five[0].id, AlertOutcome.GENUINE)
    assert {alert.opened_at for alert in await plant.alerts()} == {None}
