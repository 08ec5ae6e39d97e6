from datetime import datetime, timedelta
from typing import Any

import pytest
from plantwright.core.clock import iso_utc, to_milliseconds, utc_now
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.latest import LatestConsumer

from tests.backend.rest.caller import Caller
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = utc_now().replace(microsecond=0)


async def ingest(admin: Caller, identifier: str, seconds_and_values: list[tuple[int, float]]) -> None:
    made = await admin.write("POST", "/settings/api-keys", {"name": "Line 1"}, 201)
    readings = [
        {
            "machine_identifier": identifier,
            "timestamp": iso_utc(NOW - timedelta(seconds=seconds)),
            "metric_name": "vibration_rms",
            "value": value,
            "unit": "mm/s",
        }
        for seconds, value in seconds_and_values
    ]
    answer = await admin.client.post(
        "/api/v1/ingest", json={"readings": readings}, headers={"x-api-key": made["plaintext_key"]}
    )
    assert answer.json()["accepted_count"] == len(readings), answer.text


def window(**more: Any) -> dict[str, Any]:
    return {"from": iso_utc(NOW - timedelta(hours=1)), "to": iso_utc(NOW + timedelta(seconds=1)), **more}


async def test_readings_come_as_columns(
    admin: Caller, viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, _ = await make_machine(tenant, "PUMP-1", {"vibration_rms": "mm/s", "temperature": "celsius"})
    await ingest(admin, "PUMP-1", [(20, 1.5), (10, 2.5), (0, 3.5)])

    shown = await viewer.get(f"/machines/{machine.id}/readings", **window(metrics="vibration_rms"))

    [series] = shown.pop("series")
    assert shown["machine_id"] == str(machine.id)
    assert datetime.fromisoformat(shown["to"]) == NOW + timedelta(seconds=1)
    assert series["values"] == [1.5, 2.5, 3.5]
    assert series["times"] == [to_milliseconds(NOW - timedelta(seconds=seconds)) for seconds in (20, 10, 0)]
    assert (series["metric_name"], series["unit"], series["resolution"]) == ("vibration_rms", "mm/s", "raw")
    assert series["minimums"] is series["maximums"] is series["bucket_seconds"] is None

    every = await viewer.get(f"/machines/{machine.id}/readings", **window())
    assert {column["metric_name"]: len(column["times"]) for column in every["series"]} == {
        "temperature": 0,
        "vibration_rms": 3,
    }


async def test_more_than_max_points_come_in_buckets(
    admin: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, _ = await make_machine(tenant, "PUMP-2")
    await ingest(admin, "PUMP-2", [(second, float(second)) for second in range(10)])

    [series] = (await admin.get(f"/machines/{machine.id}/readings", **window(max_points=1)))["series"]
    assert (series["resolution"], series["bucket_seconds"]) == ("hour", 3601)
    assert (series["values"], series["minimums"], series["maximums"]) == ([4.5], [0.0], [9.0])


async def test_the_newest_reading_of_each_metric(
    admin: Caller, tenant: MadeTenant, make_machine: MachineFactory, databases: Databases
) -> None:
    machine, _ = await make_machine(tenant, "PUMP-3", {"vibration_rms": "mm/s", "silent": "V"})
    await ingest(admin, "PUMP-3", [(20, 1.5), (0, 3.5)])
    assert (await admin.get(f"/machines/{machine.id}/readings/latest"))["readings"] == []
    await run_readings_consumer(databases.worker, tenant.id, LatestConsumer())

    shown = await admin.get(f"/machines/{machine.id}/readings/latest")
    assert shown["machine_id"] == str(machine.id)
    [reading] = shown["readings"]
    assert datetime.fromisoformat(reading.pop("timestamp")) == NOW
    assert reading == {"metric_name": "vibration_rms", "value": 3.5, "unit": "mm/s", "quality": "good"}


@pytest.mark.parametrize(
    ("change", "loc"),
    [
        ({"from": "2026-01-31T08:00:00"}, "from"),
        ({"from": "2026-01-31"}, "from"),
        ({"from": "1700000000"}, "from"),
        ({"max_points": 0}, "max_points"),
        ({"max_points": 10_001}, "max_points"),
        ({"metrics": [f"m{number}" for number in range(101)]}, "metrics"),
        ({"metrics": "x" * 256}, "metrics"),
    ],
)
async def test_wrong_windows_are_refused(
    viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory, change: dict[str, Any], loc: str
) -> None:
    machine, _ = await make_machine(tenant)
    status, detail = await viewer.refused("GET", f"/machines/{machine.id}/readings", params=window() | change)
    assert status == 422
    assert [fault["loc"][:2] for fault in detail] == [["query", loc]]


async def test_a_window_that_ends_before_it_begins(
    viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, _ = await make_machine(tenant)
    params = {"from": iso_utc(NOW), "to": iso_utc(NOW)}
    assert await viewer.refused("GET", f"/machines/{machine.id}/readings", params=params) == (
        422,
        "The window must begin before it ends.",
    )


async def test_an_unknown_metric_is_not_found(viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory) -> None:
    machine, _ = await make_machine(tenant)
    status, detail = await viewer.refused("GET", f"/machines/{machine.id}/readings", params=window(metrics="heat"))
    assert (status, detail) == (404, "The machine has no metric named 'heat'.")
