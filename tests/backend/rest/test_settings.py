from typing import Any

import pytest

from tests.backend.rest.caller import Caller
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_settings_of_the_tenant(admin: Caller, viewer: Caller) -> None:
    before = await viewer.get("/settings")
    changed = await admin.write(
        "PATCH", "/settings", {"anomaly_weight": 0.5, "detection": {"ewma_lambda": 0.3, "clear_seconds": 90}}
    )
    assert changed["anomaly_weight"] == 0.5
    assert changed["offline_after_seconds"] == before["offline_after_seconds"]
    assert changed["detection"] == before["detection"] | {"ewma_lambda": 0.3, "clear_seconds": 90}
    assert await viewer.get("/settings") == changed


@pytest.mark.parametrize(
    "change",
    [
        {"anomaly_weight": 1.5},
        {"anomaly_weight": "0.5"},
        {"offline_after_seconds": 2**31},
        {"offline_after_seconds": 1},
        {"detection": {"ewma_lambda": 2}},
        {"detection": {"ewmaLambda": 0.3}},
        {"anomaly_weight": 0.5, "detection": {"confirm_readings": 0}},
    ],
)
async def test_wrong_settings_change_nothing(admin: Caller, change: dict[str, Any]) -> None:
    before = await admin.get("/settings")
    status, _ = await admin.refused("PATCH", "/settings", json=change)
    assert status == 422
    assert await admin.get("/settings") == before


async def test_a_metric_gets_settings_of_its_own_and_loses_them(
    operator: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant)
    path = f"/metrics/{metrics['vibration_rms'].id}/detection"

    own = await operator.write("PATCH", path, {"baseline_threshold": 4.5})
    assert own["has_own_detection"] is True
    assert own["detection"]["baseline_threshold"] == 4.5
    dropped = await operator.send("DELETE", path)
    assert dropped.status_code == 200
    assert dropped.json()["has_own_detection"] is False
    assert dropped.json()["detection"]["baseline_threshold"] == 5.0
