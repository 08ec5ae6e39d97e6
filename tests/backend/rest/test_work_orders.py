import pytest
from plantwright.alerts.models import Alert

from tests.backend.rest.caller import Caller
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_from_alert_to_completed(
    operator: Caller, viewer: Caller, alerts: list[Alert], tenant: MadeTenant
) -> None:
    alert = alerts[0]
    made = await operator.write(
        "POST", "/work-orders", {"alert_id": str(alert.id), "title": "Change bearing", "priority": "high"}, 201
    )
    assert made["machine_id"] == str(alert.machine_id)
    assert (made["number"], made["status"], made["priority"], made["version"]) == (1, "open", "high", 1)
    assert (made["created_by"], made["assigned_to"]) == (str(tenant.operator_id), None)
    assert (await viewer.get(f"/alerts/{alert.id}"))["work_order_id"] == made["id"]

    path = f"/work-orders/{made['id']}"
    started = await operator.write(
        "PATCH",
        path,
        {"expected_version": 1, "status": "in_progress", "assigned_to": str(tenant.operator_id), "description": "Now"},
    )
    assert (started["status"], started["assigned_to"]) == ("in_progress", str(tenant.operator_id))
    done = await operator.write(
        "PATCH", path, {"expected_version": started["version"], "status": "completed", "assigned_to": None}
    )
    assert (done["status"], done["assigned_to"], done["description"]) == ("completed", None, "Now")
    assert await viewer.get(path) == done


async def test_a_change_of_an_old_version_is_a_conflict(
    operator: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, _ = await make_machine(tenant)
    made = await operator.write("POST", "/work-orders", {"machine_id": str(machine.id), "title": "Oil"}, 201)
    path = f"/work-orders/{made['id']}"
    await operator.write("PATCH", path, {"expected_version": 1, "title": "Oil and filter"})

    status, detail = await operator.refused("PATCH", path, json={"expected_version": 1, "title": "Grease"})
    assert status == 409
    assert "at version 2" in detail
    status, detail = await operator.refused("PATCH", path, json={"title": "Grease"})
    assert status == 422
    assert [(fault["loc"], fault["msg"]) for fault in detail] == [(["body", "expected_version"], "Field required")]
    assert (await operator.get(path))["title"] == "Oil and filter"


async def test_lists_are_filtered(operator: Caller, tenant: MadeTenant, make_machine: MachineFactory) -> None:
    first, _ = await make_machine(tenant)
    second, _ = await make_machine(tenant)
    for machine, title in ((first, "Oil"), (second, "Belt")):
        await operator.write(
            "POST",
            "/work-orders",
            {"machine_id": str(machine.id), "title": title, "assigned_to": str(tenant.viewer_id)},
            201,
        )

    async def titles(**params: str) -> list[str]:
        return [order["title"] for order in (await operator.get("/work-orders", **params))["items"]]

    assert await titles() == ["Belt", "Oil"]
    assert await titles(machine_id=str(first.id)) == ["Oil"]
    assert await titles(status="open", assigned_to=str(tenant.viewer_id)) == ["Belt", "Oil"]
    assert await titles(status="completed") == []


async def test_without_machine_and_alert_nothing_is_made(operator: Caller) -> None:
    status, _ = await operator.refused("POST", "/work-orders", json={"title": "Sweep"})
    assert status == 422
    assert (await operator.get("/work-orders"))["total"] == 0
