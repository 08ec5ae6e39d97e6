from uuid import uuid4

import pytest
from plantwright.alerts import service
from plantwright.alerts.comments import comments_of
from plantwright.alerts.insight.triage import Relation, triage
from plantwright.alerts.models import Alert
from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now
from plantwright.core.errors import NotFound, ValidationFailed

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant


async def three(plant: Plant, tenant: MadeTenant, make_machine: MachineFactory) -> list[Alert]:
    _, metrics = await make_machine(tenant, metrics=dict.fromkeys(("a", "b", "c"), "mm"))
    return await plant.find(*(finding("started", metric, at(n)) for n, metric in enumerate(metrics.values())))


async def test_the_visible_set_is_acknowledged_and_counted(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    alerts = await three(plant, tenant, make_machine)
    async with databases.app.transaction(tenant.id) as work:
        await service.acknowledge(work, plant.journal, tenant.admin_id, alerts[0].id)
    async with databases.app.transaction(tenant.id) as work:
        ids = [alert.id for alert in alerts]
        done = await service.acknowledge_many(work, plant.journal, tenant.viewer_id, [*ids, *ids], "Seen")
    assert (len(done.alerts), done.already) == (3, 1)
    assert [alert.acknowledged_by for alert in await plant.alerts()] == [tenant.admin_id] + [tenant.viewer_id] * 2


async def test_no_acknowledging_across_sites_nor_of_what_does_not_exist(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    alerts = await three(plant, tenant, make_machine)
    async with databases.worker.transaction(tenant.id) as work:
        moved = await service.get(work, alerts[0].id)
        moved.site = "Hall 9"
        work.session.add(moved)
    for ids, error, words in (
        ([alert.id for alert in alerts], ValidationFailed, "several sites .Hall 1, Hall 9."),
        ([alerts[1].id, uuid4()], NotFound, "None was acknowledged"),
        ([], ValidationFailed, "Between 1 and 100"),
        ([uuid4() for _ in range(101)], ValidationFailed, "these are 101"),
    ):
        with pytest.raises(error, match=words):
            async with databases.app.transaction(tenant.id) as work:
                await service.acknowledge_many(work, plant.journal, tenant.admin_id, ids)
    assert await plant.payloads("alert.acknowledged") == []


async def test_comments_tell_the_whole_story(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    async with databases.app.transaction(tenant.id) as work:
        await service.comment(work, plant.journal, tenant.viewer_id, alert.id, "  Smells of oil ")
        await service.assign(work, plant.journal, tenant.admin_id, alert.id, tenant.operator_id)
        await service.acknowledge(work, plant.journal, tenant.operator_id, alert.id, "On my way")
    async with databases.app.reading(tenant.id) as work:
        story = await comments_of(work, alert.id)
    assert [(one.is_system, one.body.split()[0]) for one in story] == [
        (True, "Raised"),
        (False, "Smells"),
        (True, "Given"),
        (True, "Acknowledged:"),
    ]
    assert story[1].author_id == tenant.viewer_id
    assert (await plant.payloads("alert.assigned"))[0]["assignee_id"] == str(tenant.operator_id)


@pytest.mark.parametrize("body", ["", "   ", "x" * 10_001, "a\x00b"])
async def test_a_comment_that_cannot_be_kept_is_refused(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric, body: str
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    with pytest.raises(ValidationFailed, match="body"):
        async with databases.app.transaction(tenant.id) as work:
            await service.comment(work, plant.journal, tenant.viewer_id, alert.id, body)


async def test_an_alert_is_given_only_to_people_who_are_there(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    with pytest.raises(ValidationFailed, match="active user"):
        async with databases.app.transaction(tenant.id) as work:
            await service.assign(work, plant.journal, tenant.admin_id, alert.id, uuid4())


async def test_triage_shows_the_moment_the_neighbours_and_the_last_time(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics={"heat": "°C", "flow": "l/s"})
    heat, flow = metrics["heat"], metrics["flow"]
    await plant.find(
        finding("started", heat, at(-600)),
        finding("ended", heat, at(-590)),
        finding("started", flow, at(-1)),
        finding("started", heat, at(0)),
        finding("ended", heat, at(20)),
    )
    before, beside, alert = await plant.alerts()
    async with databases.app.reading(tenant.id) as work:
        found = await triage(work, alert.id, utc_now())
    assert [one.id for one in found.previous] == [before.id]
    assert [(one.alert.id, one.relation, one.seconds) for one in found.neighbours] == [
        (beside.id, Relation.SAME_GROUP, -60.0)
    ]
    assert found.trend is not None
    assert (found.trend.begin, found.trend.end, found.trend.metric_id) == (at(-30), at(35), heat.id)
