"""The database fails while a message is on its way: nothing is lost, and it comes at most once more, under its id."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest
from plantwright.core.settings import Settings
from plantwright.notifications.models import DeliveryStatus
from plantwright.notifications.outcomes import NOT_STORED
from plantwright.notifications.schedule import MAX_ATTEMPTS
from sqlalchemy.exc import DBAPIError

from tests.backend.notifications.channels.http_receiver import HttpReceiver
from tests.backend.notifications.conftest import Desk

_FULL = """
    CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END $$;
    CREATE TRIGGER disk_is_full BEFORE {when} ON notification_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full();"""
RESULTS = "UPDATE"
EVERYTHING = "INSERT OR UPDATE"


@asynccontextmanager
async def full_disk(settings: Settings, when: str) -> AsyncIterator[None]:
    """As if no attempt could be written (or only no result) as long as the block lasts."""
    owner = await asyncpg.connect(settings.owner_url())
    try:
        await owner.execute(_FULL.format(when=when))
        yield
    finally:
        await owner.execute("DROP FUNCTION IF EXISTS disk_is_full CASCADE")
        await owner.close()


async def end_lease(settings: Settings) -> None:
    """Half a minute later."""
    owner = await asyncpg.connect(settings.owner_url())
    await owner.execute("UPDATE notification_channel_runtime SET lease_until = now()")
    await owner.close()


def ids(receiver: HttpReceiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.requests]


async def test_a_disk_that_is_full_for_a_while_repeats_the_message_at_most_once(
    desk: Desk, receiver: HttpReceiver, settings: Settings
) -> None:
    await desk.webhook(receiver)
    await desk.tell()
    post = replace(desk.post(), pauses=(0.0, 0.0))
    [lane] = await post.claim(desk.tenant.id, 1)
    async with full_disk(settings, RESULTS):
        with pytest.raises(DBAPIError, match="No space left"):
            await post.drain(lane)
    assert len(receiver.requests) == 1
    async with full_disk(settings, EVERYTHING):
        await end_lease(settings)
        [lane] = await post.claim(desk.tenant.id, 1)
        with pytest.raises(DBAPIError, match="No space left"):
            await post.drain(lane)
    assert len(receiver.requests) == 1, "what cannot be written down is not sent"
    await end_lease(settings)
    assert await desk.send() == 1
    [delivery] = await desk.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 2)
    assert ids(receiver) == [str(delivery.id)] * 2
    assert [one.is_delivered for one in await desk.attempts(delivery.id)] == [None, True]
    assert len(await desk.facts("notification.delivered")) == 1


async def test_a_short_failure_repeats_nothing(desk: Desk, receiver: HttpReceiver, settings: Settings) -> None:
    await desk.webhook(receiver)
    await desk.tell()
    post = desk.post()
    [lane] = await post.claim(desk.tenant.id, 1)
    owner = await asyncpg.connect(settings.owner_url())

    async def fails_once(_: object) -> None:
        """Whoever keeps the result finds every connection broken."""
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND application_name = 'plantwright'"
        )

    receiver.before_answer = fails_once
    assert await post.drain(lane) == 1
    await owner.close()
    [delivery] = await desk.deliveries()
    assert (delivery.status, delivery.attempts, len(receiver.requests)) == (DeliveryStatus.DELIVERED, 1, 1)


async def test_results_that_are_never_stored_end_in_a_dead_letter(
    desk: Desk, receiver: HttpReceiver, settings: Settings
) -> None:
    await desk.webhook(receiver)
    await desk.tell()
    post = replace(desk.post(), pauses=())
    async with full_disk(settings, RESULTS):
        for _ in range(MAX_ATTEMPTS):
            await end_lease(settings)
            [lane] = await post.claim(desk.tenant.id, 1)
            with pytest.raises(DBAPIError):
                await post.drain(lane)
    await end_lease(settings)
    assert await desk.send() == 0
    [delivery] = await desk.deliveries()
    assert (delivery.status, delivery.detail) == (DeliveryStatus.DEAD, NOT_STORED)
    assert set(ids(receiver)) == {str(delivery.id)}
    assert len(ids(receiver)) == MAX_ATTEMPTS
    [fact] = await desk.facts("notification.failed")
    assert fact.payload["reason"] == NOT_STORED
