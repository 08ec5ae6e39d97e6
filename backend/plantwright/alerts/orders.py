"""A machine is out of service while work on it is in progress, if the house says so."""

from collections.abc import Sequence
from uuid import UUID

from plantwright.alerts.settings import read_settings
from plantwright.alerts.suppression import out_of_service
from plantwright.alerts.suppression import repository as suppressions
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal

# Written by the room of maintenance, which stands above this one.
WORK_ORDER_STATUS_CHANGED = "work_order.status_changed"
_IN_PROGRESS = "in_progress"


async def follow_orders(work: UnitOfWork, journal: Journal, records: Sequence[AuditRecord]) -> None:
    for record in records:
        order_id, status = UUID(record.payload["work_order_id"]), record.payload["new_status"]
        lasting = await suppressions.out_of_service_by_order(work, order_id)
        if status == _IN_PROGRESS and lasting is None:
            await _begin(work, journal, order_id, record)
        elif status != _IN_PROGRESS and lasting is not None:
            await suppressions.lock_tenant(work)
            await out_of_service.finish(work, journal, lasting, utc_now(), record.actor_id)


async def _begin(work: UnitOfWork, journal: Journal, order_id: UUID, record: AuditRecord) -> None:
    if not (await read_settings(work)).out_of_service_with_work_order:
        return
    await out_of_service.begin(
        work,
        journal,
        record.actor_id,
        machine_id=UUID(record.payload["machine_id"]),
        reason=f"Work order {record.payload['number']} is in progress",
        work_order_id=order_id,
    )
