"""One subscription, taken a whole notification message at a time.

The library reconnects by itself and then calls `restore`. As long as the server still knows the session, nothing is
re-made: the subscription lived on there, and the messages that were under way are asked for again. When anything else
has happened (another session, a silent or deleted subscription) the feed has `ended`; the input is then started anew,
because node ids may mean something else by now.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from asyncua import ua
from asyncua.client.ua_session import UaSession
from asyncua.common.subscription import Subscription
from asyncua.ua.uaerrors import UaError

from plantwright_agent.moment import Moment
from plantwright_agent.samples import Gap

log = logging.getLogger(__name__)

MISSED = "messages of the OPC UA server were lost on the way"
LAST_NUMBER = 0xFFFFFFFF
MOST_ASKED_AGAIN = 10_000
SUBSCRIPTION_ENDED = "the server ended the subscription: {}"

Take = Callable[[ua.DataChangeNotification], None]


class Feed(Subscription):
    """`take` is called with each data change notification. `ended` is empty while the feed lives, else says why not."""

    def __init__(self, session: UaSession, parameters: ua.CreateSubscriptionParameters, take: Take) -> None:
        super().__init__(session, parameters, queue_maxsize=1)
        self.ended = ""
        self.heard_at = Moment.now()
        self.clock_ahead_seconds = 0.0
        self._session = session
        self._take = take
        self._token = session.authentication_token
        self._next = 1
        self._missing: dict[int, Moment] = {}
        self._lost = False

    async def begin(self) -> int:
        """Create it on the server; returns its id. Raises UaError or OSError."""
        revised = await self.init()
        self.parameters.RequestedPublishingInterval = revised.RevisedPublishingInterval
        self.parameters.RequestedMaxKeepAliveCount = revised.RevisedMaxKeepAliveCount
        self._token = self._session.authentication_token
        return int(revised.SubscriptionId)

    def why_ended(self) -> str:
        """Empty while values may still come."""
        task = self._session._publish_task  # noqa: SLF001 - the library ends it in silence and tells no one
        if not self.ended and not self._lost and task is not None and task.done():
            self.ended = "the server has no subscription of this agent any more"
        return self.ended

    @property
    def lost(self) -> bool:
        """True from the loss of the connection until the library has it back and `restore` is through."""
        return self._lost

    async def lose(self, _: Exception) -> None:
        """Called by the library when the connection is gone."""
        self._lost = True

    def gaps(self) -> list[Gap]:
        """One gap for messages that will not come any more."""
        if not self._missing or self._lost:
            return []
        start, count = min(self._missing.values(), key=lambda moment: moment.ticks), len(self._missing)
        self._missing.clear()
        return [start.gap_until_now(MISSED, count=count)]

    async def publish_callback(self, publish_result: ua.PublishResult) -> None:
        """Called by the library with each message, keep-alives too."""
        self.last_publish_at = time.monotonic()
        message = publish_result.NotificationMessage
        now = Moment.now()
        self.clock_ahead_seconds = _ahead(message.PublishTime, now.at)
        if message.NotificationData:
            self._count(int(message.SequenceNumber))
            self._deliver_message(message)
        self.heard_at = now

    async def restore(self) -> None:
        """Called by the library once the connection is back."""
        if self._session.authentication_token != self._token:
            self.ended = "the server has begun a new session"
            return
        try:
            await self._ask_again()
        except (UaError, OSError) as error:
            self.ended = f"the subscription could not be taken up again: {error}"
            return
        self.last_publish_at = time.monotonic()
        self._lost = False

    async def recreate(self) -> None:
        """Called by the library when nothing has been heard for longer than the keep-alive."""
        self.ended = self.ended or "the subscription went silent"

    def _count(self, number: int) -> None:
        if self._missing.pop(number, None) is None:
            ahead = (number - self._next) % LAST_NUMBER
            for step in range(min(ahead, MOST_ASKED_AGAIN)):
                self._missing[(self._next - 1 + step) % LAST_NUMBER + 1] = self.heard_at
            self._next = number % LAST_NUMBER + 1

    def _deliver_message(self, message: ua.NotificationMessage) -> None:
        for notification in message.NotificationData:
            if isinstance(notification, ua.DataChangeNotification):
                try:
                    self._take(notification)
                except Exception as error:  # the library would log it and lose the values in silence
                    log.exception("a notification could not be taken")
                    self.ended = f"unexpected fault in the agent: {type(error).__name__}"
            elif isinstance(notification, ua.StatusChangeNotification) and not notification.Status.is_good():
                self.ended = SUBSCRIPTION_ENDED.format(notification.Status.name)

    async def _ask_again(self) -> None:
        """Fetch what was sent on the lost connection: first what is known to be missing, then what may follow."""
        for number in list(self._missing):
            await self._fetch(number)
        for _ in range(MOST_ASKED_AGAIN):
            if not await self._fetch(self._next):
                return

    async def _fetch(self, number: int) -> bool:
        try:
            message = await self._session.republish(self.subscription_id or 0, number)
        except (ua.uaerrors.BadMessageNotAvailable, ua.uaerrors.BadServiceUnsupported):
            return False
        if int(message.SequenceNumber) != number or not message.NotificationData:
            return False
        if number in self._missing or number == self._next:
            self._count(number)
            self._deliver_message(message)
        return True


def _ahead(published: datetime | None, now: datetime) -> float:
    """Seconds the server's clock is ahead of ours; 0 when it tells none."""
    if published is None or published.year <= 1970:  # noqa: PLR2004 - the first year a set clock can show
        return 0.0
    return (published - now).total_seconds()
