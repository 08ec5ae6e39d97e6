"""One source that this process polls: its input, its sink and its lease."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from plantwright_agent.inputs.contract import Input
from plantwright_agent.moment import Moment
from plantwright_agent.supervision.supervisor import Patience, SourceTask

from plantwright.sources.lease import Lease
from plantwright.sources.lease_repository import Beat
from plantwright.sources.models import SourceState
from plantwright.sources.sink import ReadingsSink

log = structlog.get_logger()

STOP_SECONDS = 4.0
DRAIN_SECONDS = 5.0
NOT_POLLED = "the source was not being polled"
LEASE_LATE = "the database could not be reached, so polling was stopped"
_SHOWN = frozenset({"starting", "ok", "recoverable", "permanent"})


class PolledSource:
    """Polls while its lease lasts. When the lease cannot be renewed in time, polling stops and what was read waits;
    it goes on when the lease is renewed after all.
    """

    def __init__(
        self,
        lease: Lease,
        build: Callable[[], Input],
        sink: ReadingsSink,
        *,
        unread_since: datetime | None,
        patience: Patience | None = None,
    ) -> None:
        self.lease = lease
        self._build = build
        self._sink = sink
        self._patience = patience
        self._unread_since = unread_since
        self._reason = NOT_POLLED
        self._task: SourceTask | None = None
        self._running: asyncio.Task[None] | None = None
        self._storing = asyncio.create_task(sink.run(), name=f"store {lease.source_id}")
        self._watching = asyncio.create_task(self._watch(), name=f"watch {lease.source_id}")
        self._told = 0, 0
        self._start()

    def beat(self) -> Beat:
        """What the next renewal says; `told` follows when it has been taken."""
        lease, counts, health = self.lease, self._sink.counts, self._task.health if self._task else None
        state = health.state if health and health.state in _SHOWN else SourceState.STARTING.value
        error = health.error if health else ""
        if self._sink.refusals and state == "ok":
            state = SourceState.RECOVERABLE.value
            error = "; ".join(f"{name}: {why}" for name, why in list(self._sink.refusals.items())[:3])
        return Beat(
            source_id=lease.source_id,
            epoch=lease.epoch,
            state=state,
            since=health.since if health else datetime.now(UTC),
            error=error[:2_000].replace("\x00", ""),
            error_at=(health.error_at if health else None) or (datetime.now(UTC) if error else None),
            reading_at=counts.last_reading_at,
            readings=counts.readings - self._told[0],
            gaps=self._sink.gaps.begun - self._told[1],
            restarts=health.restarts if health else 0,
        )

    def renewed(self, beat: Beat, asked_at: float) -> None:
        """The renewal has been taken."""
        self._told = self._told[0] + beat.readings, self._told[1] + beat.gaps
        self.lease.renewed(asked_at)
        if self._running is None or self._running.done():
            self._start()

    async def stop(self, *, drains: bool) -> None:
        """Stops polling; with `drains` what was read is stored first."""
        self._watching.cancel()
        await self._stop_polling()
        if drains and not self.lease.is_lost:
            await self._sink.drained(DRAIN_SECONDS)
        self.lease.is_lost = True
        self._storing.cancel()
        await asyncio.gather(self._storing, self._watching, return_exceptions=True)

    def _start(self) -> None:
        unread = None if self._unread_since is None else (Moment.past(self._unread_since), self._reason)
        name = str(self.lease.source_id)
        self._task = SourceTask(name, self._build, self._sink, live=True, unread=unread, patience=self._patience)
        self._running = asyncio.create_task(self._task.run(), name=f"poll {name}")
        self._unread_since = None

    async def _watch(self) -> None:
        """Stops in time when the lease is not renewed, or at once when it is lost."""
        while True:
            if self._running is not None and not self._running.done():
                if self.lease.is_lost or self.lease.seconds_left <= 0:
                    log.warning("source_lease_late", source_id=str(self.lease.source_id), lost=self.lease.is_lost)
                    self._unread_since, self._reason = datetime.now(UTC), LEASE_LATE
                    await self._stop_polling()
            elif self._running is not None and not self._running.cancelled() and self._running.exception():
                log.error("source_broke", source_id=str(self.lease.source_id), error=repr(self._running.exception()))
                self._running = None
            await asyncio.sleep(min(1.0, max(0.05, self.lease.seconds_left)))

    async def _stop_polling(self) -> None:
        task, running = self._task, self._running
        if task is None or running is None:
            return
        with contextlib.suppress(Exception):
            await asyncio.wait_for(task.stop(), STOP_SECONDS)
        _, hanging = await asyncio.wait({running}, timeout=STOP_SECONDS)
        for one in hanging:
            log.error("source_hangs", source_id=str(self.lease.source_id))
            one.cancel()
        await asyncio.gather(running, return_exceptions=True)
