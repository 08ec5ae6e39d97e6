"""Sending: the schedule, order, limits, and what an endpoint that fails changes."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import orjson
import pytest
from plantwright.notifications import service
from plantwright.notifications.models import DeliveryStatus, NotificationDelivery
from plantwright.notifications.schedule import DELAYS, fraction
from plantwright.notifications.service import ChannelChange
from sqlalchemy import text

from tests.backend.notifications.channels.http_receiver import HttpReceiver
from tests.backend.notifications.conftest import Desk


def ids(receiver: HttpReceiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.requests]


async def until_due(desk: Desk) -> NotificationDelivery:
    """Set the clock to when the only delivery is due."""
    [delivery] = await desk.deliveries()
    desk.clock.now = delivery.due_at
    return delivery


async def test_a_message_is_sent_once_and_the_attempt_is_logged(desk: Desk, receiver: HttpReceiver) -> None:
    receiver.body = b"th\x00anks"
    channel = await desk.webhook(receiver)
    await desk.tell()
    assert desk.woken == [desk.tenant.id]
    assert await desk.send() == 1
    assert await desk.send() == 0
    [delivery] = await desk.deliveries()
    assert (delivery.status, delivery.attempts, delivery.channel_id) == ("delivered", 1, channel.id)
    assert ids(receiver) == [str(delivery.id)]
    [attempt] = await desk.attempts(delivery.id)
    assert (attempt.is_delivered, attempt.status, attempt.response) == (True, "200", "thanks")
    assert attempt.latency_ms is not None
    [fact] = await desk.facts("notification.delivered")
    assert fact.payload["delivery_id"] == str(delivery.id)
    assert fact.payload["alert_id"] == str(delivery.alert_id)


async def test_500_for_a_day_is_tried_on_the_schedule_with_the_same_id_and_then_given_up(
    desk: Desk, receiver: HttpReceiver
) -> None:
    receiver.status = 500
    channel = await desk.webhook(receiver)
    await desk.tell()
    tried = []
    for _ in DELAYS:
        await until_due(desk)
        assert await desk.send() == 1
        tried.append(desk.clock.now)
    [delivery] = await desk.deliveries()
    assert (delivery.status, delivery.attempts) == ("dead", 8)
    assert set(ids(receiver)) == {str(delivery.id)}
    assert len(ids(receiver)) == 8
    waited = [after - before for before, after in pairwise(tried)]
    expected = [delay * (1 + 0.2 * fraction(delivery.id, number)) for number, delay in enumerate(DELAYS)][1:]
    assert waited == expected
    assert timedelta(hours=27) < tried[-1] - tried[0] < timedelta(hours=34)
    attempts = await desk.attempts(delivery.id)
    assert [(one.number, one.status) for one in attempts] == [(number, "500") for number in range(1, 9)]
    [fact] = await desk.facts("notification.failed")
    assert fact.payload["attempts"] == 8
    assert (await desk.stored(channel)).is_active


async def test_days_of_500_are_asked_once_an_hour_and_nothing_is_lost(desk: Desk, receiver: HttpReceiver) -> None:
    """Three days, a new alert every two hours; nobody looks more often than the channel says."""
    receiver.status = 500
    channel = await desk.webhook(receiver)
    begin = desk.clock.now
    asked: list[timedelta] = []
    for hour in range(0, 72, 2):
        await desk.tell()
        while desk.clock.now < begin + timedelta(hours=hour + 2):
            sent = await desk.send()
            asked += [desk.clock.now - begin] * sent
            coming = (await desk.runtime(channel)).next_at or begin + timedelta(days=9)
            desk.clock.now = min(max(coming, desk.clock.now), begin + timedelta(hours=hour + 2))
    by_hour = Counter(moment // timedelta(hours=1) for moment in asked)
    assert max(by_hour.values()) <= 12
    assert max(count for hour, count in by_hour.items() if hour > 6) <= 2, "once the pauses are an hour long"
    assert 66 < len(asked) <= 72 + 20
    runtime = await desk.runtime(channel)
    assert (runtime.failing_since, runtime.failures) == (begin, len(asked))
    assert runtime.paused_until is not None
    assert runtime.paused_until <= desk.clock.now + timedelta(hours=1)
    assert (await desk.stored(channel)).is_active
    receiver.status = 204
    for _ in range(60):
        desk.clock.advance(hours=1)
        await desk.send()
    by_status = Counter(one.status for one in await desk.deliveries())
    assert by_status.keys() <= {"delivered", "dead"}
    assert by_status["delivered"] > by_status["dead"]
    assert sum(by_status.values()) == 36


async def test_retry_after_is_honoured_and_bounded(desk: Desk, receiver: HttpReceiver) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "120"}
    await desk.webhook(receiver)
    await desk.tell()
    begin = (await until_due(desk)).due_at
    await desk.send()
    [delivery] = await desk.deliveries()
    assert delivery.due_at == begin + timedelta(seconds=120)
    receiver.headers = {"Retry-After": "99999999"}
    await until_due(desk)
    before = desk.clock.now
    await desk.send()
    [delivery] = await desk.deliveries()
    assert delivery.due_at == before + timedelta(hours=10)


async def test_410_switches_the_channel_off_and_says_so(desk: Desk, receiver: HttpReceiver) -> None:
    receiver.status = 410
    channel = await desk.webhook(receiver)
    await desk.tell()
    await desk.tell()
    await until_first(desk)
    await desk.send()
    assert not (await desk.stored(channel)).is_active
    assert sorted(one.status for one in await desk.deliveries()) == ["cancelled", "dead"]
    [fact] = await desk.facts("notification_channel.disabled")
    assert "410" in fact.payload["reason"]
    assert len(receiver.requests) == 1
    assert "410" in ((await desk.runtime(channel)).disabled_reason or "")


async def until_first(desk: Desk) -> None:
    desk.clock.now = max(one.due_at for one in await desk.deliveries())


async def test_another_channel_is_told_that_one_was_switched_off(
    desk: Desk, receiver: HttpReceiver, other_receiver: HttpReceiver
) -> None:
    receiver.status = 410
    gone = await desk.webhook(receiver)
    await desk.webhook(other_receiver)
    await desk.tell()
    await until_first(desk)
    await desk.send()
    await desk.consume()
    await until_first(desk)
    await desk.send()
    told = [orjson.loads(request.body) for request in other_receiver.requests]
    assert [body["event"] for body in told] == ["alert.triggered", "notification_channel.disabled"]
    assert told[1]["channel"]["id"] == str(gone.id)


async def test_five_days_of_failure_switch_the_channel_off(desk: Desk, receiver: HttpReceiver) -> None:
    receiver.status = 503
    channel = await desk.webhook(receiver)
    await desk.tell()
    await until_first(desk)
    await desk.send()
    desk.clock.advance(days=4, hours=23)
    await desk.send()
    assert (await desk.stored(channel)).is_active
    desk.clock.advance(hours=12)
    await desk.send()
    assert not (await desk.stored(channel)).is_active
    assert (
        "Nothing could be delivered since" in (await desk.facts("notification_channel.disabled"))[0].payload["reason"]
    )


async def test_a_success_in_between_starts_the_five_days_anew(desk: Desk, receiver: HttpReceiver) -> None:
    receiver.status = 503
    channel = await desk.webhook(receiver)
    await desk.tell()
    await until_first(desk)
    await desk.send()
    desk.clock.advance(days=4)
    receiver.status = 204
    await desk.send()
    runtime = await desk.runtime(channel)
    assert (runtime.failures, runtime.failing_since) == (0, None)


async def test_refused_for_good_is_not_tried_again_and_five_in_a_row_switch_off(
    desk: Desk, receiver: HttpReceiver
) -> None:
    receiver.status = 400
    channel = await desk.webhook(receiver)
    for number in range(5):
        assert (await desk.stored(channel)).is_active, number
        await desk.tell()
        desk.clock.advance(hours=2)
        await desk.send()
    assert [one.status for one in await desk.deliveries()] == ["dead"] * 5
    assert [one.attempts for one in await desk.deliveries()] == [1] * 5
    assert not (await desk.stored(channel)).is_active


async def test_the_breaker_leaves_an_endpoint_alone_and_probes_it_with_one_message(
    desk: Desk, receiver: HttpReceiver
) -> None:
    receiver.status = 500
    channel = await desk.webhook(receiver)
    for _ in range(7):
        await desk.tell()
    desk.clock.advance(seconds=1)
    assert await desk.send() == 5
    runtime = await desk.runtime(channel)
    assert (runtime.failures, runtime.paused_until) == (5, desk.clock.now + timedelta(minutes=1))
    desk.clock.advance(seconds=59)
    assert await desk.send() == 0
    desk.clock.advance(seconds=1)
    assert await desk.send() == 1
    assert (await desk.runtime(channel)).paused_until == desk.clock.now + timedelta(minutes=2)
    receiver.status = 200
    desk.clock.advance(minutes=2)
    await desk.send()
    desk.clock.advance(hours=1)
    await desk.send()
    assert {one.status for one in await desk.deliveries()} == {"delivered"}
    assert (await desk.runtime(channel)).failures == 0


async def test_messages_are_sent_no_faster_than_the_limit(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver, rate_per_minute=6)
    for _ in range(9):
        await desk.tell()
    desk.clock.advance(seconds=1)
    assert await desk.send() == 6
    desk.clock.advance(seconds=9)
    assert await desk.send() == 0
    desk.clock.advance(seconds=1)
    assert await desk.send() == 1
    desk.clock.advance(seconds=20)
    assert await desk.send() == 2


async def test_order_holds_later_messages_while_an_earlier_one_waits_but_not_for_ever(
    desk: Desk, receiver: HttpReceiver
) -> None:
    receiver.status = 500
    await desk.webhook(receiver, keeps_order=True, max_hold_minutes=30)
    await desk.tell()
    await until_due(desk)
    await desk.send()
    receiver.status = 200
    await desk.tell()
    assert await desk.send() == 0
    desk.clock.advance(seconds=6)
    assert await desk.send() == 2
    first, second = await desk.deliveries()
    assert ids(receiver) == [str(first.id), str(first.id), str(second.id)]
    sequences = [request.headers["webhook-sequence"] for request in receiver.requests]
    assert sequences == ["1", "1", "2"]


@pytest.mark.parametrize(("max_hold_minutes", "sent"), [(30, 1), (1440, 0)])
async def test_what_is_held_goes_out_when_the_earlier_one_is_too_old(
    desk: Desk, receiver: HttpReceiver, max_hold_minutes: int, sent: int
) -> None:
    receiver.status = 500
    await desk.webhook(receiver, keeps_order=True, max_hold_minutes=max_hold_minutes)
    await desk.tell()
    for _ in range(4):
        await until_due(desk)
        await desk.send()
    receiver.status = 200
    await desk.tell()
    assert await desk.send() == sent
    first, second = sorted(await desk.deliveries(), key=lambda one: one.sequence)
    assert (first.status, second.status) == ("pending", "delivered" if sent else "pending")
    assert first.due_at > desk.clock.now


async def test_without_order_a_later_message_overtakes(desk: Desk, receiver: HttpReceiver) -> None:
    receiver.status = 500
    await desk.webhook(receiver)
    await desk.tell()
    await until_due(desk)
    await desk.send()
    receiver.status = 200
    await desk.tell()
    desk.clock.advance(seconds=1)
    assert await desk.send() == 1
    assert [one.status for one in await desk.deliveries()] == ["pending", "delivered"]


async def test_an_attempt_whose_process_ended_is_made_again_with_the_same_id(
    desk: Desk, receiver: HttpReceiver
) -> None:
    """Begun and never recorded: the lease runs out, whoever comes next sends it again."""
    channel = await desk.webhook(receiver)
    await desk.tell()
    await until_due(desk)
    post = desk.post()
    [lane] = await post.claim(desk.tenant.id, 1)
    assert await post._advance(lane, None) is not None
    assert await desk.send() == 0
    await expire_lease(desk)
    assert await desk.send() == 1
    [delivery] = await desk.deliveries()
    assert (delivery.status, delivery.attempts) == ("delivered", 2)
    attempts = await desk.attempts(delivery.id)
    assert [one.is_delivered for one in attempts] == [None, True]
    assert await post.drain(lane) == 0
    assert (await desk.runtime(channel)).holder is None


async def expire_lease(desk: Desk) -> None:
    async with desk.databases.worker.transaction(desk.tenant.id) as work:
        await work.execute(text("UPDATE notification_channel_runtime SET lease_until = now() - interval '1 second'"))


async def test_two_workers_never_have_the_same_channel(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver)
    await desk.webhook(receiver)
    await desk.tell()
    await until_first(desk)
    first, second = desk.post(), desk.post()
    lanes = [*await first.claim(desk.tenant.id, 1), *await second.claim(desk.tenant.id, 5)]
    assert len({lane.channel_id for lane in lanes}) == len(lanes) == 2
    assert await desk.post().claim(desk.tenant.id, 5) == []


async def test_a_channel_that_is_switched_off_sends_nothing_and_what_waited_is_cancelled(
    desk: Desk, receiver: HttpReceiver
) -> None:
    channel = await desk.webhook(receiver)
    await desk.tell()
    async with desk.databases.app.transaction(desk.tenant.id) as work:
        await service.update(work, desk.tools, desk.tenant.admin_id, channel.id, ChannelChange(is_active=False))
    await desk.tell()
    desk.clock.advance(hours=1)
    await desk.send()
    [delivery] = await desk.deliveries()
    assert delivery.status == DeliveryStatus.CANCELLED
    assert receiver.requests == []
