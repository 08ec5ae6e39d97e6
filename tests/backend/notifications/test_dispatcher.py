"""Many channels at once: one that hangs holds up itself alone."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from plantwright.core.clock import utc_now
from plantwright.core.ids import uuid7
from plantwright.notifications.dispatcher import Dispatcher
from plantwright.notifications.lane import Post
from plantwright.notifications.models import DeliveryStatus
from plantwright.notifications.retention import forget_deliveries
from plantwright.notifications.sending import Sender
from sqlalchemy import text

from tests.agent.tls import HOST
from tests.backend.notifications.channels.http_receiver import HttpReceiver
from tests.backend.notifications.channels.receiving import House, serving
from tests.backend.notifications.conftest import Desk


@pytest.fixture
async def dispatcher(desk: Desk) -> AsyncIterator[Dispatcher]:
    """By the real clock; what the journal says became due a while ago."""
    desk.clock.advance(minutes=-1)
    sender = Sender(desk.tools.channels, desk.tools.vault, desk.tools.outbound)
    made = Dispatcher(Post(desk.databases.worker, desk.tools.journal, sender, uuid7(), utc_now))
    yield made
    await made.close()


@asynccontextmanager
async def hanging(house: House) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """Takes requests and answers when it is told to."""
    answers = asyncio.Event()

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await answers.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with serving(serve, house.tls) as port:
        yield port, answers


async def statuses(desk: Desk) -> dict[str, str]:
    return {str(one.channel_id): one.status for one in await desk.deliveries()}


async def test_an_endpoint_that_hangs_delays_only_itself(
    desk: Desk, house: House, receiver: HttpReceiver, dispatcher: Dispatcher
) -> None:
    async with hanging(house) as (port, answers):
        stuck = await desk.channel("webhook", {"url": f"https://{HOST}:{port}/"})
        lively = [await desk.webhook(receiver) for _ in range(3)]
        await desk.tell()
        await desk.tell()
        dispatcher.wake(desk.tenant.id)
        async with asyncio.timeout(30):
            while len(receiver.requests) < 6:
                await receiver_step()
        by_channel = await statuses(desk)
        assert by_channel[str(stuck.id)] == DeliveryStatus.PENDING
        assert len(lively) == 3
        answers.set()
        async with asyncio.timeout(30):
            while set((await statuses(desk)).values()) != {"delivered"}:
                await receiver_step()


async def receiver_step() -> None:
    await asyncio.sleep(0.02)


async def test_what_is_on_its_way_is_waited_for_when_a_worker_ends(
    desk: Desk, house: House, dispatcher: Dispatcher
) -> None:
    async with hanging(house) as (port, answers):
        channel = await desk.channel("webhook", {"url": f"https://{HOST}:{port}/"})
        await desk.tell()
        await desk.tell()
        dispatcher.wake(desk.tenant.id)
        async with asyncio.timeout(30):
            while (await desk.deliveries())[0].attempts + (await desk.deliveries())[1].attempts == 0:
                await receiver_step()
        ending = asyncio.create_task(dispatcher.close())
        await receiver_step()
        answers.set()
        await ending
    assert sorted(one.status for one in await desk.deliveries()) == ["delivered", "pending"]
    runtime = await desk.runtime(channel)
    assert (runtime.holder, runtime.lease_until) == (None, None)
    assert runtime.next_at is not None
    dispatcher.wake(desk.tenant.id)
    assert sorted(one.status for one in await desk.deliveries()) == ["delivered", "pending"]


async def test_old_deliveries_are_forgotten_and_what_waits_is_not(desk: Desk, receiver: HttpReceiver) -> None:
    await desk.webhook(receiver)
    for _ in range(3):
        await desk.tell()
    desk.clock.advance(seconds=1)
    await desk.send()
    await desk.tell()
    async with desk.databases.worker.transaction(desk.tenant.id) as work:
        await work.execute(text("UPDATE notification_delivery SET created_at = now() - interval '31 days'"))
    await desk.tell()
    assert await forget_deliveries(desk.databases.worker, desk.tenant.id, utc_now()) == 3
    assert sorted(one.sequence for one in await desk.deliveries()) == [4, 5]
