"""What the API does with channels beyond their rows: a test at once, a dead letter again, a preview of words."""

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.core.errors import Conflict, NotFound, TooManyAttempts, ValidationFailed
from plantwright.core.ids import uuid7
from plantwright.core.jobs import JobQueue
from plantwright.notifications import facts, log_repository, repository, service
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications.announcement import AlertFacts, Announcement
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.consumer import DELIVER_JOB, delivery_of, load_wording
from plantwright.notifications.events import Event
from plantwright.notifications.facts import channel_fact, delivery_fact
from plantwright.notifications.log_repository import UNDELIVERED
from plantwright.notifications.models import (
    DeliveryStatus,
    Language,
    NotificationAttempt,
    NotificationChannel,
    NotificationDelivery,
)
from plantwright.notifications.outcomes import succeed
from plantwright.notifications.sending import Sender
from plantwright.notifications.service import Tools
from plantwright.notifications.templates import Words, checked_words, render

TESTS_AT_ONCE: Final = 2
RESENT_AT_ONCE: Final = 500
DELIVERY_NOT_FOUND: Final = "Notification delivery not found."


@dataclass(frozen=True, slots=True)
class TestResult:
    outcome: Outcome
    delivery: NotificationDelivery


class NotificationDoor:
    """`database` is of the `app` role."""

    def __init__(self, database: Database, queue: JobQueue, tools: Tools, public_url: str) -> None:
        self.tools = tools
        self.public_url = public_url
        self._database = database
        self._queue = queue
        self._sender = Sender(tools.channels, tools.vault, tools.outbound)
        self._testing: Counter[UUID] = Counter()

    async def test(
        self, tenant_id: UUID, actor_id: UUID, channel_id: UUID, *, of_user: UUID | None = None
    ) -> TestResult:
        """Send a test message now, whether the channel is switched on or not; it is in the delivery log.

        With `of_user` the channel is an address of this user.

        Raises:
            NotFound: no such channel in this tenant.
            TooManyAttempts: two tests of this tenant are running.
        """
        with self._place(tenant_id):
            async with self._database.transaction(tenant_id) as work:
                channel = await service.require(work, channel_id, of_user=of_user)
                delivery = await self._test_delivery(work, channel)
            outcome = await self._sender.send(channel, delivery, utc_now())
            async with self._database.transaction(tenant_id) as work:
                await self._keep_test(work, channel, delivery, outcome, actor_id)
        return TestResult(outcome, delivery)

    async def resend(self, work: UnitOfWork, actor_id: UUID, delivery_id: UUID) -> NotificationDelivery:
        """Try a dead or cancelled delivery again from the beginning of the schedule, under the same id.

        Raises:
            NotFound: no such delivery in this tenant.
            Conflict: it waits or was delivered, or its channel is switched off.
        """
        found = await outbox.get_delivery(work, delivery_id)
        if found is None:
            raise NotFound(DELIVERY_NOT_FOUND, ["id"])
        channel = await service.require_any(work, found.channel_id)
        delivery = await outbox.get_delivery(work, delivery_id, lock=True)
        if delivery is None:
            raise NotFound(DELIVERY_NOT_FOUND, ["id"])
        if delivery.status not in UNDELIVERED:
            raise Conflict("Only a message that was given up or cancelled can be sent again.", ["id"])
        await self._begin_anew(work, actor_id, channel, [delivery])
        return delivery

    async def resend_all(self, work: UnitOfWork, actor_id: UUID, channel_id: UUID) -> int:
        """As `resend`, everything of the channel that was given up or cancelled, the oldest 500 at a time; how many.

        Raises:
            NotFound: no such channel in this tenant.
            Conflict: it is switched off.
        """
        channel = await service.require(work, channel_id, lock=True)
        deliveries = await log_repository.lock_undelivered(work, channel.id, RESENT_AT_ONCE)
        await self._begin_anew(work, actor_id, channel, deliveries)
        return len(deliveries)

    async def _begin_anew(
        self,
        work: UnitOfWork,
        actor_id: UUID,
        channel: NotificationChannel,
        deliveries: Sequence[NotificationDelivery],
    ) -> None:
        if not channel.is_active:
            raise Conflict("The channel is switched off: switch it on first.", ["id"])
        now = utc_now()
        for delivery in deliveries:
            delivery.status, delivery.finished_at = DeliveryStatus.PENDING.value, None
            delivery.tries, delivery.due_at = 0, now
        work.session.add_all(deliveries)
        await outbox.reserve(work, {channel.id: 0}, now)
        resent = [delivery_fact(facts.RESENT, delivery, channel, actor_id) for delivery in deliveries]
        await self.tools.journal.append(work, *resent)
        work.after_commit(DELIVER_JOB, lambda: self._queue.enqueue(DELIVER_JOB, work.tenant_id))

    async def preview(self, work: UnitOfWork, event: Event, language: Language, words: Words | None) -> Words:
        """How a message would read, with the tenant's own words or those given.

        Raises:
            ValidationFailed: the words are no template that may be used.
        """
        wording = await load_wording(work, self.public_url, [])
        example = example_of(event)
        if words is None:
            return wording.words(example, language.value)
        checked = checked_words(words.subject, words.text)
        try:
            return render(checked, wording.values(example, language.value))
        except Exception as error:
            raise ValidationFailed(f"text: {error}", ["text"]) from error

    async def _test_delivery(self, work: UnitOfWork, channel: NotificationChannel) -> NotificationDelivery:
        sequence = (await outbox.reserve(work, {channel.id: 1}, utc_now()))[channel.id]
        wording = await load_wording(work, self.public_url, [])
        announcement = _announcement(Event.TEST, {"name": channel.name})
        delivery = delivery_of(announcement, channel, wording, sequence)
        delivery.record_sequence, delivery.is_test = None, True
        return delivery

    async def _keep_test(
        self,
        work: UnitOfWork,
        channel: NotificationChannel,
        delivery: NotificationDelivery,
        outcome: Outcome,
        actor_id: UUID,
    ) -> None:
        if await repository.get_channel(work, channel.id, lock=True) is None:
            return
        if outcome.is_delivered:
            await self._come_alive(work, channel.id)
        status = DeliveryStatus.DELIVERED if outcome.is_delivered else DeliveryStatus.DEAD
        delivery.status, delivery.finished_at, delivery.detail = status.value, utc_now(), outcome.detail
        delivery.attempts = delivery.tries = 1
        work.session.add(delivery)
        await work.session.flush()
        work.session.add(
            NotificationAttempt(
                tenant_id=work.tenant_id,
                delivery_id=delivery.id,
                number=1,
                started_at=delivery.created_at,
                is_delivered=outcome.is_delivered,
                status=outcome.status,
                detail=outcome.detail,
                response=outcome.response,
                latency_ms=outcome.latency_ms,
            )
        )
        details = {"is_delivered": outcome.is_delivered, "reason": outcome.detail}
        await self.tools.journal.append(work, channel_fact(facts.TESTED, channel, actor_id, **details))

    async def _come_alive(self, work: UnitOfWork, channel_id: UUID) -> None:
        """What a message that arrives shows of an endpoint, a test shows too: what waits for it follows."""
        now = utc_now()
        for runtime in (await repository.runtimes(work, [channel_id])).values():
            succeed(runtime, now)
            work.session.add(runtime)
        await outbox.reserve(work, {channel_id: 0}, now)
        work.after_commit(DELIVER_JOB, lambda: self._queue.enqueue(DELIVER_JOB, work.tenant_id))

    @contextmanager
    def _place(self, tenant_id: UUID) -> Generator[None]:
        if self._testing[tenant_id] >= TESTS_AT_ONCE:
            raise TooManyAttempts("Tests of this tenant are running already. Try again shortly.", 5)
        self._testing[tenant_id] += 1
        try:
            yield
        finally:
            self._testing[tenant_id] -= 1


def _announcement(event: Event, details: dict[str, object]) -> Announcement:
    return Announcement(sequence=0, at=utc_now(), event=event, site="", is_told=True, is_flood=False, details=details)


def _example_line(alert: AlertFacts, machine: str) -> dict[str, object]:
    return {
        "severity": "warning",
        "machine": machine,
        "message": alert.message,
        "raised_at": alert.raised_at.isoformat(),
        "acknowledged_at": None,
        "cleared_at": None,
    }


def example_of(event: Event) -> Announcement:
    """Something of every kind, for previews."""
    alert = AlertFacts(
        id=uuid7(),
        machine_id=None,
        rule_id=None,
        metric="vibration_rms",
        unit="mm/s",
        severity="critical",
        message="Vibration RMS 9.21 mm/s is 6.4 standard deviations above its 7-day mean 2.1 mm/s",
        value=9.21,
        threshold=5.0,
        raised_at=utc_now() - timedelta(minutes=15),
    )
    details: dict[str, object] = {
        "policy": "Night shift",
        "step": 2,
        "late_seconds": 180,
        "alerts": 3 if event is Event.DIGEST else 42,
        "name": "Maintenance",
        "channel_id": str(uuid7()),
        "reason": "The receiver answered 410 (Gone).",
        "open": 2,
        "lines": [_example_line(alert, "Press 4")],
    }
    is_alert = event.startswith("alert.")
    return Announcement(
        sequence=0,
        at=utc_now(),
        event=event,
        site="Hall 2",
        is_told=True,
        is_flood=False,
        severity=alert.severity if is_alert else None,
        alert=alert if is_alert else None,
        details=details,
    )
