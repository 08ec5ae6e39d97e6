"""Where the inputs of the server's own sources put what they read: the readings log, by way of the group commit.

Invariants:
1. A batch has the next number of its source's stream and keeps it until it is known to be stored; so it is stored once.
2. A number that somebody else has used means that the source is somebody else's: nothing more is sent. So what was
   read under a lease may be stored after it has run out, as long as nobody else has taken the source.
3. What waits is bounded, for each source and over all; what does not fit is dropped, oldest first, and becomes a gap.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import structlog
from plantwright_agent.normalise import normalise
from plantwright_agent.samples import Collected, Gap, Reading
from sqlalchemy.exc import SQLAlchemyError

from plantwright.assets.series import SeriesCache
from plantwright.core.clock import from_milliseconds, to_milliseconds, utc_now
from plantwright.core.database import Database
from plantwright.core.errors import Unavailable
from plantwright.readings.ingest import repository as batches
from plantwright.readings.ingest.batch import BatchKey, NamedColumns, SeriesColumns, StoreRequest
from plantwright.readings.ingest.decoded import QUALITY_NAMES, decoded_batch
from plantwright.readings.ingest.writer import GroupCommitWriter, Stored
from plantwright.sources import lease_repository
from plantwright.sources.gap_book import GapBook
from plantwright.sources.lease import Lease
from plantwright.sources.lease_repository import STREAM
from plantwright.sources.limits import KEPT_GAPS

log = structlog.get_logger()

MAX_BATCH = 5_000
MAX_WAITING = 20_000
MAX_WAITING_OVERALL = 500_000
RETRY_SECONDS = 1.0
# Readings that come within this time go together.
LINGER_SECONDS = 0.2
NOT_STORED = "the server could not store what came"


@dataclass(slots=True)
class Room:
    """How many readings may still wait, over all sources of this process."""

    left: int = MAX_WAITING_OVERALL


@dataclass(frozen=True, slots=True)
class Stores:
    """What all sinks of a process share; `database` is of the `worker` role."""

    database: Database
    series: SeriesCache
    writer: GroupCommitWriter
    room: Room


@dataclass(slots=True)
class Counts:
    readings: int = 0
    last_reading_at: datetime | None = None


class ReadingsSink:
    """Of one source under one lease. `newest` is what is stored of each metric already: time in ms, value."""

    def __init__(self, stores: Stores, lease: Lease, newest: Mapping[str, tuple[int, float]]) -> None:
        self.counts = Counts()
        self.refusals: dict[str, str] = {}
        self.gaps = GapBook()
        self._stores = stores
        self._lease = lease
        self._newest = dict(newest)
        self._waiting: deque[Reading] = deque()
        self._came = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    async def add(self, stream: str, collected: Collected) -> None:  # noqa: ARG002 - the contract's signature
        """Returns at once: a device does not wait, so what comes is kept here until it is stored."""
        readings, _, gaps = normalise(collected)
        for gap in gaps:
            self.gaps.note(gap)
        for reading in readings:
            if self._is_new(reading):
                self._waiting.append(reading)
                self._stores.room.left -= 1
        self._make_room()
        self._is_idle.clear()
        self._came.set()

    async def wait_for_room(self) -> None:
        """There always is: see `add`."""

    async def run(self) -> None:
        """Stores until cancelled, or until the source is somebody else's."""
        try:
            while not self._lease.is_lost:
                await self._came.wait()
                await asyncio.sleep(LINGER_SECONDS)
                self._came.clear()
                while self._waiting and not self._lease.is_lost:
                    await self._store(self._take())
                await self._write_gaps()
                if not self._waiting:
                    self._is_idle.set()
        finally:
            self._stores.room.left += len(self._waiting)
            self._waiting.clear()
            self._is_idle.set()

    async def drained(self, seconds: float) -> None:
        """Wait until all is stored, but no longer than this."""
        try:
            async with asyncio.timeout(seconds):
                await self._is_idle.wait()
        except TimeoutError:
            log.warning("source_not_drained", source_id=str(self._lease.source_id), waiting=len(self._waiting))

    def _is_new(self, reading: Reading) -> bool:
        """A server repeats the last value to whoever subscribes anew; it is stored already."""
        stamp = to_milliseconds(reading.timestamp), reading.value
        if self._newest.get(reading.metric_name) == stamp:
            return False
        self._newest[reading.metric_name] = stamp
        return True

    def _make_room(self) -> None:
        dropped: list[Reading] = []
        while self._waiting and (len(self._waiting) > MAX_WAITING or self._stores.room.left < 0):
            dropped.append(self._waiting.popleft())
            self._stores.room.left += 1
        self._missed(dropped)

    def _missed(self, readings: list[Reading]) -> None:
        if readings:
            times = [reading.timestamp for reading in readings]
            self.gaps.note(Gap(min(times), max(times), NOT_STORED, count=len(readings)))

    def _take(self) -> list[Reading]:
        taken = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
        self._stores.room.left += len(taken)
        return taken

    async def _store(self, readings: list[Reading]) -> None:
        """Keep trying while the database is away."""
        request: StoreRequest | None = None
        while not self._lease.is_lost:
            try:
                request = request or await self._request(readings)
                if request is not None:
                    await self._send(request)
            except (Unavailable, SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("source_waits", source_id=str(self._lease.source_id), error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("source_batch_lost", source_id=str(self._lease.source_id), readings=len(readings))
                self._missed(readings)
                return
            else:
                return

    async def _request(self, readings: list[Reading]) -> StoreRequest | None:
        """The next batch; None when none of its readings can be taken."""
        lease = self._lease
        key = BatchKey(lease.source_id, STREAM, lease.sequence)
        batch = decoded_batch(key, _columns(readings), [], to_milliseconds(utc_now()))
        names = batch.columns.names
        verdicts = await self._stores.series.resolve(lease.tenant_id, names)
        found = [verdicts[name] for name in names]
        self.refusals = {names[place][1]: one for place, one in enumerate(found) if isinstance(one, str)}
        if batch.errors:
            self.refusals["time"] = batch.errors[0].error
        series = np.array([one if isinstance(one, int) else -1 for one in found], np.int32)
        columns = batch.columns.only(series[batch.columns.name_of] >= 0)
        if not len(columns):
            return None
        resolved = SeriesColumns(series[columns.name_of], columns.time_ms, columns.value, columns.quality)
        return StoreRequest(lease.tenant_id, lease.tenant_no, key, resolved, None, batch.digest)

    async def _send(self, request: StoreRequest) -> None:
        stored = await self._stores.writer.store(request)
        if stored is Stored.SEEN_BEFORE and not await self._is_ours(request):
            log.warning("source_fenced", source_id=str(self._lease.source_id), epoch=self._lease.epoch)
            self._lease.is_lost = True
            return
        self._lease.sequence += 1
        self.counts.readings += len(request.columns)
        newest = from_milliseconds(int(request.columns.time_ms.max()))
        self.counts.last_reading_at = max(newest, self.counts.last_reading_at or newest)

    async def _is_ours(self, request: StoreRequest) -> bool:
        """Whether the batch under this number is this one, of which the answer was lost."""
        if request.key is None:
            return False
        async with self._stores.database.reading(request.tenant_id) as work:
            outcome = await batches.batch_outcome(work, request.tenant_no, request.key)
        return outcome is not None and outcome.digest == request.digest

    async def _write_gaps(self) -> None:
        gaps = self.gaps.take()
        if not gaps or self._lease.is_lost:
            return
        try:
            async with self._stores.database.transaction(self._lease.tenant_id) as work:
                await lease_repository.keep_gaps(work, self._lease.source_id, gaps, KEPT_GAPS)
        except (SQLAlchemyError, OSError) as error:
            log.warning("gaps_wait", source_id=str(self._lease.source_id), error=type(error).__name__)
            self.gaps.put_back(gaps)


def _columns(readings: list[Reading]) -> NamedColumns:
    places: dict[tuple[str, str, str], int] = {}
    name_of = [places.setdefault((one.machine_identifier, one.metric_name, one.unit), len(places)) for one in readings]
    return NamedColumns(
        index=np.arange(len(readings), dtype=np.int64),
        names=list(places),
        name_of=np.array(name_of, np.int32),
        time_ms=np.array([to_milliseconds(one.timestamp.astimezone(UTC)) for one in readings], np.int64),
        value=np.array([one.value for one in readings], np.float64),
        quality=np.array([QUALITY_NAMES[one.quality] for one in readings], np.int8),
    )
