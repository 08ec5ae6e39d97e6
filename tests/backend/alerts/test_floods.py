from datetime import timedelta

from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now

from tests.backend.alerts.making import Plant, at, finding
from tests.factories import MachineFactory, MadeTenant


async def machines(make_machine: MachineFactory, tenant: MadeTenant, count: int) -> list[Metric]:
    return [(await make_machine(tenant, metrics={"level": "mm"}))[1]["level"] for _ in range(count)]


async def test_the_eleventh_alert_in_ten_minutes_begins_a_flood(
    plant: Plant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    metrics = await machines(make_machine, tenant, 12)
    await plant.find(*(finding("started", metric, at(n * 0.5)) for n, metric in enumerate(metrics[:10])))
    assert await plant.actions("alert_flood.") == []
    await plant.find(*(finding("started", metric, at(5 + n)) for n, metric in enumerate(metrics[10:])))
    [began] = await plant.payloads("alert_flood.began")
    assert (began["alerts"], began["site"]) == (11, "Hall 1")
    told = await plant.payloads("alert.raised")
    assert [payload["is_flood"] for payload in told] == [False] * 10 + [True, True]
    assert len(await plant.alerts()) == 12

    # The fifth newest alert came at minute 4: from minute 14 on there are fewer than five.
    await plant.keep_time(utc_now())
    [ended] = await plant.payloads("alert_flood.ended")
    assert (ended["ended_at"], ended["alerts"], ended["peak"]) == ("2026-03-01T12:13:30.000000Z", 12, 12)


async def test_alerts_of_the_site_join_the_first_of_the_flood(
    plant: Plant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    metrics = await machines(make_machine, tenant, 12)
    alerts = await plant.find(*(finding("started", metric, at(n * 0.2)) for n, metric in enumerate(metrics)))
    first = alerts[0]
    assert [alert.group_id for alert in alerts[:10]] == [None] * 10
    assert {alert.group_id for alert in alerts[10:]} == {first.id}


async def test_a_flood_that_is_over_ends_before_the_next_alert(
    plant: Plant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    metrics = await machines(make_machine, tenant, 12)
    await plant.find(*(finding("started", metric, at(n * 0.2)) for n, metric in enumerate(metrics[:11])))
    await plant.find(finding("started", metrics[11], at(60)))
    assert await plant.actions("alert_flood.") == ["alert_flood.began", "alert_flood.ended"]
    assert (await plant.payloads("alert.raised"))[-1]["is_flood"] is False


async def test_floods_are_the_same_however_the_findings_are_split(
    plant: Plant, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    metrics = await machines(make_machine, tenant, 14)
    for n, metric in enumerate(metrics):
        await plant.find(finding("started", metric, at(n * 0.5)))
    await plant.keep_time(utc_now() + timedelta(seconds=1))
    [ended] = await plant.payloads("alert_flood.ended")
    assert (ended["began_at"], ended["ended_at"], ended["peak"]) == (
        "2026-03-01T12:05:00.000000Z",
        "2026-03-01T12:14:30.000000Z",
        14,
    )
