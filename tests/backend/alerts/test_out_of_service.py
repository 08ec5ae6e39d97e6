from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from plantwright.alerts.settings import end_of_shift, read_settings, write_settings
from plantwright.alerts.suppression import out_of_service
from plantwright.alerts.suppression.axis import Suppression, suppression_of
from plantwright.assets.models import Metric
from plantwright.core.clock import utc_now
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.journal.service import Fact

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory


async def test_what_is_out_of_service_is_raised_and_not_announced(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    await plant.find(finding("started", vibration, at(0)))
    async with databases.app.transaction(tenant.id) as work:
        row = await out_of_service.begin(
            work, plant.journal, tenant.operator_id, machine_id=vibration.machine_id, reason="New bearing"
        )
    old, new = await plant.find(finding("started", vibration, at(1), detector="ewma"))
    assert suppression_of(old) == suppression_of(new) == [Suppression.OUT_OF_SERVICE]
    assert [payload["is_announced"] for payload in await plant.payloads("alert.raised")] == [True, False]

    async with databases.app.transaction(tenant.id) as work:
        await out_of_service.end(work, plant.journal, tenant.operator_id, row.id)
    returned = await plant.payloads("alert.returned_to_service")
    assert [payload["is_announced"] for payload in returned] == [True, True]
    assert [suppression_of(alert) for alert in await plant.alerts()] == [[], []]
    with pytest.raises(Conflict, match="already"):
        async with databases.app.transaction(tenant.id) as work:
            await out_of_service.end(work, plant.journal, tenant.operator_id, row.id)


async def test_one_metric_alone_and_until_a_time(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant, metrics={"flow": "m3/h", "pressure": "bar"})
    flow, pressure = metrics["flow"], metrics["pressure"]
    until = utc_now() + timedelta(hours=1)
    async with databases.app.transaction(tenant.id) as work:
        await out_of_service.begin(
            work,
            plant.journal,
            tenant.admin_id,
            machine_id=flow.machine_id,
            metric_id=flow.id,
            reason="Sensor is broken",
            until=until,
        )
    alerts = await plant.find(finding("started", flow, at(0)), finding("started", pressure, at(1)))
    assert [suppression_of(alert) for alert in alerts] == [[Suppression.OUT_OF_SERVICE], []]
    await plant.keep_time(until + timedelta(minutes=10))
    [ended] = await plant.payloads("out_of_service.ended")
    assert float(ended["late_seconds"]) == 600
    assert len(await plant.payloads("alert.returned_to_service")) == 1


async def test_bad_wishes_are_refused(
    plant: Plant, databases: Databases, tenant: MadeTenant, make_tenant: TenantFactory, vibration: Metric
) -> None:
    async def begin(error: type[Exception], of: MadeTenant = tenant, **more: object) -> None:
        wish = {"machine_id": vibration.machine_id, "reason": "why", **more}
        with pytest.raises(error):
            async with databases.app.transaction(of.id) as work:
                await out_of_service.begin(work, plant.journal, of.admin_id, **wish)  # type: ignore[arg-type]

    await begin(ValidationFailed, reason="  ")
    await begin(ValidationFailed, until=utc_now())
    await begin(NotFound, machine_id=uuid4())
    await begin(NotFound, metric_id=uuid4())
    await begin(NotFound, of=await make_tenant())
    async with databases.app.transaction(tenant.id) as work:
        await out_of_service.begin(work, plant.journal, tenant.admin_id, machine_id=vibration.machine_id, reason="why")
    await begin(Conflict)


def order_fact(machine_id: object, order_id: object, status: str) -> Fact:
    payload = {"work_order_id": order_id, "number": 7, "machine_id": machine_id, "new_status": status}
    return Fact(
        action="work_order.status_changed", resource_type="work_order", resource_id=str(order_id), payload=payload
    )


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_work_in_progress_takes_the_machine_out_of_service_if_the_house_says_so(
    plant: Plant, databases: Databases, tenant: MadeTenant, vibration: Metric, is_allowed: bool
) -> None:
    async with databases.app.transaction(tenant.id) as work:
        await write_settings(work, plant.journal, tenant.admin_id, out_of_service_with_work_order=is_allowed)
    order = uuid4()
    [alert] = await plant.find(
        finding("started", vibration, at(0)), order_fact(vibration.machine_id, order, "in_progress")
    )
    assert suppression_of(alert) == ([Suppression.OUT_OF_SERVICE] if is_allowed else [])
    [alert] = await plant.find(order_fact(vibration.machine_id, order, "completed"))
    assert suppression_of(alert) == []


async def test_shifts_are_in_local_time(databases: Databases, plant: Plant, tenant: MadeTenant) -> None:
    async with databases.app.transaction(tenant.id) as work:
        found = await write_settings(
            work, plant.journal, tenant.admin_id, time_zone="Europe/Berlin", shift_starts=["18:00", "06:00"]
        )
        assert found == await read_settings(work)
    assert found.shift_starts == ["06:00", "18:00"] or tuple(found.shift_starts) == ("06:00", "18:00")
    assert end_of_shift(found, at(0)).isoformat() == "2026-03-01T18:00:00+01:00"
    assert end_of_shift(found, at(6 * 60)).isoformat() == "2026-03-02T06:00:00+01:00"
    refused: list[dict[str, Any]] = [{"time_zone": "Mars/Base"}, {"shift_starts": ["25:00"]}, {"shift_starts": []}]
    for wrong in refused:
        with pytest.raises(ValidationFailed):
            async with databases.app.transaction(tenant.id) as work:
                await write_settings(work, plant.journal, tenant.admin_id, **wrong)


async def test_settings_that_others_changed_meanwhile_are_not_written_over(
    databases: Databases, plant: Plant, tenant: MadeTenant
) -> None:
    async with databases.app.transaction(tenant.id) as work:
        seen = (await read_settings(work)).version
        theirs = await write_settings(
            work, plant.journal, tenant.admin_id, time_zone="Europe/Berlin", expected_version=seen
        )
    assert theirs.version != seen
    with pytest.raises(Conflict, match="meanwhile"):
        async with databases.app.transaction(tenant.id) as work:
            await write_settings(work, plant.journal, tenant.admin_id, time_zone="UTC", expected_version=seen)
    async with databases.app.transaction(tenant.id) as work:
        assert await read_settings(work) == theirs
