"""What is stored, for admins; and a clean-up from the request to the journal."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import httpx
import pytest
from plantwright.core.settings import Settings
from plantwright.identity.models import Role
from plantwright.journal.service import Journal
from plantwright.readings.storage.service import measure, run_cleanup

from tests.backend.readings.stored import Shelf
from tests.backend.rest.caller import Caller
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

pytestmark = pytest.mark.asyncio(loop_scope="session")

MONTH = datetime(2014, 1, 1, tzinfo=UTC)


async def nothing_to_merge(_tenant_id: UUID) -> None:
    """All of it lies in whole hours already."""


async def test_what_is_stored_is_shown_once_measured(
    *, admin: Caller, settings: Settings, databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    before = await admin.get("/storage")
    assert before["measured_at"] is None
    assert (before["months"], before["readings"], before["oldest"], before["cleanup"]) == ([], 0, None, None)
    assert before["tier"] == "enterprise"
    assert before["retention"] == {"raw_days": 3650, "minute_days": 5475, "hour_days": 7300, "day_days": 7300}

    _, metrics = await make_machine(tenant)
    owner = await asyncpg.connect(settings.owner_url())
    await Shelf(owner, tenant, metrics["vibration_rms"]).put_hours(MONTH, 2)
    await owner.close()
    await measure(databases.worker, tenant.id)

    after = await admin.get("/storage")
    assert [(month["month"], month["readings"]) for month in after["months"]] == [("2014-01-01T00:00:00Z", 120)]
    assert (after["segments"], after["unmerged_segments"], after["readings"]) == (2, 0, 120)
    assert (after["oldest"], after["newest"]) == ("2014-01-01T00:00:00Z", "2014-01-01T01:59:00Z")
    assert after["bytes"] == after["months"][0]["bytes"] > 0


async def test_a_clean_up_from_request_to_journal(
    *,
    admin: Caller,
    settings: Settings,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> None:
    _, metrics = await make_machine(tenant)
    owner = await asyncpg.connect(settings.owner_url())
    await Shelf(owner, tenant, metrics["vibration_rms"]).put_hours(MONTH, 2)
    await owner.close()

    asked = await admin.write("POST", "/storage/cleanup", None, 202)
    again = await admin.write("POST", "/storage/cleanup", None, 202)
    assert again["cleanup"] == asked["cleanup"]
    assert asked["cleanup"]["requested_by"] == str(tenant.admin_id)
    assert asked["cleanup"]["started_at"] is asked["cleanup"]["finished_at"] is None

    assert await run_cleanup(databases.worker, journal, tenant.id, nothing_to_merge)

    done = await admin.get("/storage")
    assert done["cleanup"]["finished_at"] is not None
    assert (done["cleanup"]["deleted_segments"], done["cleanup"]["deleted_readings"]) == (2, 120)
    assert done["months"] == []
    records = (await admin.get("/audit-records", action_prefix="storage."))["items"]
    assert [(row["action"], row["actor_id"]) for row in records] == [
        ("storage.cleaned", str(tenant.admin_id)),
        ("storage.cleanup_requested", str(tenant.admin_id)),
    ]
    assert records[0]["payload"] == {"segments": 2, "readings": 120, "rollups": 0}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
async def test_only_admins_see_and_clean(
    client: httpx.AsyncClient, admin: Caller, settings: Settings, tenant: MadeTenant, role: Role
) -> None:
    someone = Caller.of(client, settings, tenant, role)
    assert (await someone.refused("GET", "/storage"))[0] == 403
    assert (await someone.refused("POST", "/storage/cleanup"))[0] == 403
    assert (await admin.get("/storage"))["cleanup"] is None
