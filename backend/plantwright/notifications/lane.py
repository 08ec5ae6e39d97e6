"""Sending for one channel: what is due, one after the other, each result recorded before the next is begun.

The network is used outside of transactions. A process that ends between a message and its record leaves an attempt
without a result; whoever takes the channel next sends that message again, with the same id.

Lock order: the runtime row of the channel, then the delivery, then the head of the journal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.journal.service import Journal
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.consumer import Clock
from plantwright.notifications.models import ChannelRuntime, NotificationAttempt, NotificationChannel
from plantwright.notifications.models import NotificationDelivery as Delivery
from plantwright.notifications.outbox_repository import Lane
from plantwright.notifications.outcomes import record
from plantwright.notifications.schedule import refilled, until_token
from plantwright.notifications.sending import Sender


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt whose row is written and whose message is to be sent now."""

    channel: NotificationChannel
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs; `clock` is another one in tests of the schedule."""

    database: Database
    journal: Journal
    sender: Sender
    holder: UUID
    clock: Clock = utc_now

    async def claim(self, tenant_id: UUID, most: int) -> list[Lane]:
        async with self.database.transaction(tenant_id) as work:
            return await outbox.claim(work, self.holder, most, self.clock())

    async def drain(self, lane: Lane, is_ending: Callable[[], bool] = lambda: False) -> int:
        """Send what is due; returns how many messages. When `is_ending`, the rest is left to another process."""
        sent = 0
        begun = await self._advance(lane, None)
        while begun is not None:
            outcome = await self.sender.send(begun.channel, begun.delivery, self.clock())
            sent += 1
            begun = await self._advance(lane, (begun, outcome), gives_back=is_ending())
        return sent

    async def _advance(
        self, lane: Lane, done: tuple[Begun, Outcome] | None, *, gives_back: bool = False
    ) -> Begun | None:
        """Record what was sent and begin what is next, in one transaction."""
        async with self.database.transaction(lane.tenant_id) as work:
            held = await outbox.hold(work, lane, self.holder)
            if held is None:
                return None
            runtime, channel = held
            now = self.clock()
            if done is not None:
                begun, outcome = done
                await record(work, self.journal, held, (begun.delivery, outcome), now)
            delivery = None if gives_back else await _begin(work, runtime, channel, now)
            work.session.add(runtime)
            if delivery is None:
                runtime.holder, runtime.lease_until = None, None
                if gives_back:
                    runtime.next_at = now
                return None
            return Begun(channel, delivery)


async def _begin(
    work: UnitOfWork, runtime: ChannelRuntime, channel: NotificationChannel, now: datetime
) -> Delivery | None:
    """The next message, its attempt written down; without one, `next_at` says when to look again."""
    if not channel.is_active:
        runtime.next_at = None
        return None
    delivery = await outbox.next_due(work, channel, now)
    if delivery is None:
        runtime.next_at = await outbox.next_moment(work, channel, now)
        return None
    if runtime.paused_until is not None and runtime.paused_until > now:
        runtime.next_at = runtime.paused_until
        return None
    tokens = refilled(runtime.tokens, now - runtime.tokens_at, channel.rate_per_minute)
    if tokens < 1:
        runtime.next_at = now + until_token(tokens, channel.rate_per_minute)
        return None
    runtime.tokens, runtime.tokens_at = tokens - 1, now
    # Should this process end, the channel is due as soon as its lease is over.
    runtime.next_at = now
    delivery.attempts += 1
    delivery.tries += 1
    work.session.add(delivery)
    work.session.add(
        NotificationAttempt(tenant_id=work.tenant_id, delivery_id=delivery.id, number=delivery.attempts, started_at=now)
    )
    return delivery
