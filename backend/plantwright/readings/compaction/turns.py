"""Whose log is looked at for merging, and when: a house has many tenants, and most logs have nothing to merge."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from plantwright.core.clock import to_milliseconds
from plantwright.readings.compaction.merging import HOUR_MS
from plantwright.readings.compaction.sweep import GRACE, Compacted

SUSPECTS_AT_ONCE = 50


class MergeTurns:
    """Of one process.

    `due` are the logs of which consumers have passed something. Others that may hold something, since another process
    may have passed it and be gone, come a few at a time. A log in which all but open hours is merged waits for the
    end of the hour.
    """

    def __init__(self) -> None:
        self.due: set[UUID] = set()
        self._suspects: dict[UUID, None] = {}
        self._until_next_hour: set[UUID] = set()
        self._closed_hours: int | None = None

    def passed(self, tenant_id: UUID) -> None:
        """A consumer has passed readings of this tenant."""
        self.due.add(tenant_id)

    def suspect(self, tenant_ids: Iterable[UUID]) -> None:
        self._suspects.update(dict.fromkeys(tenant_ids))

    def next_round(self, now: datetime) -> list[UUID]:
        """Whom to look at now, those first of whom it is known that they have something."""
        closed_hours = to_milliseconds(now - GRACE) // HOUR_MS
        if closed_hours != self._closed_hours:
            self._closed_hours = closed_hours
            self.due |= self._until_next_hour
            self._until_next_hour.clear()
        first = sorted(self.due)
        few = [tenant_id for tenant_id, _ in zip(self._suspects, range(SUSPECTS_AT_ONCE), strict=False)]
        for tenant_id in few:
            del self._suspects[tenant_id]
        self.due.update(few)
        return [*first, *(tenant_id for tenant_id in few if tenant_id not in first)]

    def begin(self, tenant_id: UUID) -> None:
        """What is passed from now on is for the next round."""
        self.due.discard(tenant_id)

    def end(self, tenant_id: UUID, done: Compacted | None) -> None:
        """`done` is None when it failed."""
        if done is None or not done.is_complete:
            self.due.add(tenant_id)
        elif done.is_anything_left:
            self._until_next_hour.add(tenant_id)
