from uuid import uuid4

import pytest
from plantwright.alerts import service
from plantwright.alerts.life_cycle import AlertState
from plantwright.alerts.repository import AlertCursor, AlertFilter, OpenCounts
from plantwright.assets.models import Metric
from plantwright.core.errors import Conflict, NotFound, ValidationFailed

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory


async def test_acknowledging_is_recorded_with_person_and_note(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    async with databases.app.transaction(tenant.id) as work:
        await service.acknowledge(work, plant.journal, tenant.viewer_id, alert.id, "  greased the bearing ")

    [alert] = await plant.alerts()
    assert (alert.acknowledged_by, alert.acknowledge_note) == (tenant.viewer_id, "greased the bearing")
    [record] = await plant.records("alert.acknowledged")
    assert record.actor_id == tenant.viewer_id
    assert record.payload["note"] == "greased the bearing"
    assert record.payload["state"] == "active_acknowledged"
    assert record.payload["machine_id"] == str(vibration.machine_id)


async def test_acknowledging_twice_is_refused_and_writes_nothing(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    async with databases.app.transaction(tenant.id) as work:
        await service.acknowledge(work, plant.journal, tenant.operator_id, alert.id)
    with pytest.raises(Conflict, match="already acknowledged"):
        async with databases.app.transaction(tenant.id) as work:
            await service.acknowledge(work, plant.journal, tenant.viewer_id, alert.id)
    assert await plant.actions() == ["alert.raised", "alert.acknowledged"]
    assert (await plant.alerts())[0].acknowledged_by == tenant.operator_id


@pytest.mark.parametrize("note", ["x" * 2001, "a\x00b"])
async def test_a_note_that_cannot_be_kept_is_refused(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric, note: str
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    with pytest.raises(ValidationFailed, match="note") as refused:
        async with databases.app.transaction(tenant.id) as work:
            await service.acknowledge(work, plant.journal, tenant.operator_id, alert.id, note)
    assert refused.value.path == ("note",)
    assert (await plant.alerts())[0].acknowledged_at is None


async def test_another_tenants_alert_does_not_exist(
    plant: Plant, databases: Databases, make_tenant: TenantFactory, vibration: Metric
) -> None:
    [alert] = await plant.find(finding("started", vibration, at(0)))
    stranger = await make_tenant()
    with pytest.raises(NotFound):
        async with databases.app.transaction(stranger.id) as work:
            await service.acknowledge(work, plant.journal, stranger.admin_id, alert.id)
    async with databases.app.reading(stranger.id) as work:
        with pytest.raises(NotFound):
            await service.get(work, alert.id)
        assert await service.get_many(work, [alert.id]) == {}
        assert await service.page(work, AlertFilter(), None, 10) == []
        assert alert.machine_id is not None
        assert await service.open_counts(work, [alert.machine_id]) == {alert.machine_id: OpenCounts(0, 0)}
    assert (await plant.alerts())[0].acknowledged_at is None


async def test_pages_are_newest_first_without_gap_or_overlap(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics={f"metric_{number}": "mm" for number in range(7)})
    # Pairs share a time, so the id has to decide.
    await plant.find(*(finding("started", metric, at(n // 2)) for n, metric in enumerate(metrics.values())))
    seen, after = [], None
    async with databases.app.reading(tenant.id) as work:
        while page := await service.page(work, AlertFilter(), after, 3):
            assert len(page) <= 3
            seen += [AlertCursor.of(alert) for alert in page]
            after = seen[-1]
        assert await service.count(work, AlertFilter()) == 7
    assert len(seen) == 7
    assert seen == sorted(seen, reverse=True)


async def test_lists_are_narrowed_by_each_field(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    pump, pump_metrics = await make_machine(tenant, metrics={"flow": "m3/h", "pressure": "bar"})
    _, fan_metrics = await make_machine(tenant, metrics={"speed": "rpm"})
    flow, pressure, speed = pump_metrics["flow"], pump_metrics["pressure"], fan_metrics["speed"]
    alerts = await plant.find(
        finding("started", flow, at(0), severity="critical"),
        finding("started", pressure, at(1), detector="ewma"),
        finding("ended", pressure, at(5), detector="ewma"),
        finding("started", speed, at(2)),
        finding("ended", speed, at(6)),
    )
    async with databases.app.transaction(tenant.id) as work:
        await service.acknowledge(work, plant.journal, tenant.operator_id, alerts[2].id)

    async def minutes(where: AlertFilter) -> list[float]:
        async with databases.app.reading(tenant.id) as work:
            page = await service.page(work, where, None, 10)
            assert await service.count(work, where) == len(page)
        return sorted((alert.raised_at - at(0)).total_seconds() / 60 for alert in page)

    assert await minutes(AlertFilter(machine_id=pump.id)) == [0, 1]
    assert await minutes(AlertFilter(severity=["critical", "info"])) == [0]
    assert await minutes(AlertFilter(cause=["ewma"])) == [1]
    assert await minutes(AlertFilter(state=[AlertState.ACTIVE_UNACKNOWLEDGED])) == [0]
    assert await minutes(AlertFilter(state=[AlertState.CLEARED_UNACKNOWLEDGED, AlertState.CLEARED])) == [1, 2]
    assert await minutes(AlertFilter(raised_from=at(1), raised_to=at(2))) == [1]
    assert await minutes(AlertFilter(machine_id=uuid4())) == []

    async with databases.app.reading(tenant.id) as work:
        assert await service.open_counts(work, [pump.id, speed.machine_id]) == {
            pump.id: OpenCounts(1, 1),
            speed.machine_id: OpenCounts(0, 0),
        }
        assert await service.summary(work) == (1, 1, 0, 0, 1, 1)
