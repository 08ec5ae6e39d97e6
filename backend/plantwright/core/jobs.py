"""The one door to the job queue: a job carries ids, never facts, and losing one only delays work."""

import asyncio
import time
from typing import Any
from uuid import UUID

import orjson
import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

log = structlog.get_logger()

QUEUE_NAME = "plantwright:jobs"
# Calls for one tenant within this time share a job; a later one must not be swallowed by a job that already read.
_COALESCE_SECONDS = 0.1
# A Redis that hangs must not hold up the change that has been committed already.
_ENQUEUE_SECONDS = 2.0


def serialize(job: dict[str, Any]) -> bytes:
    return orjson.dumps(job, default=str)


def deserialize(raw: bytes) -> dict[str, Any]:
    job: dict[str, Any] = orjson.loads(raw)
    return job


def redis_settings(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_retries = 0
    return settings


class JobQueue:
    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    @classmethod
    async def connect(cls, url: str) -> "JobQueue":
        pool = await create_pool(
            redis_settings(url),
            job_serializer=serialize,
            job_deserializer=deserialize,
            default_queue_name=QUEUE_NAME,
        )
        return cls(pool)

    async def enqueue(self, job: str, tenant_id: UUID) -> None:
        """Never raises for a lost Redis: the sweep does the same work up to two seconds later."""
        slot = int(time.time() / _COALESCE_SECONDS)
        try:
            async with asyncio.timeout(_ENQUEUE_SECONDS):
                await self._redis.enqueue_job(job, str(tenant_id), _job_id=f"{job}:{tenant_id}:{slot}")
        except (RedisError, OSError) as error:
            log.warning("enqueue_failed", job=job, tenant_id=str(tenant_id), error=type(error).__name__)

    async def close(self) -> None:
        await self._redis.aclose()
