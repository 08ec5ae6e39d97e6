from typing import Any

import pytest
from plantwright.assets import repository
from plantwright.assets.models import Machine, MachineKind, Protocol
from plantwright.assets.service import create_machine, set_metric_detection, update_machine
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.journal import repository as journal_repository
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory


async def records(databases: Databases, tenant: MadeTenant, prefix: str) -> list[AuditRecord]:
    async with databases.app.reading(tenant.id) as work:
        return list(await journal_repository.read_actions_after(work, 0, [prefix], 100))


async def create(databases: Databases, journal: Journal, tenant: MadeTenant, **values: Any) -> Machine:
    given = {
        "name": " Pump 1 ",
        "identifier": "P-1",
        "kind": MachineKind.PUMP,
        "protocol": Protocol.CSV,
        "location": "  ",
    } | values
    async with databases.app.transaction(tenant.id) as work:
        return await create_machine(work, journal, tenant.admin_id, **given)


async def update(
    databases: Databases, journal: Journal, tenant: MadeTenant, machine: Machine, changes: dict[str, Any]
) -> Machine:
    async with databases.app.transaction(tenant.id) as work:
        return await update_machine(work, journal, tenant.admin_id, machine.id, changes)


async def test_a_machine_is_stored_and_journaled(databases: Databases, journal: Journal, tenant: MadeTenant) -> None:
    machine = await create(databases, journal, tenant)
    assert (machine.name, machine.location, machine.status, machine.health_score) == ("Pump 1", None, "offline", 100)
    (row,) = await records(databases, tenant, "machine.created")
    assert row.actor_id == tenant.admin_id
    assert row.payload == {"machine_id": str(machine.id), "identifier": "P-1", "name": "Pump 1", "kind": "pump"}


async def test_an_identifier_is_taken_once_per_tenant(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_tenant: TenantFactory
) -> None:
    await create(databases, journal, tenant)
    with pytest.raises(Conflict) as refusal:
        await create(databases, journal, tenant)
    assert refusal.value.path == ("identifier",)
    await create(databases, journal, await make_tenant())
    assert len(await records(databases, tenant, "machine.created")) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("name", " "), ("name", "x" * 201), ("identifier", ""), ("identifier", "x" * 101)]
)
async def test_names_have_bounds(
    databases: Databases, journal: Journal, tenant: MadeTenant, field: str, value: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await create(databases, journal, tenant, **{field: value})
    assert refusal.value.path == (field,)


async def test_a_change_is_journaled_with_old_and_new(
    databases: Databases, journal: Journal, tenant: MadeTenant
) -> None:
    machine = await create(databases, journal, tenant)
    for _ in range(2):
        changed = await update(databases, journal, tenant, machine, {"name": "Pump 2", "location": "Hall 3"})
    assert (changed.name, changed.location, changed.kind) == ("Pump 2", "Hall 3", "pump")
    (row,) = await records(databases, tenant, "machine.updated")
    assert row.payload["changes"] == {
        "name": {"old": "Pump 1", "new": "Pump 2"},
        "location": {"old": None, "new": "Hall 3"},
    }


async def test_the_settings_of_a_metric_are_journaled_once(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    _, metrics = await make_machine(tenant)
    metric = metrics["vibration_rms"]
    for _ in range(2):
        async with databases.app.transaction(tenant.id) as work:
            await set_metric_detection(work, journal, tenant.admin_id, metric.id, {"threshold": 2.5})
    (row,) = await records(databases, tenant, "metric.settings_changed")
    assert row.payload["changes"] == {"detection": {"old": None, "new": {"threshold": "2.5"}}}
    async with databases.app.reading(tenant.id) as work:
        stored = await repository.get_metric(work, metric.id)
    assert stored is not None
    assert stored.detection == {"threshold": 2.5}


async def test_another_tenants_machine_and_metric_are_not_there(
    databases: Databases, journal: Journal, tenant: MadeTenant, make_tenant: TenantFactory, make_machine: MachineFactory
) -> None:
    machine, metrics = await make_machine(await make_tenant())
    with pytest.raises(NotFound):
        await update(databases, journal, tenant, machine, {"name": "mine now"})
    async with databases.app.transaction(tenant.id) as work:
        with pytest.raises(NotFound):
            await set_metric_detection(work, journal, tenant.admin_id, metrics["vibration_rms"].id, {})
        assert await repository.get_machines(work, [machine.id]) == []
        assert await repository.metrics_of(work, [machine.id]) == []
    assert await records(databases, tenant, "machine.") == []


async def test_pages_follow_each_other_without_gap_or_repeat(
    databases: Databases, tenant: MadeTenant, make_machine: MachineFactory
) -> None:
    made = {(await make_machine(tenant))[0].id for _ in range(7)}
    everything = repository.MachineFilter()
    seen: list[Machine] = []
    async with databases.app.reading(tenant.id) as work:
        while page := await repository.page_by_health(
            work, everything, (seen[-1].health_score, seen[-1].name, seen[-1].id) if seen else None, 3
        ):
            seen += page
        assert await repository.count_machines(work, everything) == 7
        odd = repository.MachineFilter(search="100%_")
        assert await repository.count_machines(work, odd) == 0, "a search is text, not a pattern"
    assert [machine.name for machine in seen] == sorted(machine.name for machine in seen)
    assert sorted(machine.id for machine in seen) == sorted(made)
