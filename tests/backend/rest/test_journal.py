import pytest
from plantwright.core.clock import iso_utc, utc_now

from tests.backend.rest.caller import Caller
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_records_newest_first_and_filtered(
    admin: Caller, viewer: Caller, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    machine, _ = await make_machine(tenant)
    before = iso_utc(utc_now())
    await admin.write("PATCH", f"/machines/{machine.id}", {"name": "Renamed"})

    listed = await viewer.get("/audit-records")
    newest, previous = listed["items"][:2]
    assert newest["action"] == "machine.updated"
    assert newest["resource_id"] == str(machine.id)
    assert newest["actor_id"] == str(tenant.admin_id)
    assert newest["payload"]["changes"]["name"]["new"] == "Renamed"
    assert newest["prev_hash"] == previous["row_hash"]
    assert newest["sequence"] == previous["sequence"] + 1 == listed["total"]

    async def actions(**params: str) -> list[str]:
        return [record["action"] for record in (await viewer.get("/audit-records", **params))["items"]]

    assert await actions(machine_id=str(machine.id)) == ["machine.updated", "machine.created"]
    assert await actions(action_prefix="machine.", start_date=before) == ["machine.updated"]
    assert await actions(resource_type="machine", end_date=before) == ["machine.created"]
    assert await actions(resource_id="nothing") == []


async def test_verification(viewer: Caller) -> None:
    newest = (await viewer.get("/audit-records", page_size=1))["items"][0]
    found = await viewer.get("/audit-records/verification")
    assert (found["is_intact"], found["records_checked"]) == (True, newest["sequence"])
    assert found["head_hash"] == newest["row_hash"]
    assert (found["fault"], found["first_bad_sequence"]) == (None, None)
    assert found["verified_at"].endswith("Z")
