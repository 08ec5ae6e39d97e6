"""Which channels hear of what the journal says, and which of them hear of it later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from plantwright.core.database import UnitOfWork
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications import repository
from plantwright.notifications.announcement import Announcement
from plantwright.notifications.models import NotificationChannel
from plantwright.notifications.routing import channels_for


@dataclass(frozen=True, slots=True)
class Planned:
    """One announcement to one channel."""

    announcement: Announcement
    channel: NotificationChannel


class Hold(Protocol):
    """Keeps back what is to be told later, in the transaction of the cursor."""

    async def __call__(self, work: UnitOfWork, planned: Sequence[Planned], now: datetime) -> list[Planned]:
        """What is told now."""
        ...


async def plan(work: UnitOfWork, announcements: Sequence[Announcement]) -> list[Planned]:
    channels = {channel.id: channel for channel in await repository.active_channels(work)}
    if not channels:
        return []
    routes = await repository.routes(work)
    told = await _told_before(work, announcements)
    planned = []
    for one in announcements:
        alert_id = None if one.alert is None else one.alert.id
        wanted = channels_for(one, routes, channels, frozenset(told.get(alert_id, ())))
        planned += [Planned(one, channel) for channel in wanted]
        if alert_id is not None:
            told[alert_id] = told.get(alert_id, frozenset()) | {channel.id for channel in wanted}
    return planned


async def _told_before(work: UnitOfWork, announcements: Sequence[Announcement]) -> dict[UUID | None, frozenset[UUID]]:
    alert_ids = {one.alert.id for one in announcements if one.alert is not None}
    told: dict[UUID | None, frozenset[UUID]] = {}
    if alert_ids:
        told.update((await outbox.told_of(work, list(alert_ids))).items())
    return told
