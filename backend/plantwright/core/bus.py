"""Wake-up calls between processes, over Redis publish/subscribe.

Invariants:
1. A message carries no facts; losing one delays work until the next sweep, never loses it.
2. A dropped connection is re-opened with back-off, and every subscriber is woken after it, since calls may be missing.
3. A subscriber that does not read holds at most one pending call per channel: calls coalesce.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from broadcaster import Broadcast, BroadcastBackend, Event
from broadcaster._base import Subscriber, Unsubscribed
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from plantwright.core.tasks import end_task

log = structlog.get_logger()

_RECONNECT_SECONDS = (0.1, 0.5, 1.0, 2.0)
_WAKE = "wake"
_WAKE_SECONDS = 2.0


def journal_channel(tenant_id: object) -> str:
    return f"journal:{tenant_id}"


def readings_channel(tenant_id: object) -> str:
    return f"readings:{tenant_id}"


class CoalescingRedisBackend(BroadcastBackend):
    """broadcaster's own Redis backend hangs its subscribers after a dropped connection; this one comes back."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=3, health_check_interval=15)
        self._pubsub: PubSub | None = None
        self._channels: set[str] = set()
        self._pending: OrderedDict[str, str] = OrderedDict()
        self._arrived = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._failures = 0
        self._telling = asyncio.Lock()

    async def connect(self) -> None:
        await self._redis.ping()
        self._listener = asyncio.create_task(self._listen(), name="bus-listener")

    async def disconnect(self) -> None:
        if self._listener is not None:
            await end_task(self._listener)
        if self._pubsub is not None:
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]
        await self._redis.aclose()

    async def subscribe(self, channel: str) -> None:
        self._channels.add(channel)
        await self._tell_server(channel)

    async def unsubscribe(self, channel: str) -> None:
        self._channels.discard(channel)
        await self._tell_server(channel)

    async def _tell_server(self, channel: str) -> None:
        """One at a time, and what is wanted now: a late UNSUBSCRIBE must not silence a new subscriber."""
        async with self._telling:
            pubsub = self._pubsub
            if pubsub is None:
                return
            with contextlib.suppress(RedisError, OSError):
                if channel in self._channels:
                    await pubsub.subscribe(channel)
                else:
                    await pubsub.unsubscribe(channel)

    async def publish(self, channel: str, message: str) -> None:
        await self._redis.publish(channel, message)

    async def next_published(self) -> Event:
        while not self._pending:
            self._arrived.clear()
            await self._arrived.wait()
        channel, message = self._pending.popitem(last=False)
        return Event(channel, message)

    def _announce(self, channel: str, message: str) -> None:
        self._pending[channel] = message
        self._arrived.set()

    async def _listen(self) -> None:
        while True:
            try:
                await self._read_messages()
            except (RedisError, OSError) as error:
                delay = _RECONNECT_SECONDS[min(self._failures, len(_RECONNECT_SECONDS) - 1)]
                self._failures += 1
                log.warning("bus_connection_lost", retry_in_seconds=delay, error=type(error).__name__)
                await asyncio.sleep(delay)

    async def _read_messages(self) -> None:
        pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
        try:
            # A channel of our own keeps the connection readable before the first subscriber comes.
            asked = set(self._channels)
            await pubsub.subscribe("bus:keepalive", *asked)
            # Shown to `subscribe` only now: two callers opening one connection would leave one of them deaf.
            self._pubsub = pubsub
            if late := self._channels - asked:
                await pubsub.subscribe(*late)
            self._failures = 0
            for channel in self._channels:
                self._announce(channel, _WAKE)
            while True:
                message = await pubsub.get_message(timeout=5.0)
                if message is None:
                    await pubsub.ping()
                elif message["type"] == "message":
                    self._announce(message["channel"].decode(), message["data"].decode())
        finally:
            self._pubsub = None
            with contextlib.suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]


class Bus:
    """Publish and await wake-up calls; the shape of broadcaster with bounded memory."""

    def __init__(self, url: str) -> None:
        self._broadcast = Broadcast(backend=CoalescingRedisBackend(url))
        # broadcaster forgets the first of two subscribers that come to a channel at the same time.
        self._subscribing = asyncio.Lock()

    async def connect(self) -> None:
        await self._broadcast.connect()

    async def disconnect(self) -> None:
        await self._broadcast.disconnect()

    async def wake(self, channel: str) -> None:
        """Never raises for a lost Redis: the sweep finds what the call would have told."""
        try:
            async with asyncio.timeout(_WAKE_SECONDS):
                await self._broadcast.publish(channel, _WAKE)
        except (RedisError, OSError) as error:
            log.warning("bus_publish_failed", error=type(error).__name__)

    @asynccontextmanager
    async def listen(self, *channels: str) -> AsyncGenerator["Wakeups"]:
        """An object whose `wait(timeout)` returns when any of the channels was called or the time is over."""
        signal = asyncio.Event()
        async with contextlib.AsyncExitStack() as stack:
            tasks: list[asyncio.Task[None]] = []
            try:
                for channel in channels:
                    async with self._subscribing:
                        subscriber = await stack.enter_async_context(self._broadcast.subscribe(channel))
                    tasks.append(asyncio.create_task(_raise_flag(subscriber, signal)))
                yield Wakeups(signal)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


class Wakeups:
    def __init__(self, signal: asyncio.Event) -> None:
        self._signal = signal

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - running out of time is a normal outcome here
        """True when called, False when the time ran out."""
        try:
            async with asyncio.timeout(timeout):
                await self._signal.wait()
        except TimeoutError:
            return False
        finally:
            self._signal.clear()
        return True


async def _raise_flag(subscriber: Subscriber, signal: asyncio.Event) -> None:
    with contextlib.suppress(Unsubscribed):
        while True:
            await subscriber.get()
            signal.set()
