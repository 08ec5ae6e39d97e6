"""What only time changes about alerts: shelves and floods end, machines return to service, stop and start."""

from datetime import datetime, timedelta
from typing import Any

from plantwright.alerts import facts, repository
from plantwright.alerts.about import about_one
from plantwright.alerts.facts import alert_fact
from plantwright.alerts.load import repository as load_repository
from plantwright.alerts.load.floods import end
from plantwright.alerts.suppression import out_of_service, running
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.models import Shelf, ShelfState
from plantwright.alerts.suppression.shelf_ending import EndReason, end_shelf
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact, Journal

# A shift: who asked is gone by then, and so is the trouble of that hour.
REQUESTS_LAPSE_AFTER = timedelta(hours=8)
# Bounds how long one transaction holds the tenant's journal; the rest follows at the next sweep.
_AT_ONCE = 200


async def keep_time(work: UnitOfWork, journal: Journal, now: datetime) -> None:
    """Each end comes once; one that came due while no worker ran comes now, and says how late."""
    await suppressions.lock_tenant(work)
    for shelf in await suppressions.due_shelves(work, now, now - REQUESTS_LAPSE_AFTER, _AT_ONCE):
        fact = await _end(work, shelf, now)
        await journal.append(work, *([] if fact is None else [fact]))
    for row in await suppressions.due_out_of_service(work, now, _AT_ONCE):
        await out_of_service.finish(work, journal, row, now)
    floods = await load_repository.quiet_floods(work, now)
    await journal.append(work, *(end(flood) for flood in floods))
    await running.look(work, journal)


async def _end(work: UnitOfWork, shelf: Shelf, now: datetime) -> Fact | None:
    if shelf.state == ShelfState.REQUESTED:
        shelf.state, shelf.ended_at, shelf.end_reason = ShelfState.REFUSED.value, now, EndReason.EXPIRED.value
        alert = await repository.get(work, shelf.alert_id, lock=True)
        details: dict[str, Any] = {"shelf_id": shelf.id, "end_reason": EndReason.EXPIRED}
        if alert is None:
            return None
        return alert_fact(facts.SHELVING_REFUSED, alert, await about_one(work, alert), **details)
    alert = await suppressions.shelved_alert(work, shelf.id)
    if alert is None:
        shelf.state, shelf.ended_at, shelf.end_reason = ShelfState.ENDED.value, now, EndReason.EXPIRED.value
        return None
    return end_shelf(shelf, alert, await about_one(work, alert), EndReason.EXPIRED, now=now)
