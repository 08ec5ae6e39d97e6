import asyncio
from uuid import uuid4

from plantwright.core.ids import uuid7
from plantwright.core.jobs import QUEUE_NAME, JobQueue, deserialize, serialize
from plantwright.core.settings import Settings
from redis.asyncio import Redis
from structlog.testing import capture_logs

from tests.backend.relay import relayed


def url_of(settings: Settings) -> str:
    """A database of its own in the same server: the shared worker would take the jobs before they are looked at."""
    return settings.redis_url.get_secret_value().rpartition("/")[0] + "/9"


async def test_a_job_carries_ids_and_equal_ones_share_a_place(settings: Settings) -> None:
    queue = await JobQueue.connect(url_of(settings))
    tenant_id = uuid7()
    try:
        await asyncio.gather(*(queue.enqueue("consume_journal", tenant_id) for _ in range(20)))
        async with Redis.from_url(url_of(settings)) as redis:
            waiting = [key async for key in redis.scan_iter(f"arq:job:consume_journal:{tenant_id}:*")]
            assert 1 <= len(waiting) <= 2, "twenty calls fall into one slot, or two when the clock turned"
            job = deserialize(await redis.get(waiting[0]))
            assert job["a"] == [str(tenant_id)]
            for key in waiting:
                assert await redis.zscore(QUEUE_NAME, key.decode().removeprefix("arq:job:")) is not None
    finally:
        await queue.close()


async def test_a_later_call_is_not_swallowed(settings: Settings) -> None:
    queue = await JobQueue.connect(url_of(settings))
    tenant_id = uuid7()
    try:
        await queue.enqueue("consume_journal", tenant_id)
        await asyncio.sleep(0.15)
        await queue.enqueue("consume_journal", tenant_id)
        async with Redis.from_url(url_of(settings)) as redis:
            assert len([key async for key in redis.scan_iter(f"arq:job:consume_journal:{tenant_id}:*")]) == 2
    finally:
        await queue.close()


async def test_a_lost_redis_is_logged_and_never_raised(settings: Settings) -> None:
    async with relayed(url_of(settings)) as (relay, url):
        queue = await JobQueue.connect(url)
        await relay.cut()
        with capture_logs() as logs:
            await queue.enqueue("consume_journal", uuid4())
        assert [line["event"] for line in logs] == ["enqueue_failed"]
        await relay.join()
        with capture_logs() as logs:
            await queue.enqueue("consume_journal", uuid4())
        assert logs == []
        await queue.close()


def test_jobs_are_json() -> None:
    tenant_id = uuid7()
    assert deserialize(serialize({"a": [tenant_id]})) == {"a": [str(tenant_id)]}
