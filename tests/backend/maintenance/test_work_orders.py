import asyncio
from collections.abc import Awaitable, Callable
from itertools import product
from uuid import UUID, uuid4

import pytest
from plantwright.alerts.models import Alert
from plantwright.assets.models import Metric
from plantwright.core.errors import Conflict, NotFound, ValidationFailed
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from plantwright.maintenance import repository, service
from plantwright.maintenance.models import Priority, WorkOrder, WorkOrderStatus
from plantwright.maintenance.repository import WorkOrderFilter
from plantwright.maintenance.service import WorkOrderChanges
from plantwright.maintenance.status_flow import NEXT, is_closed, require_step
from sqlalchemy import text

from tests.backend.alerts.making import Plant, at, finding
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

OPEN, STARTED = WorkOrderStatus.OPEN, WorkOrderStatus.IN_PROGRESS
DONE, CANCELLED = WorkOrderStatus.COMPLETED, WorkOrderStatus.CANCELLED


class Office:
    """Where an operator of a tenant makes and changes work orders."""

    def __init__(self, databases: Databases, journal: Journal, tenant: MadeTenant) -> None:
        self.app, self.journal, self.tenant = databases.app, journal, tenant

    async def create(self, **fields: object) -> WorkOrder:
        async with self.app.transaction(self.tenant.id) as work:
            return await service.create(
                work,
                self.journal,
                self.tenant.operator_id,
                **{"title": "Grease bearing", **fields},  # type: ignore[arg-type]
            )

    async def update(self, order: WorkOrder, version: int | None = None, **changes: object) -> WorkOrder:
        async with self.app.transaction(self.tenant.id) as work:
            return await service.update(
                work,
                self.journal,
                self.tenant.admin_id,
                order.id,
                expected_version=order.version if version is None else version,
                changes=WorkOrderChanges(**changes),  # type: ignore[arg-type]
            )

    async def all(self) -> list[WorkOrder]:
        async with self.app.reading(self.tenant.id) as work:
            return list(await repository.page_newest_first(work, WorkOrderFilter(), None, 1000))


@pytest.fixture
def office(databases: Databases, journal: Journal, tenant: MadeTenant) -> Office:
    return Office(databases, journal, tenant)


@pytest.fixture
def plant(databases: Databases, journal: Journal, tenant: MadeTenant) -> Plant:
    return Plant(databases.worker, journal, tenant.id)


@pytest.fixture
async def vibration(make_machine: MachineFactory, tenant: MadeTenant) -> Metric:
    _, metrics = await make_machine(tenant, metrics={"vibration_rms": "mm/s"})
    return metrics["vibration_rms"]


@pytest.fixture
async def alert(plant: Plant, vibration: Metric) -> Alert:
    return (await plant.find(finding("started", vibration, at(0))))[0]


async def test_a_work_order_from_an_alert_takes_its_machine_and_keeps_the_link(
    office: Office, plant: Plant, tenant: MadeTenant, alert: Alert
) -> None:
    made = await office.create(alert_id=alert.id, priority=Priority.HIGH, assigned_to=tenant.operator_id)

    [order] = await office.all()
    assert (order.id, order.number, order.version) == (made.id, 1, 1)
    assert (order.machine_id, order.alert_id, order.status) == (alert.machine_id, alert.id, "open")
    assert (order.priority, order.assigned_to, order.created_by) == ("high", tenant.operator_id, tenant.operator_id)
    [record] = await plant.records("work_order.")
    assert (record.action, record.actor_id, record.resource_id) == (
        "work_order.created",
        tenant.operator_id,
        str(order.id),
    )
    assert record.payload["alert_id"] == str(alert.id)
    assert record.payload["machine_id"] == str(alert.machine_id)
    async with office.app.reading(tenant.id) as work:
        assert (await repository.newest_of_alerts(work, [alert.id, uuid4()])).keys() == {alert.id}


async def test_the_newest_work_order_of_an_alert_is_shown(office: Office, alert: Alert) -> None:
    await office.create(alert_id=alert.id)
    second = await office.create(alert_id=alert.id)
    async with office.app.reading(office.tenant.id) as work:
        assert (await repository.newest_of_alerts(work, [alert.id]))[alert.id].id == second.id


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"description": "x" * 10_001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"assigned_to": uuid4()}, "assignedTo"),
        ({"machine_id": None}, "machineId"),
    ],
)
async def test_what_breaks_a_rule_is_refused_and_leaves_nothing(
    office: Office, plant: Plant, vibration: Metric, fields: dict[str, object], path: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await office.create(**{"machine_id": vibration.machine_id, **fields})
    assert refused.value.path == (path,)
    assert await office.all() == []
    assert await plant.actions("work_order.") == []


async def test_the_machine_must_be_that_of_the_alert(
    office: Office, tenant: MadeTenant, make_machine: MachineFactory, alert: Alert
) -> None:
    other, _ = await make_machine(tenant)
    with pytest.raises(ValidationFailed, match="another machine"):
        await office.create(alert_id=alert.id, machine_id=other.id)
    assert (await office.create(alert_id=alert.id, machine_id=alert.machine_id)).number == 1


async def test_work_is_not_assigned_to_someone_who_left(
    office: Office, databases: Databases, tenant: MadeTenant, vibration: Metric
) -> None:
    order = await office.create(machine_id=vibration.machine_id)
    async with databases.app.transaction(tenant.id) as work:
        await work.execute(text("UPDATE user_account SET is_active = false WHERE id = :id"), {"id": tenant.viewer_id})
    with pytest.raises(ValidationFailed, match="active user"):
        await office.create(machine_id=vibration.machine_id, assigned_to=tenant.viewer_id)
    with pytest.raises(ValidationFailed, match="active user"):
        await office.update(order, assigned_to=tenant.viewer_id)


async def test_another_tenants_things_do_not_exist(
    office: Office, databases: Databases, journal: Journal, make_tenant: TenantFactory, alert: Alert
) -> None:
    order = await office.create(alert_id=alert.id)
    stranger = await make_tenant()
    elsewhere = Office(databases, journal, stranger)
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: elsewhere.create(alert_id=alert.id),
        lambda: elsewhere.create(machine_id=alert.machine_id),
        lambda: elsewhere.update(order, title="Mine"),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            await attempt()
    with pytest.raises(ValidationFailed, match="active user"):
        await office.create(alert_id=alert.id, assigned_to=stranger.admin_id)
    async with databases.app.reading(stranger.id) as work:
        with pytest.raises(NotFound):
            await service.get(work, order.id)
        assert await repository.count(work, WorkOrderFilter()) == 0
        assert await repository.newest_of_alerts(work, [alert.id]) == {}
    assert [one.title for one in await office.all()] == ["Grease bearing"]


async def test_numbers_have_no_gap_and_no_double_under_concurrency_and_failures(
    office: Office,
    databases: Databases,
    make_tenant: TenantFactory,
    make_machine: MachineFactory,
    vibration: Metric,
) -> None:
    stranger = await make_tenant()
    machine, _ = await make_machine(stranger)
    elsewhere = Office(databases, office.journal, stranger)

    async def fail_late() -> None:
        async with office.app.transaction(office.tenant.id) as work:
            await service.create(
                work, office.journal, office.tenant.operator_id, title="Never", machine_id=vibration.machine_id
            )
            raise ConnectionError("killed before the commit")

    results = await asyncio.gather(
        *(office.create(machine_id=vibration.machine_id) for _ in range(15)),
        *(fail_late() for _ in range(5)),
        *(elsewhere.create(machine_id=machine.id) for _ in range(3)),
        return_exceptions=True,
    )

    failures = [result for result in results if isinstance(result, BaseException)]
    assert [type(failure) for failure in failures] == [ConnectionError] * 5
    assert [order.number for order in await office.all()] == list(range(15, 0, -1))
    assert [order.number for order in await elsewhere.all()] == [3, 2, 1]


async def test_changes_are_recorded_with_old_and_new(
    office: Office, plant: Plant, tenant: MadeTenant, vibration: Metric
) -> None:
    order = await office.create(machine_id=vibration.machine_id, assigned_to=tenant.viewer_id)
    order = await office.update(
        order, title=" Replace bearing ", priority=Priority.CRITICAL, assigned_to=None, status=STARTED
    )

    [stored] = await office.all()
    assert (stored.title, stored.priority, stored.assigned_to) == ("Replace bearing", "critical", None)
    assert (stored.status, stored.version) == ("in_progress", 2)
    assert stored.updated_at > stored.created_at
    updated, moved = (await plant.records("work_order."))[1:]
    assert updated.payload["changes"] == {
        "title": {"old": "Grease bearing", "new": "Replace bearing"},
        "priority": {"old": "medium", "new": "critical"},
        "assigned_to": {"old": str(tenant.viewer_id), "new": None},
    }
    assert (moved.action, moved.payload["old_status"], moved.payload["new_status"]) == (
        "work_order.status_changed",
        "open",
        "in_progress",
    )
    assert {updated.actor_id, moved.actor_id} == {tenant.admin_id}
    assert updated.payload["machine_id"] == str(vibration.machine_id)


async def test_a_change_that_changes_nothing_writes_nothing(office: Office, plant: Plant, vibration: Metric) -> None:
    order = await office.create(machine_id=vibration.machine_id)
    order = await office.update(order, title="Grease bearing", status=OPEN)
    assert order.version == 1
    assert await plant.actions("work_order.") == ["work_order.created"]


async def test_a_change_of_an_old_version_is_refused(office: Office, vibration: Metric) -> None:
    order = await office.create(machine_id=vibration.machine_id)
    await office.update(order, title="First")
    with pytest.raises(Conflict, match="at version 2, your change was made to version 1"):
        await office.update(order, version=1, title="Second")
    assert (await office.all())[0].title == "First"


async def test_of_two_changes_at_once_one_wins(office: Office, vibration: Metric) -> None:
    order = await office.create(machine_id=vibration.machine_id)
    results = await asyncio.gather(
        *(office.update(order, version=1, title=f"Change {number}") for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, WorkOrder) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert (await office.all())[0].version == 2


@pytest.mark.parametrize(("old", "new"), list(product(WorkOrderStatus, WorkOrderStatus)))
def test_only_the_steps_of_the_flow_are_taken(old: WorkOrderStatus, new: WorkOrderStatus) -> None:
    allowed = {(OPEN, STARTED), (OPEN, CANCELLED), (STARTED, DONE), (STARTED, CANCELLED)}
    assert (new in NEXT[old]) is ((old, new) in allowed)
    if is_closed(old):
        return
    if (old, new) in allowed:
        require_step(old, new)
    else:
        with pytest.raises(Conflict, match="cannot become"):
            require_step(old, new)


@pytest.mark.parametrize("last", [DONE, CANCELLED])
async def test_nothing_leaves_a_closed_work_order(
    office: Office, plant: Plant, vibration: Metric, last: WorkOrderStatus
) -> None:
    order = await office.create(machine_id=vibration.machine_id)
    with pytest.raises(Conflict, match="cannot become completed, only cancelled or in progress"):
        await office.update(order, status=DONE)
    for status in (STARTED, last):
        order = await office.update(order, status=status)
    told = await plant.actions("work_order.")
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: office.update(order, status=OPEN),
        lambda: office.update(order, status=CANCELLED if last is DONE else DONE),
        lambda: office.update(order, title="Late"),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict, match="can no longer be changed"):
            await attempt()
    assert await plant.actions("work_order.") == told


async def test_lists_are_paged_and_narrowed(
    office: Office, tenant: MadeTenant, make_machine: MachineFactory, vibration: Metric
) -> None:
    other, _ = await make_machine(tenant)
    for _ in range(4):
        await office.create(machine_id=vibration.machine_id)
    special = await office.create(machine_id=other.id, assigned_to=tenant.viewer_id)
    await office.update(special, status=STARTED)

    async def numbers(where: WorkOrderFilter, before: int | None = None, limit: int = 10) -> list[int]:
        async with office.app.reading(tenant.id) as work:
            return [order.number for order in await repository.page_newest_first(work, where, before, limit)]

    assert await numbers(WorkOrderFilter(), limit=2) == [5, 4]
    assert await numbers(WorkOrderFilter(), before=4, limit=2) == [3, 2]
    assert await numbers(WorkOrderFilter(machine_id=other.id)) == [5]
    assert await numbers(WorkOrderFilter(status=["in_progress", "completed"])) == [5]
    assert await numbers(WorkOrderFilter(assigned_to=tenant.viewer_id)) == [5]
    assert await numbers(WorkOrderFilter(assigned_to=UUID(int=0))) == []
    async with office.app.reading(tenant.id) as work:
        assert await repository.count(work, WorkOrderFilter(status=["open"])) == 4


async def test_every_work_order_row_names_the_machine(office: Office, plant: Plant, vibration: Metric) -> None:
    order = await office.create(machine_id=vibration.machine_id)
    await office.update(order, status=STARTED, title="Now")
    records: list[AuditRecord] = await plant.records("work_order.")
    assert len(records) == 3
    assert {record.payload["machine_id"] for record in records} == {str(vibration.machine_id)}
