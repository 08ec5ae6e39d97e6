from datetime import timedelta
from typing import Any

import pytest
from plantwright.alerts.models import Alert
from plantwright.core.clock import iso_utc, utc_now

from tests.backend.rest.caller import Caller
from tests.factories import MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_on_the_screen_is_acknowledged_at_once(viewer: Caller, alerts: list[Alert]) -> None:
    ids = [str(alert.id) for alert in alerts]
    await viewer.write("POST", f"/alerts/{ids[0]}/acknowledge", {})
    counts = await viewer.write("POST", "/alerts/bulk/acknowledge", {"alert_ids": ids, "note": "Seen"})
    assert counts == {"acknowledged_count": 1, "already_acknowledged_count": 1}
    assert (await viewer.refused("POST", "/alerts/bulk/acknowledge", json={"alert_ids": []}))[0] == 422
    assert (await viewer.refused("POST", "/alerts/bulk/acknowledge", json={"alert_ids": ids * 51}))[0] == 422


async def test_looking_and_judging(viewer: Caller, alerts: list[Alert]) -> None:
    path = f"/alerts/{alerts[0].id}"
    assert (await viewer.write("POST", f"{path}/open", {}))["opened_at"] is not None
    body = {"note": "The sensor is loose", "outcome": "false_alarm"}
    assert (await viewer.write("POST", f"{path}/acknowledge", body))["outcome"] == "false_alarm"
    assert (await viewer.write("POST", f"{path}/judge", {"outcome": "nuisance"}))["outcome"] == "nuisance"
    assert (await viewer.write("POST", f"{path}/judge", {"outcome": None}))["outcome"] is None
    assert (await viewer.refused("POST", f"{path}/judge", json={"outcome": "boring"}))[0] == 422
    assert (await viewer.refused("POST", f"{path}/judge", json={}))[0] == 422
    figures = {one["figure"]: one["value"] for one in (await viewer.get("/alerts/performance"))["figures"]}
    assert (figures["acknowledged_unopened"], figures["false_predictions"]) == (0, None)


async def test_snoozing_is_timed_shelving(operator: Caller, viewer: Caller, alerts: list[Alert]) -> None:
    path = f"/alerts/{alerts[0].id}/snooze"
    body = {"snooze_until": iso_utc(utc_now() + timedelta(hours=2))}
    assert (await viewer.refused("POST", path, json=body))[0] == 403
    shown = await operator.write("POST", path, body)
    assert shown["suppression"] == ["shelved"]
    assert shown["snoozed_until"] is not None
    assert shown["shelf"]["reason"].startswith("Snoozed until ")
    assert [one["id"] for one in (await viewer.get("/alerts/shelved"))["items"]] == [str(alerts[0].id)]
    assert (await operator.refused("POST", path, json=body))[0] == 409
    shown = await operator.write("POST", f"/alerts/{alerts[0].id}/unshelve", {})
    assert (shown["suppression"], shown["snoozed_until"], shown["shelf"]) == ([], None, None)


@pytest.mark.parametrize(
    "body",
    [
        {"snooze_until": "2020-01-01T00:00:00Z"},
        {"snooze_until": "2099-01-01T00:00:00Z"},
        {"snooze_until": "tomorrow"},
        {},
    ],
)
async def test_a_bad_time_is_refused(operator: Caller, alerts: list[Alert], body: dict[str, Any]) -> None:
    assert (await operator.refused("POST", f"/alerts/{alerts[0].id}/snooze", json=body))[0] == 422


async def test_a_critical_alert_waits_for_a_second_person(operator: Caller, admin: Caller, alerts: list[Alert]) -> None:
    asked = await operator.write("POST", f"/alerts/{alerts[1].id}/shelve", {"reason": "Known", "minutes": 30})
    assert (asked["suppression"], asked["shelf"]["state"]) == ([], "requested")
    path = f"/alerts/shelving/{asked['shelf']['id']}/decide"
    assert (await operator.refused("POST", path, json={"approve": True}))[0] == 403
    shown = await admin.write("POST", path, {"approve": True})
    assert (shown["suppression"], shown["shelf"]["state"]) == (["shelved"], "in_force")


async def test_comments_and_assignment(
    viewer: Caller, operator: Caller, alerts: list[Alert], tenant: MadeTenant
) -> None:
    path = f"/alerts/{alerts[0].id}"
    told = await viewer.write("POST", f"{path}/comments", {"body": "Smells of oil"}, status=201)
    assert [(one["is_system"], one["body"]) for one in told["items"]] == [
        (True, "Raised as warning."),
        (False, "Smells of oil"),
    ]
    assert (await viewer.get(f"{path}/comments")) == told
    given = {"assignee_id": str(tenant.admin_id)}
    assert (await viewer.refused("POST", f"{path}/assign", json=given))[0] == 403
    assert (await operator.write("POST", f"{path}/assign", given))["assignee_id"] == str(tenant.admin_id)
    mine = await viewer.get("/alerts", assignee_id=str(tenant.admin_id))
    assert [one["id"] for one in mine["items"]] == [str(alerts[0].id)]


async def test_triage_and_performance(viewer: Caller, alerts: list[Alert]) -> None:
    shown = await viewer.get(f"/alerts/{alerts[0].id}/triage")
    assert [(one["relation"], one["seconds"]) for one in shown["neighbours"]] == [("same_group", 300.0)]
    assert shown["trend"]["metric_id"] == str(alerts[0].metric_id)
    found = await viewer.get("/alerts/performance", site="Hall 1")
    by_name = {one["figure"]: one for one in found["figures"]}
    assert by_name["suppressed_outside_rules"]["mark"] == "within"
    assert await viewer.get("/alerts/sites") == {"items": ["Hall 1"]}
    assert await viewer.get("/alerts/floods") == {"items": []}


async def test_a_machine_goes_out_of_service_and_comes_back(
    operator: Caller, viewer: Caller, alerts: list[Alert]
) -> None:
    body = {"machine_id": str(alerts[0].machine_id), "reason": "New bearing"}
    assert (await viewer.refused("POST", "/out-of-service", json=body))[0] == 403
    away = await operator.write("POST", "/out-of-service", body, status=201)
    assert [one["id"] for one in (await viewer.get("/out-of-service"))["items"]] == [away["id"]]
    assert (await viewer.get(f"/alerts/{alerts[0].id}"))["suppression"] == ["out_of_service"]
    await operator.write("POST", f"/out-of-service/{away['id']}/end", {})
    assert (await viewer.get(f"/alerts/{alerts[0].id}"))["suppression"] == []


async def test_a_running_condition_and_the_settings(admin: Caller, operator: Caller, alerts: list[Alert]) -> None:
    path = f"/machines/{alerts[0].machine_id}/running-condition"
    assert (await operator.refused("GET", path))[0] == 404
    condition = {"metric_id": str(alerts[0].metric_id), "comparison": ">", "value": 1.0}
    answer = await operator.write("PUT", path, {"condition": condition})
    assert answer["condition"]["is_running"] is None
    assert (await operator.get(path))["metric_name"] == "vibration_rms"
    assert (await operator.write("PUT", path, {"condition": None})) == {"condition": None}
    assert (await operator.refused("PATCH", "/alerts/settings", json={"time_zone": "Europe/Berlin"}))[0] == 403
    changed = await admin.write("PATCH", "/alerts/settings", {"time_zone": "Europe/Berlin"})
    assert (changed["time_zone"], changed["shift_starts"]) == ("Europe/Berlin", ["06:00", "14:00", "22:00"])
