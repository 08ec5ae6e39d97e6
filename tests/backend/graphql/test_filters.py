"""What a list is narrowed by when the text is no id: to nothing, never to everything."""

import pytest
from plantwright.assets.models import Machine
from plantwright.core.clock import utc_now
from plantwright.graphql.context import filter_id
from plantwright.journal.service import Fact, Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.graphql_client import GraphQLClient

RECORDS = "query($filter: AuditRecordFilter) { auditRecords(filter: $filter) { totalCount nodes { sequence } } }"


@pytest.fixture
async def machine(make_machine: MachineFactory, tenant: MadeTenant) -> Machine:
    made, _ = await make_machine(tenant)
    return made


@pytest.mark.parametrize("malformed", ["PUMP-1", "", " ", "null", "00000000", "%", "'; DROP TABLE machine; --"])
async def test_a_malformed_machine_id_matches_no_record(
    *,
    malformed: str,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    machine: Machine,
    graphql: GraphQLClient,
) -> None:
    about = {"machine_id": machine.id, "old_status": "healthy", "new_status": "offline", "health_score": 80}
    nobody = {"alert_id": machine.id, "machine_id": None, "at": utc_now()}
    async with databases.app.transaction(tenant.id) as work:
        await journal.append(
            work,
            Fact(action="machine.status_changed", resource_type="machine", resource_id=str(machine.id), payload=about),
            Fact(action="alert.raised", resource_type="alert", resource_id=str(machine.id), payload=nobody),
        )

    async def count(machine_id: str | None) -> tuple[int, int]:
        page = (await graphql.data(tenant, RECORDS, {"filter": {"machineId": machine_id}}))["auditRecords"]
        return page["totalCount"], len(page["nodes"])

    everything, _ = await count(None)
    of_machine, _ = await count(str(machine.id))
    assert everything > of_machine >= 1
    assert await count(malformed) == (0, 0)


def test_only_a_missing_id_does_not_narrow() -> None:
    assert filter_id(None) is None
    assert filter_id("") is not None
    assert filter_id("PUMP-1") == filter_id("")
