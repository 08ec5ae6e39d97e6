"""What an attempt changes: the delivery, the log, the endpoint's standing, the journal."""

from datetime import datetime

from plantwright.core.database import UnitOfWork
from plantwright.journal.service import Journal
from plantwright.notifications import facts, repository
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.facts import channel_fact, delivery_fact
from plantwright.notifications.models import (
    ChannelRuntime,
    DeliveryStatus,
    NotificationChannel,
    NotificationDelivery,
)
from plantwright.notifications.schedule import (
    BREAKER_FAILURES,
    DISABLED_AFTER,
    asked_for,
    break_for,
    retry_at,
)

SWITCHED_OFF = "The channel was switched off."
NOT_STORED = "It was sent, but how the attempts ended could not be stored; it may have arrived."


async def record(
    work: UnitOfWork,
    journal: Journal,
    held: tuple[ChannelRuntime, NotificationChannel],
    sent: tuple[NotificationDelivery, Outcome],
    now: datetime,
) -> None:
    """`held` are locked; `sent` has the delivery as it was when the attempt began."""
    runtime, channel = held
    begun, outcome = sent
    delivery = await outbox.get_delivery(work, begun.id, lock=True)
    attempt = await outbox.get_attempt(work, begun.id, begun.attempts)
    if delivery is None or attempt is None:
        return
    attempt.is_delivered, attempt.status, attempt.detail = outcome.is_delivered, outcome.status, outcome.detail
    attempt.response, attempt.latency_ms = outcome.response, outcome.latency_ms
    delivery.detail = outcome.detail
    work.session.add_all([attempt, delivery, runtime])
    if outcome.is_delivered:
        succeed(runtime, now)
        _finish(delivery, DeliveryStatus.DELIVERED, now)
        await journal.append(work, delivery_fact(facts.DELIVERED, delivery, channel))
        return
    _fail(runtime, outcome, now)
    again = (
        None
        if outcome.is_permanent or outcome.is_gone
        else retry_at(delivery.id, delivery.tries, now, outcome.retry_after)
    )
    if again is not None:
        delivery.due_at = again
    else:
        _finish(delivery, DeliveryStatus.DEAD, now)
        await journal.append(work, delivery_fact(facts.FAILED, delivery, channel, reason=outcome.detail))
    reason = _reason_to_disable(runtime, outcome, now)
    if reason is not None:
        await disable(work, journal, held, reason, now)


async def give_up(
    work: UnitOfWork, journal: Journal, channel: NotificationChannel, delivery: NotificationDelivery, now: datetime
) -> None:
    """All its attempts have begun, and of the last one nobody knows how it ended."""
    delivery.detail = NOT_STORED
    _finish(delivery, DeliveryStatus.DEAD, now)
    work.session.add(delivery)
    await journal.append(work, delivery_fact(facts.FAILED, delivery, channel, reason=NOT_STORED))


async def disable(
    work: UnitOfWork, journal: Journal, held: tuple[ChannelRuntime, NotificationChannel], reason: str, now: datetime
) -> None:
    """The endpoint is left alone until a person switches it on again; what waits is not sent."""
    runtime, channel = held
    channel.is_active, channel.updated_at = False, now
    runtime.disabled_reason, runtime.next_at = reason, None
    work.session.add_all([channel, runtime])
    await work.session.flush()
    await repository.cancel_pending(work, channel.id, SWITCHED_OFF, now)
    # That somebody closed a browser for good is no news to everybody else.
    is_shared = channel.user_id is None
    await journal.append(work, channel_fact(facts.DISABLED, channel, reason=reason, is_automatic=is_shared))


def succeed(runtime: ChannelRuntime, now: datetime) -> None:
    """Something arrived: what waits is no longer held back by earlier failures."""
    runtime.failures, runtime.failing_since, runtime.paused_until = 0, None, None
    runtime.last_success_at = now


def _fail(runtime: ChannelRuntime, outcome: Outcome, now: datetime) -> None:
    runtime.failures += 1
    runtime.failing_since = runtime.failing_since or now
    runtime.last_error, runtime.last_error_at = outcome.detail, now
    pause = max(break_for(runtime.failures), asked_for(outcome.retry_after))
    if pause:
        runtime.paused_until = now + pause


def _finish(delivery: NotificationDelivery, status: DeliveryStatus, now: datetime) -> None:
    delivery.status, delivery.finished_at = status.value, now


def _reason_to_disable(runtime: ChannelRuntime, outcome: Outcome, now: datetime) -> str | None:
    if outcome.is_gone:
        return f"The receiver asked for no more messages. {outcome.detail}"
    if outcome.is_permanent and runtime.failures >= BREAKER_FAILURES:
        return f"{runtime.failures} messages in a row were refused for good. {outcome.detail}"
    if runtime.failing_since is not None and now - runtime.failing_since >= DISABLED_AFTER:
        return f"Nothing could be delivered since {runtime.failing_since:%Y-%m-%d %H:%M} UTC. {outcome.detail}"
    return None
