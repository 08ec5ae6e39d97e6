from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from plantwright.core.clock import utc_now

from tests.backend.rest.caller import Caller
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW = {"name": "Press", "machine_identifier": "PRESS-1", "protocol": "modbus_tcp"}


async def test_a_machine_is_registered_read_and_changed(operator: Caller, viewer: Caller) -> None:
    made = await operator.write("POST", "/machines", {**NEW, "location": "Hall 2"}, 201)

    assert made | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "",
        "name": "Press",
        "machine_identifier": "PRESS-1",
        "kind": "other",
        "protocol": "modbus_tcp",
        "location": "Hall 2",
        "status": "offline",
        "health_score": 100,
        "last_reading_at": None,
        "active_alert_count": 0,
        "unacknowledged_alert_count": 0,
        "created_at": "",
        "updated_at": "",
    }
    assert made["created_at"].endswith("Z")
    assert abs((utc_now() - datetime.fromisoformat(made["created_at"])).total_seconds()) < 60

    changed = await operator.write("PATCH", f"/machines/{made['id']}", {"kind": "pump", "location": None})
    assert (changed["name"], changed["kind"], changed["location"]) == ("Press", "pump", None)
    assert await viewer.get(f"/machines/{made['id']}") == {**changed, "agents": []}


async def test_the_same_identifier_twice_is_a_conflict(operator: Caller) -> None:
    await operator.write("POST", "/machines", NEW, 201)
    assert await operator.refused("POST", "/machines", json=NEW) == (
        409,
        "A machine with this identifier already exists for this tenant.",
    )


async def test_a_rule_of_the_domain_is_told_as_text(operator: Caller) -> None:
    status, detail = await operator.refused("POST", "/machines", json={**NEW, "name": "  "})
    assert status == 422
    assert isinstance(detail, str)
    assert detail.startswith("name ")


@pytest.mark.parametrize(
    ("change", "loc", "kind"),
    [
        ({"protocol": "profibus"}, ["body", "protocol"], "enum"),
        ({"protocol": "OPC_UA"}, ["body", "protocol"], "enum"),
        ({"name": 5}, ["body", "name"], "string_type"),
        ({"colour": "red"}, ["body", "colour"], "extra_forbidden"),
        ({"identifier": "X"}, ["body", "identifier"], "extra_forbidden"),
    ],
)
async def test_a_body_of_the_wrong_shape_names_its_faults(
    operator: Caller, change: dict[str, Any], loc: list[str], kind: str
) -> None:
    status, detail = await operator.refused("POST", "/machines", json=NEW | change)
    assert status == 422
    assert [(fault["loc"], fault["type"]) for fault in detail] == [(loc, kind)]
    assert all(set(fault) == {"loc", "msg", "type"} for fault in detail)


async def test_missing_fields_are_all_named(operator: Caller) -> None:
    status, detail = await operator.refused("POST", "/machines", json={})
    assert status == 422
    assert [fault["loc"] for fault in detail] == [
        ["body", "name"],
        ["body", "machine_identifier"],
        ["body", "protocol"],
    ]


async def test_lists_are_filtered_and_sorted(viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory) -> None:
    for name in ("B-2", "A-1", "C-3"):
        await make_machine(tenant, name)

    listed = await viewer.get("/machines")
    assert [machine["machine_identifier"] for machine in listed["items"]] == ["A-1", "B-2", "C-3"]
    assert listed | {"items": []} == {"items": [], "total": 3, "page": 1, "page_size": 20, "total_pages": 1}
    found = await viewer.get("/machines", search="b-2", kind=["pump", "spindle"], status="offline")
    assert [machine["machine_identifier"] for machine in found["items"]] == ["B-2"]
    assert (await viewer.get("/machines", status=["healthy", "warning"]))["total"] == 0
    assert (await viewer.get("/machines", sort_by="health_score", sort_dir="asc"))["total"] == 3


@pytest.mark.parametrize(
    ("params", "loc"),
    [
        ({"page": 0}, "page"),
        ({"page": "two"}, "page"),
        ({"page_size": 101}, "page_size"),
        ({"status": ["healthy", "broken"]}, "status"),
        ({"sort_dir": "desc"}, "sort_dir"),
        ({"search": "x" * 201}, "search"),
        ({"search": ["a", "b"]}, "search"),
        ({"statsu": "healthy"}, "statsu"),
        ({"group_id": str(uuid4())}, "group_id"),
    ],
)
async def test_wrong_parameters_are_named(viewer: Caller, params: dict[str, Any], loc: str) -> None:
    status, detail = await viewer.refused("GET", "/machines", params=params)
    assert status == 422
    assert [fault["loc"][:2] for fault in detail] == [["query", loc]]


async def test_metrics_and_health_of_a_machine(
    viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, metrics = await make_machine(tenant, metrics={"vibration_rms": "mm/s", "current": "A"})

    shown = await viewer.get(f"/machines/{machine.id}/metrics")
    assert shown["machine_id"] == str(machine.id)
    assert [(metric["name"], metric["unit"], metric["id"]) for metric in shown["metrics"]] == [
        ("current", "A", str(metrics["current"].id)),
        ("vibration_rms", "mm/s", str(metrics["vibration_rms"].id)),
    ]
    assert shown["metrics"][0]["detection"]["confirm_readings"] == 3

    health = (await viewer.get(f"/machines/{machine.id}/health"))["health"]
    assert health["score"] == 100
    assert health["anomaly_episodes"] == 0
    assert {"alert_score", "anomaly_score", "anomaly_weight", "deductions", "computed_at"} < set(health)
