"""The worker does the clean-up that an admin asks for, also when the call that should have woken it was lost."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest
from plantwright.core.settings import Settings
from plantwright.readings.storage.repository import request_cleanup

from tests.backend.readings.stored import Shelf
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient
from tests.stack import Stack

LONG_AGO = datetime(2014, 1, 1, tzinfo=UTC)
ASK = "mutation { runStorageCleanup { __typename } }"
LOOK = "{ storage { readings measuredAt cleanup { finishedAt deletedReadings requestedBy { fullName } } } }"


@pytest.mark.parametrize("is_call_lost", [False, True])
async def test_the_worker_cleans_up(
    *,
    is_call_lost: bool,
    stack: Stack,
    settings: Settings,
    databases: Databases,
    graphql: GraphQLClient,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> None:
    assert stack.worker.poll() is None
    _, metrics = await make_machine(tenant)
    owner = await asyncpg.connect(settings.owner_url())
    shelf = Shelf(owner, tenant, metrics["vibration_rms"])
    await shelf.put_hours(LONG_AGO, 5)
    await shelf.put_hours(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0), 1)

    if is_call_lost:
        async with databases.app.transaction(tenant.id) as work:
            await request_cleanup(work, tenant.admin_id)
    else:
        assert await graphql.data(tenant, ASK) == {"runStorageCleanup": {"__typename": "RunStorageCleanupSuccess"}}
    async with asyncio.timeout(90):
        while (found := (await graphql.data(tenant, LOOK))["storage"])["cleanup"]["finishedAt"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    assert found["readings"] == 60
    assert found["cleanup"]["deletedReadings"] == 300
    assert found["cleanup"]["requestedBy"] == {"fullName": f"Admin of {tenant.slug}"}
    assert len(await shelf.starts()) == 1
    await owner.close()
