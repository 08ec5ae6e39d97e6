"""Sends for many channels at once, so that one that hangs holds up itself alone."""

import asyncio
from uuid import UUID

import structlog

from plantwright.core.tasks import end_task
from plantwright.notifications.lane import Post
from plantwright.notifications.outbox_repository import Lane

log = structlog.get_logger()

PLACES = 64
# A tenant whose endpoints all hang leaves places to the others.
PLACES_OF_TENANT = 16
CLOSING_SECONDS = 12.0


class Dispatcher:
    def __init__(self, post: Post) -> None:
        self._post = post
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._looks: dict[UUID, asyncio.Task[None]] = {}
        self._look_again: set[UUID] = set()
        self._is_ending = False

    def wake(self, tenant_id: UUID) -> None:
        """The tenant has something to send; returns at once."""
        if self._is_ending:
            return
        if tenant_id in self._looks:
            self._look_again.add(tenant_id)
            return
        task = asyncio.create_task(self._look(tenant_id), name=f"look for messages of {tenant_id}")
        self._looks[tenant_id] = task

    async def close(self) -> None:
        """Messages that are on their way are waited for; the rest is left to another process."""
        self._is_ending = True
        running = [*self._lanes.values(), *self._looks.values()]
        if running:
            _, late = await asyncio.wait(running, timeout=CLOSING_SECONDS)
            for task in late:
                await end_task(task)

    async def _look(self, tenant_id: UUID) -> None:
        try:
            while True:
                self._look_again.discard(tenant_id)
                await self._claim(tenant_id)
                if tenant_id not in self._look_again or self._is_ending:
                    return
        except Exception:
            log.exception("deliveries_failed", tenant_id=str(tenant_id))
        finally:
            del self._looks[tenant_id]

    async def _claim(self, tenant_id: UUID) -> None:
        of_tenant = sum(lane.tenant_id == tenant_id for lane in self._lanes)
        free = min(PLACES - len(self._lanes), PLACES_OF_TENANT - of_tenant)
        if free <= 0:
            return
        for lane in await self._post.claim(tenant_id, free):
            self._lanes[lane] = asyncio.create_task(self._run(lane), name=f"send for channel {lane.channel_id}")

    async def _run(self, lane: Lane) -> None:
        try:
            await self._post.drain(lane, lambda: self._is_ending)
        except Exception:
            log.exception("lane_failed", tenant_id=str(lane.tenant_id), channel_id=str(lane.channel_id))
        finally:
            del self._lanes[lane]
        self.wake(lane.tenant_id)
