"""Settings of the machine as a whole: a default, a machine's own over it, tried before they are saved."""

from typing import Any

import httpx
import pytest
import pytest_asyncio
from plantwright.core.settings import Settings
from plantwright.identity.models import Role

from tests.backend.rest.caller import Caller
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEFAULTS = {"enabled": True, "threshold": 1.0, "confirm_frames": 3, "clear_seconds": 60, "critical_factor": 2.0}
PERIOD = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}


@pytest_asyncio.fixture(loop_scope="session")
async def path(tenant: MadeTenant, make_machine: MachineFactory) -> str:
    machine, _ = await make_machine(tenant)
    return f"/machines/{machine.id}/chart"


async def test_a_machine_has_what_it_does_not_take_from_the_default(admin: Caller, path: str) -> None:
    before = await admin.get(path)
    assert (before["has_own_settings"], before["settings"]) == (False, DEFAULTS)
    assert (await admin.get("/settings"))["machine_chart"] == DEFAULTS

    own = await admin.write("PATCH", path, {"threshold": 1.5, "clear_seconds": 90})
    assert own == {**before, "has_own_settings": True, "settings": DEFAULTS | {"threshold": 1.5, "clear_seconds": 90}}
    changed = await admin.write("PATCH", "/settings", {"machine_chart": {"threshold": 3, "confirm_frames": 5}})
    assert changed["machine_chart"] == DEFAULTS | {"threshold": 3.0, "confirm_frames": 5}
    both = DEFAULTS | {"threshold": 1.5, "clear_seconds": 90, "confirm_frames": 5}
    assert (await admin.get(path))["settings"] == both

    dropped = await admin.write("DELETE", path, None)
    assert (dropped["has_own_settings"], dropped["settings"]) == (False, changed["machine_chart"])
    actions = [row["action"] for row in (await admin.get("/audit-records", action_prefix="machine.chart"))["items"]]
    assert actions == ["machine.chart_settings_changed"] * 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"threshold": 0.1}, "threshold must be a number from 0.5 to 100, not 0.1."),
        ({"confirm_frames": 0}, "confirm_frames must be a whole number from 1 to 1000, not 0."),
        ({"critical_factor": 101}, "critical_factor must be a number from 1 to 100, not 101.0."),
    ],
)
async def test_what_is_out_of_range_is_refused(admin: Caller, path: str, body: dict[str, Any], reason: str) -> None:
    for refused in (
        await admin.refused("PATCH", path, json=body),
        await admin.refused("PATCH", "/settings", json={"machine_chart": body}),
        await admin.refused("POST", f"{path}/trial", json={**PERIOD, "settings": body}),
    ):
        status, message = refused
        assert (status, reason in str(message)) == (422, True), refused
    assert (await admin.get(path))["settings"] == DEFAULTS
    assert (await admin.get("/settings"))["machine_chart"] == DEFAULTS


async def test_a_trial_says_what_would_be_found(admin: Caller, path: str) -> None:
    found = await admin.write("POST", f"{path}/trial", {**PERIOD, "settings": {"threshold": 2}, "max_points": 10})
    assert found["present"]["settings"] == DEFAULTS
    assert found["proposed"]["settings"] == DEFAULTS | {"threshold": 2.0}
    assert (found["reading_count"], found["judged_count"], found["alerts"]) == (0, 0, [])
    assert found["present"]["episodes_per_day"] == [0]
    assert found["points"] == {"times": [], "scores": [], "t2_distances": [], "q_distances": []}
    assert (await admin.get(path))["has_own_settings"] is False


async def test_everybody_tries_and_operators_save(
    client: httpx.AsyncClient, settings: Settings, tenant: MadeTenant, path: str
) -> None:
    viewer = Caller.of(client, settings, tenant, Role.VIEWER)
    await viewer.write("POST", f"{path}/trial", PERIOD)
    assert (await viewer.refused("PATCH", path, json={"enabled": False}))[0] == 403
    assert (await viewer.refused("DELETE", path))[0] == 403
    assert (await viewer.get(path))["settings"] == DEFAULTS
    operator = Caller.of(client, settings, tenant, Role.OPERATOR)
    assert (await operator.write("PATCH", path, {"enabled": False}))["settings"]["enabled"] is False
    assert (await operator.refused("PATCH", "/settings", json={"machine_chart": {"enabled": True}}))[0] == 403
