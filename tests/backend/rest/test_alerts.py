from typing import Any

import pytest
from plantwright.alerts.models import Alert
from plantwright.core.clock import iso_utc

from tests.backend.alerts.making import at
from tests.backend.rest.caller import Caller
from tests.factories import MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ids(caller: Caller, **params: Any) -> list[str]:
    return [alert["id"] for alert in (await caller.get("/alerts", **params))["items"]]


async def test_an_alert_is_shown_with_its_evidence(viewer: Caller, alerts: list[Alert]) -> None:
    warning = alerts[0]
    shown = await viewer.get(f"/alerts/{warning.id}")

    assert shown["machine_id"] == str(warning.machine_id)
    assert (shown["severity"], shown["cause"], shown["state"]) == (
        "warning",
        "static_baseline",
        "active_unacknowledged",
    )
    assert (shown["metric_name"], shown["unit"], shown["metric_value"]) == ("vibration_rms", "mm/s", 9.21)
    assert (shown["score"], shown["threshold_value"]) == (6.3, 5.0)
    assert shown["evidence"]["inputs"]["mean"] == "2.1"
    assert shown["created_at"] == "2026-03-01T12:00:00Z"
    assert (shown["is_acknowledged"], shown["acknowledged_by"], shown["work_order_id"]) == (False, None, None)
    assert (await viewer.get("/alerts"))["items"][1] == shown


async def test_viewers_acknowledge_and_only_once(viewer: Caller, alerts: list[Alert], tenant: MadeTenant) -> None:
    path = f"/alerts/{alerts[0].id}/acknowledge"
    answer = await viewer.send("POST", path)
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["is_acknowledged"], shown["acknowledged_by"]) == (True, str(tenant.viewer_id))
    assert shown["acknowledged_at"].endswith("Z")
    assert shown["acknowledge_note"] is None

    status, detail = await viewer.refused("POST", path)
    assert status == 409
    assert detail.startswith("This alert was already acknowledged at ")


async def test_a_note_is_kept_and_bounded(viewer: Caller, alerts: list[Alert]) -> None:
    path = f"/alerts/{alerts[0].id}/acknowledge"
    status, _ = await viewer.refused("POST", path, json={"note": "x" * 2001})
    assert status == 422
    shown = await viewer.write("POST", path, {"note": "Bearing ordered."})
    assert shown["acknowledge_note"] == "Bearing ordered."


async def test_filters(viewer: Caller, alerts: list[Alert]) -> None:
    warning, critical = (str(alert.id) for alert in alerts)
    await viewer.write("POST", f"/alerts/{warning}/acknowledge", {})

    assert await ids(viewer) == [critical, warning]
    assert await ids(viewer, severity="critical") == [critical]
    assert await ids(viewer, severity=["critical", "warning"]) == [critical, warning]
    assert await ids(viewer, is_acknowledged="true") == [warning]
    assert await ids(viewer, is_acknowledged="false") == [critical]
    assert await ids(viewer, start_date=iso_utc(at(5))) == [critical]
    assert await ids(viewer, end_date=iso_utc(at(5))) == [warning]
    assert await ids(viewer, machine_id=str(alerts[0].machine_id)) == [critical, warning]
    assert await ids(viewer, machine_id="0190a5b0-0000-7000-8000-000000000000") == []
    assert await ids(viewer, cause="ewma") == []


async def test_counts(viewer: Caller, alerts: list[Alert]) -> None:
    await viewer.write("POST", f"/alerts/{alerts[0].id}/acknowledge", {})
    assert await viewer.get("/alerts/stats") == {
        "total_active": 2,
        "critical_count": 1,
        "warning_count": 1,
        "info_count": 0,
        "unacknowledged_count": 1,
    }


@pytest.mark.parametrize(
    ("params", "loc"),
    [
        ({"machine_id": "PUMP-1"}, "machine_id"),
        ({"severity": "severe"}, "severity"),
        ({"is_acknowledged": "maybe"}, "is_acknowledged"),
        ({"start_date": "yesterday"}, "start_date"),
    ],
)
async def test_wrong_filters_are_named(viewer: Caller, params: dict[str, Any], loc: str) -> None:
    status, detail = await viewer.refused("GET", "/alerts", params=params)
    assert status == 422
    assert [fault["loc"][:2] for fault in detail] == [["query", loc]]
