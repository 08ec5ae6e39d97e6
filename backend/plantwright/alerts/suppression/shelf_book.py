"""What a batch of findings does to shelves."""

from collections.abc import Mapping
from uuid import UUID

from plantwright.alerts.facts import About
from plantwright.alerts.findings import AlertKey
from plantwright.alerts.life_cycle import is_worse
from plantwright.alerts.load import repository as load_repository
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.models import Shelf, ShelfKind, ShelfState
from plantwright.alerts.suppression.shelf_ending import EndReason, end_shelf
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Fact


class ShelfBook:
    """Notes what to do while the alerts are changed, and does it at the end: shelves are rare."""

    def __init__(self, work: UnitOfWork, in_force: Mapping[AlertKey, Shelf]) -> None:
        self._work = work
        self._known = {shelf.id: shelf for shelf in in_force.values()}
        self._carried: dict[UUID, Alert] = {}
        self._ending: dict[UUID, tuple[Alert, About, EndReason]] = {}

    def activated(self, alert: Alert, shelf: Shelf | None, about: About) -> None:
        """An alert with a shelf begins: it is put aside at once, unless it is worse than what was shelved."""
        if shelf is None or self._is_over(shelf):
            return
        if is_worse(alert.severity, shelf.severity):
            self._ending[shelf.id] = (alert, about, EndReason.SEVERITY_RAISED)
            return
        alert.shelf_id, alert.shelved_until = shelf.id, shelf.until
        self._carried[shelf.id] = alert

    def _is_over(self, shelf: Shelf) -> bool:
        ending = self._ending.get(shelf.id)
        return ending is not None and (shelf.kind == ShelfKind.ONE_SHOT or ending[2] is not EndReason.CLEARED)

    def cleared(self, alert: Alert, about: About) -> None:
        if alert.shelf_id is not None:
            self._ending.setdefault(alert.shelf_id, (alert, about, EndReason.CLEARED))

    def rose(self, alert: Alert, about: About) -> None:
        if alert.shelf_id is not None:
            self._ending[alert.shelf_id] = (alert, about, EndReason.SEVERITY_RAISED)

    async def finish(self, overtaken: Mapping[UUID, UUID]) -> list[Fact]:
        """Alerts have been written. `overtaken` are groups that another alert leads now."""
        for old, new in overtaken.items():
            await load_repository.follow(self._work, old, new)
            await load_repository.lead(self._work, new)
        for shelf_id, alert in self._carried.items():
            await load_repository.leave_shelf(self._work, shelf_id, but=alert.id)
            self._known[shelf_id].alert_id = alert.id
        told = [await self._end(shelf_id, *how) for shelf_id, how in self._ending.items()]
        return [fact for fact in told if fact is not None]

    async def _end(self, shelf_id: UUID, alert: Alert, about: About, reason: EndReason) -> Fact | None:
        shelf = await suppressions.shelf(self._work, shelf_id)
        if shelf is None or shelf.state != ShelfState.IN_FORCE:
            return None
        if reason is EndReason.CLEARED and shelf.kind != ShelfKind.ONE_SHOT:
            return None
        if reason is EndReason.SEVERITY_RAISED and not is_worse(alert.severity, shelf.severity):
            return None
        return end_shelf(shelf, alert, about, reason, now=utc_now())
