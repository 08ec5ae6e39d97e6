"""First-out: alerts that begin together belong to the one that began first.

A group is of one machine, and of one site while that site is in a flood. Its window opens with its first alert and does
not move, so that trouble that goes on for hours does not become one group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from plantwright.alerts.models import Alert

GROUP_WITHIN = timedelta(minutes=5)


@dataclass
class Leader:
    alert_id: UUID
    machine_id: UUID | None
    site: str
    raised_at: datetime


@dataclass
class GroupBook:
    """The groups that an alert of the batch could join; `overtaken` maps a leader to an earlier one that came later."""

    leaders: list[Leader]
    overtaken: dict[UUID, UUID] = field(default_factory=dict)

    def place(self, alert: Alert, *, is_flood: bool) -> None:
        """Give the alert its group, or make it the first of one."""
        leader = self._leader_for(alert, is_flood=is_flood)
        if leader is None:
            self.leaders.append(Leader(alert.id, alert.machine_id, alert.site, alert.raised_at))
        elif alert.raised_at < leader.raised_at:
            self.overtaken[leader.alert_id] = alert.id
            leader.alert_id, leader.raised_at = alert.id, alert.raised_at
            leader.machine_id = alert.machine_id
        else:
            alert.group_id = leader.alert_id

    def _leader_for(self, alert: Alert, *, is_flood: bool) -> Leader | None:
        near = [leader for leader in self.leaders if abs(alert.raised_at - leader.raised_at) <= GROUP_WITHIN]
        of_machine = [one for one in near if alert.machine_id is not None and one.machine_id == alert.machine_id]
        of_site = [one for one in near if one.site == alert.site] if is_flood else []
        return _first(of_machine) or _first(of_site)


def _first(leaders: Sequence[Leader]) -> Leader | None:
    return min(leaders, key=lambda leader: (leader.raised_at, leader.alert_id), default=None)
