from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from plantwright.core.clock import iso_utc, utc_now
from plantwright.health.consumer import HealthConsumer
from plantwright.journal.consumers import run_consumer
from plantwright.journal.service import Journal

from tests.backend.alerts.making import Plant, finding
from tests.backend.rest.caller import Caller
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def machine_id(databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory) -> str:
    """With one critical alert, which took its score from 100 to 85."""
    machine, metrics = await make_machine(tenant, metrics={"flow": "m3/h"})
    plant = Plant(databases.worker, journal, tenant.id)
    await plant.find(finding("started", metrics["flow"], utc_now() - timedelta(minutes=5), severity="critical"))
    await run_consumer(databases.worker, tenant.id, HealthConsumer(journal))
    return str(machine.id)


def window(days: float = 30) -> dict[str, str]:
    return {"from": iso_utc(utc_now() - timedelta(days=days)), "to": iso_utc(utc_now() + timedelta(hours=1))}


async def test_the_history_of_a_score_is_read(viewer: Caller, machine_id: str) -> None:
    found = await viewer.get(f"/machines/{machine_id}/health/history", **window())
    [point] = found["points"]
    assert point | {"at": ""} == {
        "at": "",
        "score": 85,
        "lowest": 85,
        "highest": 100,
        "alert_score": 81,
        "anomaly_score": 95,
        "changes": 1,
    }
    assert (found["machine_id"], found["start_score"], found["is_reduced"]) == (machine_id, 100, False)


@pytest.mark.parametrize(
    ("params", "loc"),
    [({"max_points": "0"}, "max_points"), ({"max_points": "2001"}, "max_points"), ({"from": "yesterday"}, "from")],
)
async def test_bounds_of_a_history_are_told(viewer: Caller, machine_id: str, params: dict[str, str], loc: str) -> None:
    status, detail = await viewer.refused("GET", f"/machines/{machine_id}/health/history", params=window() | params)
    assert status == 422
    assert detail[0]["loc"] == ["query", loc]


async def test_a_window_that_is_too_long_is_told(viewer: Caller, machine_id: str) -> None:
    answer = await viewer.refused("GET", f"/machines/{machine_id}/health/history", params=window(4_000))
    assert answer == (422, "The window may span at most 3660 days.")


async def test_the_fleet_is_rolled_up(viewer: Caller, machine_id: str) -> None:
    found = await viewer.get("/fleet/health", worst="1")
    whole = found["whole"]
    assert (whole["machines"], whole["mean_score"], whole["lowest_score"]) == (1, 85.0, 85)
    assert [one["machine_id"] for one in whole["worst"]] == [machine_id]
    assert {one["status"]: one["machines"] for one in whole["by_status"]} == {
        "healthy": 0,
        "warning": 0,
        "critical": 0,
        "offline": 1,
    }
    assert (whole["trend_24h"], whole["trend_7d"]) == (None, None)
    [site] = found["sites"]
    assert site | {"site": None} == whole


async def test_what_the_detectors_found_is_summed_up(viewer: Caller, machine_id: str) -> None:
    found = await viewer.get(f"/machines/{machine_id}/anomalies/summary")
    assert (found["machine_id"], found["period_hours"], found["total_count"]) == (machine_id, 168, 1)
    [anomaly] = found["anomalies"]
    assert (anomaly["metric_name"], anomaly["count"]) == ("flow", 1)


@pytest.mark.parametrize("path", ["health/history", "anomalies/summary"])
async def test_an_unknown_machine_is_not_found(viewer: Caller, path: str) -> None:
    params = window() if path.endswith("history") else {}
    answer = await viewer.refused("GET", f"/machines/{uuid4()}/{path}", params=params)
    assert answer == (404, "Machine not found.")
