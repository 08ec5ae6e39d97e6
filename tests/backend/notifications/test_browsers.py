"""Browsers that show notifications: whose they are, what reaches them, and when they are gone."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from plantwright.core.clock import utc_now
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.notifications import browsers, repository, service
from plantwright.notifications.browsers import MAX_BROWSERS, subscribe, unsubscribe
from plantwright.notifications.events import Event
from plantwright.notifications.models import NotificationChannel
from plantwright.notifications.retention import forget_deliveries
from plantwright.notifications.rules import RouteDraft, create_route

from tests.backend.notifications.channels.browser import Browser
from tests.backend.notifications.channels.http_receiver import HttpReceiver
from tests.backend.notifications.conftest import Desk


async def subscribed(
    desk: Desk, receiver: HttpReceiver, browser: Browser, user_id: UUID | None = None, path: str = "a"
) -> NotificationChannel:
    subscription = msgspec.to_builtins(browser.subscription(receiver.port))
    subscription["endpoint"] += path
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        return await subscribe(work, desk.tools, user_id or desk.tenant.viewer_id, subscription, name="Phone")


async def own(desk: Desk, user_id: UUID) -> list[UUID]:
    async with desk.databases.app.reading(desk.tenant.id) as work:
        rows = await repository.channels_of_user(work, user_id, browsers.WEB_PUSH)
    return [row.id for row in rows if row.is_active]


async def test_a_browser_shows_new_trouble_and_the_row_holds_no_secret(desk: Desk, receiver: HttpReceiver) -> None:
    receiver.status, browser = 201, Browser()
    row = await subscribed(desk, receiver, browser)
    await desk.tell()
    assert await desk.send() == 1
    shown = browser.shows(receiver.requests[0])
    assert shown["severity"] == "critical"
    assert desk.machine.name in shown["title"]
    assert shown["url"].startswith("https://plantwright.example/")
    assert set(row.config) == {"endpoint", "p256dh"}


async def test_routes_lead_to_channels_and_browsers_hear_of_new_trouble_all_the_same(
    desk: Desk, receiver: HttpReceiver, other_receiver: HttpReceiver
) -> None:
    await subscribed(desk, receiver, Browser())
    hook = await desk.webhook(other_receiver)
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        draft = RouteDraft(name="nothing", events=[Event.ALERT_RAISED], channel_ids=[hook.id], sites=["elsewhere"])
        await create_route(work, desk.tools.journal, desk.tenant.admin_id, draft)
    await desk.tell()
    await desk.tell(severity="info")
    assert await desk.send() == 1
    assert len(receiver.requests) == 1
    assert not other_receiver.requests


async def test_a_browser_that_has_unsubscribed_is_left_alone_and_nobody_else_is_told(
    desk: Desk, receiver: HttpReceiver, other_receiver: HttpReceiver
) -> None:
    receiver.status = 410
    row = await subscribed(desk, receiver, Browser())
    await desk.webhook(other_receiver)
    await desk.tell()
    await desk.send()
    await desk.consume()
    await desk.send()
    assert (await desk.stored(row)).is_active is False
    assert len(other_receiver.requests) == 1
    assert await own(desk, desk.tenant.viewer_id) == []
    now = utc_now()
    await forget_deliveries(desk.databases.worker, desk.tenant.id, now + timedelta(days=29))
    assert len(await desk.attempts((await desk.deliveries())[0].id)) == 1, "the log says for 30 days what came of it"
    await forget_deliveries(desk.databases.worker, desk.tenant.id, now + timedelta(days=31))
    async with desk.databases.app.reading(desk.tenant.id) as work:
        assert await repository.addresses_of(work, desk.tenant.viewer_id) == []


async def test_on_a_shared_computer_the_browser_follows_who_subscribes(desk: Desk, receiver: HttpReceiver) -> None:
    first, second = Browser(), Browser()
    await subscribed(desk, receiver, first, desk.tenant.operator_id)
    row = await subscribed(desk, receiver, second, desk.tenant.viewer_id)
    assert await own(desk, desk.tenant.operator_id) == []
    assert await own(desk, desk.tenant.viewer_id) == [row.id]
    await desk.tell()
    await desk.send()
    [request] = receiver.requests
    assert second.shows(request)["severity"] == "critical"


async def test_there_are_at_most_ten_of_a_user(desk: Desk, receiver: HttpReceiver) -> None:
    for number in range(MAX_BROWSERS):
        await subscribed(desk, receiver, Browser(), path=str(number))
    with pytest.raises(ValidationFailed, match="10 browsers"):
        await subscribed(desk, receiver, Browser(), path="more")
    await subscribed(desk, receiver, Browser(), path="0")


async def test_only_ones_own_are_removed(desk: Desk, receiver: HttpReceiver) -> None:
    mine = await subscribed(desk, receiver, Browser(), desk.tenant.viewer_id, "mine")
    theirs = await subscribed(desk, receiver, Browser(), desk.tenant.operator_id, "theirs")
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        with pytest.raises(NotFound):
            await unsubscribe(work, desk.tools, desk.tenant.viewer_id, theirs.config["endpoint"])
        assert await unsubscribe(work, desk.tools, desk.tenant.viewer_id, mine.config["endpoint"]) == 1
        assert await unsubscribe(work, desk.tools, desk.tenant.viewer_id, None) == 0
    assert await own(desk, desk.tenant.operator_id) == [theirs.id]
    created, deleted = (
        await desk.facts("notification_channel.created"),
        await desk.facts("notification_channel.deleted"),
    )
    assert [record.actor_id for record in created] == [desk.tenant.viewer_id, desk.tenant.operator_id]
    assert [record.resource_id for record in deleted] == [str(mine.id)]


async def test_a_browser_is_in_no_list_and_cannot_be_changed_as_a_channel(desk: Desk, receiver: HttpReceiver) -> None:
    row = await subscribed(desk, receiver, Browser())
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        assert await repository.count(work, repository.ChannelFilter()) == 0
        with pytest.raises(NotFound):
            await service.delete(work, desk.tools, desk.tenant.admin_id, row.id)


async def test_what_is_no_subscription_is_refused(desk: Desk) -> None:
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        for subscription in ({"endpoint": "x"}, {"endpoint": "x", "p256dh": "a", "auth": "a"}):
            with pytest.raises(ValidationFailed):
                await subscribe(work, desk.tools, desk.tenant.viewer_id, subscription)
