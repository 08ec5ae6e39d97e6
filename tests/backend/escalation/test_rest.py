"""Policies, rotations, overrides and quiet hours as legacy systems see them, and who may write them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from plantwright.core.clock import iso_utc, utc_now
from plantwright.core.settings import Settings
from plantwright.identity.models import Role

from tests.backend.escalation.making import Plant
from tests.backend.rest.caller import Caller
from tests.factories import MadeTenant


@pytest.fixture
def admin(client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant) -> Caller:
    return Caller.of(client, settings, tenant)


@pytest.fixture
def viewer(client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant) -> Caller:
    return Caller.of(client, settings, tenant, Role.VIEWER)


def rotation(tenant: MadeTenant, **options: Any) -> dict[str, Any]:
    layer = {
        "participant_ids": [str(tenant.operator_id), str(tenant.admin_id)],
        "start": "2026-03-02T08:00",
        "turn_unit": "day",
        "turn_count": 1,
    }
    return {"name": "Nights", "time_zone": "Europe/Berlin", "layers": [layer], **options}


async def test_a_chain_is_written_changed_and_deleted(plant: Plant, admin: Caller, viewer: Caller) -> None:
    steps = [
        {"wait_minutes": 0, "channel_ids": [str(plant.channel_id)]},
        {"wait_minutes": 10, "user_ids": [str(plant.tenant.operator_id)]},
    ]
    body = {"name": "Hall 1", "severities": ["warning", "critical"], "sites": ["Hall 1"], "steps": steps, "rounds": 2}
    made = await admin.write("POST", "/escalation-policies", body, 201)
    assert (made["severity"], made["wait_minutes"], made["channel_id"]) == (None, None, None)
    assert (made["severities"], made["rounds"], made["version"]) == (["warning", "critical"], 2, 1)
    assert [[target["kind"] for target in step["targets"]] for step in made["steps"]] == [["channel"], ["user"]]
    path = f"/escalation-policies/{made['id']}"
    changed = await admin.write("PUT", path, {"name": "Hall one", "expected_version": 1})
    assert (changed["name"], changed["sites"], changed["version"]) == ("Hall one", ["Hall 1"], 2)
    assert await viewer.get(path) == changed
    assert (await admin.send("DELETE", path)).status_code == 204
    assert await admin.refused("GET", path) == (404, "Escalation policy not found.")


async def test_the_single_step_form_is_checked(plant: Plant, admin: Caller) -> None:
    async def refused(**body: Any) -> tuple[int, Any]:
        return await admin.refused("POST", "/escalation-policies", json={"name": "x", **body})

    channel = str(plant.channel_id)
    assert await refused(severity="critical", wait_minutes=0, channel_id=channel) == (
        422,
        "waitMinutes must be 1 to 1,440.",
    )
    status, message = await refused(wait_minutes=1_441, channel_id=channel)
    assert (status, "1,441" in message) == (422, True)
    assert await refused(wait_minutes=5) == (422, "channelId is missing: say whom to tell.")
    assert await refused() == (422, "Give steps, or waitMinutes and channelId.")
    assert await refused(wait_minutes=5, channel_id=str(uuid4())) == (404, "Notification channel not found.")
    assert (await refused(wait_minutes=5, channel_id=channel, severity="fatal"))[0] == 422


async def test_a_viewer_reads_and_does_not_write(plant: Plant, viewer: Caller) -> None:
    body = {"name": "x", "wait_minutes": 5, "channel_id": str(plant.channel_id)}
    assert (await viewer.refused("POST", "/escalation-policies", json=body))[0] == 403
    assert (await viewer.refused("POST", "/on-call/rotations", json=rotation(plant.tenant)))[0] == 403
    quiet = {"time_zone": "UTC", "windows": [{"weekdays": [1], "start": "20:00", "end": "06:00"}]}
    assert (await viewer.refused("PUT", "/quiet-hours/tenant", json=quiet))[0] == 403
    channel = f"/notification-channels/{plant.channel_id}/quiet-hours"
    assert (await viewer.refused("PUT", channel, json=quiet))[0] == 403
    assert (await viewer.get("/escalation-policies"))["items"] == []
    assert (await viewer.get("/quiet-hours"))["tenant"] is None


async def test_a_rotation_has_a_calendar_and_overrides(plant: Plant, admin: Caller, viewer: Caller) -> None:
    made = await admin.write("POST", "/on-call/rotations", rotation(plant.tenant), 201)
    assert made["on_call"]["id"] in {str(plant.tenant.operator_id), str(plant.tenant.admin_id)}
    path = f"/on-call/rotations/{made['id']}"
    march = {"from": "2026-03-28T00:00:00Z", "to": "2026-03-30T12:00:00Z"}
    shifts = (await viewer.get(f"{path}/calendar", **march))["items"]
    assert [shift["start"] for shift in shifts] == [
        "2026-03-28T00:00:00Z",
        "2026-03-28T07:00:00Z",
        "2026-03-29T06:00:00Z",
        "2026-03-30T06:00:00Z",
    ]
    now = utc_now()
    times = {"starts_at": iso_utc(now - timedelta(hours=1)), "ends_at": iso_utc(now + timedelta(hours=1))}
    own = {"user_id": str(plant.tenant.viewer_id), **times}
    override = await viewer.write("POST", f"{path}/overrides", own, 201)
    shown = await viewer.get(path)
    assert (shown["on_call"]["id"], shown["overrides"]) == (str(plant.tenant.viewer_id), [override])
    others = {"user_id": str(plant.tenant.operator_id), **times}
    assert (await viewer.refused("POST", f"{path}/overrides", json=others))[0] == 403
    assert (await viewer.send("DELETE", f"/on-call/overrides/{override['id']}")).status_code == 204
    assert (await viewer.get(path))["overrides"] == []


@pytest.mark.parametrize(
    ("window", "status"),
    [
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-02-05T00:00:00Z"}, 200),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-02-05T00:00:01Z"}, 422),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, 422),
        ({"from": "2026-01-02T00:00:00", "to": "2026-01-03T00:00:00"}, 422),
    ],
)
async def test_a_calendar_goes_over_35_days(plant: Plant, admin: Caller, window: dict[str, str], status: int) -> None:
    made = await admin.write("POST", "/on-call/rotations", rotation(plant.tenant), 201)
    answer = await admin.send("GET", f"/on-call/rotations/{made['id']}/calendar", params=window)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_zone": "Moon"}, "no time zone"),
        ({"layers": []}, "1 to 5 entries"),
    ],
)
async def test_what_a_rotation_may_not_say(plant: Plant, admin: Caller, options: dict[str, Any], message: str) -> None:
    status, detail = await admin.refused("POST", "/on-call/rotations", json=rotation(plant.tenant, **options))
    assert (status, message in detail) == (422, True), detail


async def test_quiet_hours_of_the_person_who_asks(plant: Plant, viewer: Caller) -> None:
    body = {
        "time_zone": "Europe/Berlin",
        "windows": [{"weekdays": [1, 2, 3, 4, 5], "start": "22:00", "end": "06:00"}],
        "low_urgency": ["info"],
        "rhythm": "weekly",
        "digest_time": "07:30",
        "digest_weekday": 3,
    }
    shown = (await viewer.write("PUT", "/quiet-hours/mine", body))["own"]
    assert body.items() <= shown.items()
    assert shown["scope"] == "user"
    for wrong in ("25:00", "7", "07:00:01", "07:00Z"):
        bad = {**body, "digest_time": wrong}
        assert await viewer.refused("PUT", "/quiet-hours/mine", json=bad) == (
            422,
            "This must be a time of day such as 07:30.",
        )
    gone = (await viewer.send("DELETE", "/quiet-hours/mine")).json()
    assert gone["own"] is None


async def test_what_comes_next_of_an_alert(plant: Plant, admin: Caller, viewer: Caller) -> None:
    made = await admin.write("POST", "/on-call/rotations", rotation(plant.tenant), 201)
    steps = [
        {"wait_minutes": 5, "channel_ids": [str(plant.channel_id)]},
        {"wait_minutes": 10, "rotation_ids": [made["id"]]},
    ]
    await admin.write("POST", "/escalation-policies", {"name": "Hall 1", "steps": steps}, 201)
    alert = await plant.find()
    [running] = (await viewer.get(f"/alerts/{alert.id}/escalations"))["items"]
    assert (running["policy"], running["state"], running["reason"]) == ("Hall 1", "running", None)
    assert [step["step"] for step in running["upcoming"]] == [1, 2]
    assert running["upcoming"][0]["due_at"] == running["due_at"]
    assert [target["name"] for target in running["upcoming"][1]["targets"]] == ["Nights"]
    assert len(running["upcoming"][1]["on_call"]) == 1
    await plant.acknowledge(alert)
    [ended] = (await viewer.get(f"/alerts/{alert.id}/escalations"))["items"]
    assert (ended["state"], ended["reason"], ended["upcoming"]) == ("ended", "acknowledged", [])
    assert await viewer.refused("GET", f"/alerts/{uuid4()}/escalations") == (404, "Alert not found.")
