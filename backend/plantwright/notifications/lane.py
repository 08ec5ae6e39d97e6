"""Sending for one channel: what is due, one after the other, each result recorded before the next is begun.

The network is used outside of transactions. A process that ends between a message and its record leaves an attempt
without a result; whoever takes the channel next sends that message again, with the same id. A database that fails in
between is asked again as long as the lease lasts, so that a short failure repeats nothing. A message whose results are
never stored is given up like any other: attempts are counted when they begin.

Lock order: the runtime row of the channel, then the delivery, then the head of the journal.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from plantwright.core.clock import utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.journal.service import Journal
from plantwright.notifications import outbox_repository as outbox
from plantwright.notifications.channels.contract import Outcome
from plantwright.notifications.consumer import Clock
from plantwright.notifications.models import ChannelRuntime, NotificationAttempt, NotificationChannel
from plantwright.notifications.models import NotificationDelivery as Delivery
from plantwright.notifications.outbox_repository import Lane
from plantwright.notifications.outcomes import give_up, record
from plantwright.notifications.schedule import MAX_ATTEMPTS, refilled, until_token
from plantwright.notifications.sending import Sender

log = structlog.get_logger()

# Between tries to store a result: together, with the attempt itself, shorter than the lease.
STORE_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt whose row is written and whose message is to be sent now."""

    channel: NotificationChannel
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Post:
    """What sending needs; `clock` is another one in tests of the schedule, `pauses` in those of failing databases."""

    database: Database
    journal: Journal
    sender: Sender
    holder: UUID
    clock: Clock = utc_now
    pauses: Sequence[float] = STORE_PAUSES

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
            begun = await self._store(lane, (begun, outcome), gives_back=is_ending())
        return sent

    async def _store(self, lane: Lane, done: tuple[Begun, Outcome], *, gives_back: bool) -> Begun | None:
        """As `_advance`, for what was sent: its result is worth waiting for a database that fails."""
        for pause in self.pauses:
            try:
                return await self._advance(lane, done, gives_back=gives_back)
            except (SQLAlchemyError, OSError) as error:
                log.warning("outcome_not_stored", delivery_id=str(done[0].delivery.id), error=repr(error))
            await asyncio.sleep(pause)
        return await self._advance(lane, done, gives_back=gives_back)

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
            delivery = None if gives_back else await self._begin(work, held, now)
            work.session.add(runtime)
            if delivery is None:
                runtime.holder, runtime.lease_until = None, None
                if gives_back:
                    runtime.next_at = now
                return None
            return Begun(channel, delivery)

    async def _begin(
        self, work: UnitOfWork, held: tuple[ChannelRuntime, NotificationChannel], now: datetime
    ) -> Delivery | None:
        """The next message, its attempt written down; without one, `next_at` says when to look again."""
        runtime, channel = held
        delivery = await _due(work, runtime, channel, now)
        while delivery is not None and delivery.tries >= MAX_ATTEMPTS:
            await give_up(work, self.journal, channel, delivery, now)
            delivery = await _due(work, runtime, channel, now)
        if delivery is None:
            return None
        # Should this process end, the channel is due as soon as its lease is over.
        runtime.next_at = now
        runtime.tokens, runtime.tokens_at = _left(runtime, channel, now) - 1, now
        delivery.attempts += 1
        delivery.tries += 1
        work.session.add(delivery)
        work.session.add(
            NotificationAttempt(
                tenant_id=work.tenant_id, delivery_id=delivery.id, number=delivery.attempts, started_at=now
            )
        )
        return delivery


async def _due(
    work: UnitOfWork, runtime: ChannelRuntime, channel: NotificationChannel, now: datetime
) -> Delivery | None:
    """What may be sent now; without it, `next_at` says when to look again."""
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
    tokens = _left(runtime, channel, now)
    if tokens < 1:
        runtime.next_at = now + until_token(tokens, channel.rate_per_minute)
        return None
    return delivery


def _left(runtime: ChannelRuntime, channel: NotificationChannel, now: datetime) -> float:
    return refilled(runtime.tokens, now - runtime.tokens_at, channel.rate_per_minute)
