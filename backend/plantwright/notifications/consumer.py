"""Turns what the journal says into deliveries, in the transaction of its cursor."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from plantwright.assets import repository as assets
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.journal.models import AuditRecord
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications import repository
from plantwright.notifications.addresses import Addresses
from plantwright.notifications.announcement import Announcement, is_of_interest, read_announcement
from plantwright.notifications.messages import Wording
from plantwright.notifications.models import NotificationChannel, NotificationDelivery
from plantwright.notifications.planning import Hold, Planned, plan
from plantwright.notifications.templates import Words

log = structlog.get_logger()

DELIVER_JOB = "deliver_notifications"
WITHOUT_ALERT = "plantwright"

Wake = Callable[[UUID], Awaitable[None]]
Clock = Callable[[], datetime]


class NotificationConsumer:
    """`hold` keeps back what is told later. `wake` is called after the commit when there is something to send; `clock`
    says since when it is due.
    """

    name = "notifications"
    prefixes = ("alert.", "alert_flood.", "notification.digest", "notification_channel.disabled")

    def __init__(self, public_url: str, addresses: Addresses, hold: Hold, wake: Wake, clock: Clock = utc_now) -> None:
        self._public_url = public_url
        self._addresses = addresses
        self._hold = hold
        self._wake = wake
        self._clock = clock

    async def consume(self, work: UnitOfWork, records: Sequence[AuditRecord]) -> None:
        announcements = [one for one in _readable(records) if one.is_told]
        if not announcements:
            return
        user_ids = {user_id for one in announcements for user_id in one.user_ids}
        if user_ids:
            await self._addresses.ensure(work, user_ids)
        now = self._clock()
        planned = await self._hold(work, await plan(work, announcements), now)
        if not planned:
            return
        wording = await load_wording(work, self._public_url, [one.announcement for one in planned])
        work.session.add_all(await _deliveries(work, planned, wording, now))
        work.after_commit(DELIVER_JOB, lambda: self._wake(work.tenant_id))


async def load_wording(work: UnitOfWork, public_url: str, announcements: Sequence[Announcement]) -> Wording:
    alerts = [one.alert for one in announcements if one.alert is not None]
    machine_ids = {alert.machine_id for alert in alerts if alert.machine_id is not None}
    machines = await assets.get_machines(work, list(machine_ids)) if machine_ids else ()
    own = await repository.templates(work)
    return Wording(
        tenant_id=work.tenant_id,
        public_url=public_url,
        machines={machine.id: machine for machine in machines},
        own={(row.event, row.language): Words(row.subject, row.text) for row in own},
    )


def _readable(records: Sequence[AuditRecord]) -> Iterator[Announcement]:
    for record in records:
        if not is_of_interest(record.action):
            continue
        try:
            yield read_announcement(record)
        except (KeyError, ValueError, TypeError) as error:
            # The row stays in the journal; stopping here would hold up every later message of the tenant.
            log.error("announcement_unreadable", sequence=record.sequence, action=record.action, error=repr(error))  # noqa: TRY400 - no traceback for a row that says it all


async def _deliveries(
    work: UnitOfWork, planned: Sequence[Planned], wording: Wording, now: datetime
) -> list[NotificationDelivery]:
    numbers = Counter(one.channel.id for one in planned)
    last = await outbox.reserve(work, numbers, now)
    sequences = {channel_id: last[channel_id] - number for channel_id, number in numbers.items() if channel_id in last}
    made = []
    for one in planned:
        if one.channel.id in sequences:
            sequences[one.channel.id] += 1
            made.append(delivery_of(one.announcement, one.channel, wording, sequences[one.channel.id]))
    for delivery in made:
        delivery.due_at = delivery.created_at = now
    return made


def delivery_of(
    announcement: Announcement, channel: NotificationChannel, wording: Wording, sequence: int
) -> NotificationDelivery:
    words = wording.words(announcement, channel.language)
    alert = announcement.alert
    return NotificationDelivery(
        tenant_id=channel.tenant_id,
        channel_id=channel.id,
        sequence=sequence,
        record_sequence=announcement.sequence,
        event=announcement.event.value,
        alert_id=None if alert is None else alert.id,
        machine_id=None if alert is None else alert.machine_id,
        severity=announcement.severity,
        subject=words.subject,
        text=words.text,
        link=wording.link(announcement),
        payload=wording.payload(announcement, words),
        dedup_key=str(alert.id) if alert is not None else WITHOUT_ALERT,
        language=channel.language,
        due_at=announcement.at,
    )
