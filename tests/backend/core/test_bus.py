import asyncio
import time

from plantwright.core.bus import Bus, journal_channel, readings_channel
from plantwright.core.settings import Settings
from redis.asyncio import Redis
from structlog.testing import capture_logs

from tests.backend.relay import relayed


def url_of(settings: Settings) -> str:
    return settings.redis_url.get_secret_value()


async def settled(bus: Bus, channel: str) -> None:
    """Waits until the first connection of the listener is up; it wakes everyone once."""
    async with bus.listen(channel) as calls:
        await bus.wake(channel)
        assert await calls.wait(3)


async def test_a_call_reaches_every_listener_of_its_channel_and_nobody_else(settings: Settings) -> None:
    one, another = Bus(url_of(settings)), Bus(url_of(settings))
    await one.connect()
    await another.connect()
    try:
        for bus in (one, another):
            await settled(bus, "warm-up")
        async with one.listen("a") as first, one.listen("a", "b") as second, another.listen("c") as stranger:
            await asyncio.sleep(0.05)
            await another.wake("a")
            assert await first.wait(2)
            assert await second.wait(2)
            assert not await stranger.wait(0.1)
            await another.wake("b")
            assert await second.wait(2)
            assert not await first.wait(0.1)
    finally:
        await one.disconnect()
        await another.disconnect()


async def test_calls_coalesce_for_a_listener_that_does_not_read(settings: Settings) -> None:
    bus = Bus(url_of(settings))
    await bus.connect()
    try:
        async with bus.listen("busy") as calls:
            await calls.wait(1)
            for _ in range(1000):
                await bus.wake("busy")
            await asyncio.sleep(0.2)
            assert await calls.wait(0.5)
            assert not await calls.wait(0.2), "a thousand calls are one"
    finally:
        await bus.disconnect()


async def test_listeners_that_come_and_go_at_the_same_time_all_hear(settings: Settings) -> None:
    bus = Bus(url_of(settings))
    await bus.connect()

    async def listen_twice() -> bool:
        async with bus.listen("crowd"):
            await asyncio.sleep(0)
        async with bus.listen("crowd") as calls:
            return await calls.wait(3)

    async def call() -> None:
        for _ in range(10):
            await asyncio.sleep(0.05)
            await bus.wake("crowd")

    try:
        heard = await asyncio.gather(*(listen_twice() for _ in range(30)), call())
        assert all(heard[:-1])
    finally:
        await bus.disconnect()


async def test_a_killed_connection_comes_back_and_wakes_its_listeners(settings: Settings) -> None:
    bus = Bus(url_of(settings))
    await bus.connect()
    try:
        await settled(bus, "steady")
        async with bus.listen("steady") as calls:
            await calls.wait(0.3)
            for _ in range(2):
                async with Redis.from_url(url_of(settings)) as administrator:
                    assert await administrator.execute_command("CLIENT", "KILL", "TYPE", "pubsub") >= 1
                assert await calls.wait(3), "whoever listened may have missed a call"
                await asyncio.sleep(0.1)
                await bus.wake("steady")
                assert await calls.wait(3)
    finally:
        await bus.disconnect()


async def test_without_redis_a_call_is_lost_in_silence_and_later_ones_arrive(settings: Settings) -> None:
    async with relayed(url_of(settings)) as (relay, url):
        bus = Bus(url)
        await bus.connect()
        try:
            async with bus.listen("later") as calls:
                await calls.wait(1)
                await relay.cut()
                with capture_logs() as logs:
                    await bus.wake("later")
                assert [line["event"] for line in logs if "publish" in line["event"]] == ["bus_publish_failed"]
                await relay.join()
                assert await calls.wait(5)
        finally:
            await bus.disconnect()


async def test_leaving_takes_no_time(settings: Settings) -> None:
    bus = Bus(url_of(settings))
    await bus.connect()
    begun = time.monotonic()
    async with bus.listen("brief"):
        pass
    await bus.disconnect()
    assert time.monotonic() - begun < 1


def test_channels_name_the_tenant() -> None:
    assert {journal_channel("t"), readings_channel("t")} == {"journal:t", "readings:t"}
