"""What routes lead to somebody who is not to be disturbed waits by the rule that escalations follow.

It joins what escalations hold for the same recipient, and is told in the same message. What has no alert, such as the
beginning of a flood, has no severity either, and does not wait.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from plantwright.alerts import service as alerts
from plantwright.core.database import UnitOfWork
from plantwright.escalation import quiet_repository
from plantwright.escalation.models import HeldNotice, HoldReason, RecipientKind
from plantwright.escalation.quiet_hours import held_until
from plantwright.escalation.quiet_settings import in_force
from plantwright.notifications.events import ADDRESSED, ANNOUNCING
from plantwright.notifications.planning import Planned
from plantwright.notifications.routing import FOLLOWING

# What a route told has no policy.
BY_ROUTE = ""


class _Place(NamedTuple):
    """Where one line of a summary belongs."""

    channel_id: UUID
    alert_id: UUID


async def hold_routed(work: UnitOfWork, planned: Sequence[Planned], now: datetime) -> list[Planned]:
    """Writes down what waits, once per channel and alert; returns what is told now."""
    placed = [(one, _place_of(one)) for one in planned]
    places = [place for _, place in placed if place is not None]
    quiet = await in_force(work, {place.channel_id for place in places}) if places else {}
    if not quiet:
        return list(planned)
    known = await alerts.get_many(work, {place.alert_id for place in places if place.channel_id in quiet})
    waiting: dict[_Place, datetime] = {}
    told = []
    for one, place in placed:
        until = None
        if place is not None and place.alert_id in known:
            until = held_until(quiet.get(place.channel_id), one.announcement.severity or "", now)
        if place is None or until is None:
            told.append(one)
        else:
            waiting.setdefault(place, until)
    await _write_down(work, waiting, now)
    return told


def _place_of(one: Planned) -> _Place | None:
    """None for what never waits: what says itself whom it is for, and what ends an incident that is open elsewhere."""
    alert, event = one.announcement.alert, one.announcement.event
    if alert is None or event in ADDRESSED:
        return None
    if one.channel.type in FOLLOWING and event not in ANNOUNCING:
        return None
    return _Place(one.channel.id, alert.id)


async def _write_down(work: UnitOfWork, waiting: dict[_Place, datetime], now: datetime) -> None:
    there = await quiet_repository.waiting_alerts(work, {place.channel_id for place in waiting})
    work.session.add_all(
        HeldNotice(
            tenant_id=work.tenant_id,
            recipient_kind=RecipientKind.CHANNEL.value,
            recipient_id=place.channel_id,
            alert_id=place.alert_id,
            policy=BY_ROUTE,
            reason=HoldReason.QUIET_HOURS.value,
            held_at=now,
            release_at=until,
        )
        for place, until in waiting.items()
        if place not in there
    )
