"""Tells the worker and the subscriptions of a tenant that readings were stored."""

import asyncio
from uuid import UUID

from plantwright.core.bus import Bus, readings_channel
from plantwright.core.jobs import JobQueue
from plantwright.core.tasks import end_task

CONSUME_JOB = "consume_readings"

# Longer than the time in which the job queue takes two calls for one, so that the call after the last commit counts.
_PAUSE_SECONDS = 0.11


class StoredReadings:
    """Collects tenants and calls for each once per round, so that a commit never waits for Redis."""

    def __init__(self, bus: Bus, queue: JobQueue) -> None:
        self._bus = bus
        self._queue = queue
        self._tenants: set[UUID] = set()
        self._announced = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def announce(self, tenant_ids: set[UUID]) -> None:
        self._tenants |= tenant_ids
        self._announced.set()

    async def start(self) -> None:
        self._loop = asyncio.create_task(self._run(), name="stored-readings")

    async def stop(self) -> None:
        if self._loop is not None:
            await end_task(self._loop)
            self._loop = None

    async def _run(self) -> None:
        while True:
            await self._announced.wait()
            self._announced.clear()
            tenants, self._tenants = self._tenants, set()
            for tenant_id in tenants:
                await self._bus.wake(readings_channel(tenant_id))
                await self._queue.enqueue(CONSUME_JOB, tenant_id)
            await asyncio.sleep(_PAUSE_SECONDS)
