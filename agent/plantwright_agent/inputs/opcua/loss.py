"""Watches a connection the library restores by itself: when was it lost, and is everything back?"""

import time
from datetime import UTC, datetime, timedelta

from asyncua.client.client import Client
from asyncua.client.ua_client import UaClientState
from asyncua.common.subscription import Subscription

from plantwright_agent.errors import RetryableInputError
from plantwright_agent.samples import Gap

LOST = "connection to the OPC UA server was lost"
DETECTION = timedelta(seconds=2)
RESTORE_SECONDS = 10.0
STALE_MARGIN = 3.0


class LossWatch:
    """Gaps for the times without connection. The library notices a loss within `DETECTION`."""

    def __init__(self, client: Client, subscription: Subscription, items: int) -> None:
        self._client = client
        self._subscription = subscription
        self._items = items
        self._lost_at: datetime | None = None
        self._lost_clock = 0.0
        self._connected_clock: float | None = None
        client.connection_lost_callback = self._lost

    @property
    def lost(self) -> bool:
        return self._lost_at is not None

    def gaps(self) -> list[Gap]:
        """The gap so far while the connection is lost, and once more, to its end, when all is back.

        Raises RetryableInputError when the subscription will not come back by itself.
        """
        if self._lost_at is None:
            if self._subscription.is_stale(STALE_MARGIN):
                raise RetryableInputError("the subscription went silent")
            return []
        gap = Gap(self._lost_at, datetime.now(UTC), LOST)
        if self._restored():
            self._lost_at = None
        return [gap]

    async def _lost(self, _: Exception) -> None:
        if self._lost_at is None:
            self._lost_at = datetime.now(UTC) - DETECTION
            self._lost_clock = time.monotonic()
            self._connected_clock = None

    def _restored(self) -> bool:
        if self._client.state is not UaClientState.CONNECTED:
            self._connected_clock = None
            return False
        now = time.monotonic()
        self._connected_clock = self._connected_clock or now
        if self._whole():
            return True
        if now - self._connected_clock > RESTORE_SECONDS:
            raise RetryableInputError("the server took the connection back but not the whole subscription")
        return False

    def _whole(self) -> bool:
        subscription = self._subscription
        alive_at = subscription.last_publish_at
        return (
            subscription.subscription_id is not None
            and alive_at is not None
            and alive_at >= self._lost_clock
            and len(subscription._monitored_items) == self._items  # noqa: SLF001 - the library does not tell otherwise
        )
