"""Floods of alerts at a site: more than ten within ten minutes, until fewer than five are left of them.

Time is that of the alerts, so it does not matter when they were worked through, and imported data makes the floods that
lie in it. An alert that is suppressed troubles nobody and does not count.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from plantwright.alerts import facts
from plantwright.alerts.load.models import Flood
from plantwright.journal.service import Fact

FLOOD_WINDOW = timedelta(minutes=10)
FLOOD_ABOVE = 10
FLOOD_UNTIL_BELOW = 5


class FloodBook:
    def __init__(
        self, tenant_id: UUID, running: Sequence[Flood], activations: Mapping[str, Sequence[datetime]]
    ) -> None:
        """`activations` are those of the past window by site, ascending."""
        self._tenant_id = tenant_id
        self._running = {flood.site: flood for flood in running}
        self._activations = defaultdict(list, {site: list(times) for site, times in activations.items()})
        self.begun: list[Flood] = []

    def is_flood(self, site: str) -> bool:
        return site in self._running

    def count(self, site: str, at: datetime) -> list[Fact]:
        """One more alert has become active; returns what to journal before it."""
        told = self._end_before(site, at)
        times = self._activations[site]
        insort(times, at)
        near = sum(1 for time in times if at - FLOOD_WINDOW < time <= at)
        flood = self._running.get(site)
        if flood is not None:
            flood.alerts += 1
            flood.peak = max(flood.peak, near)
            flood.quiet_at = max(flood.quiet_at, quiet_at(times))
        elif near > FLOOD_ABOVE:
            told.append(self._begin(site, at, near))
        return told

    def _begin(self, site: str, at: datetime, near: int) -> Fact:
        flood = Flood(
            tenant_id=self._tenant_id,
            site=site,
            began_at=at,
            quiet_at=quiet_at(self._activations[site]),
            alerts=near,
            peak=near,
        )
        self._running[site] = flood
        self.begun.append(flood)
        return facts.flood_fact(facts.FLOOD_BEGAN, flood)

    def _end_before(self, site: str, at: datetime) -> list[Fact]:
        flood = self._running.get(site)
        if flood is None or flood.quiet_at > at:
            return []
        del self._running[site]
        return [end(flood)]


def end(flood: Flood) -> Fact:
    """At the moment it became quiet, whenever that was noticed."""
    flood.ended_at = flood.quiet_at
    return facts.flood_fact(facts.FLOOD_ENDED, flood)


def quiet_at(times: Sequence[datetime]) -> datetime:
    """When fewer than five of these ascending times will lie in the past window."""
    return times[-min(FLOOD_UNTIL_BELOW, len(times))] + FLOOD_WINDOW
