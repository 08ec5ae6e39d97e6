"""The worker from the log: segments as ingest writes them, then the detectors' consumer until it has caught up."""

import time
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import numpy as np
import numpy.typing as npt
from detect_engine import DISTURBED_SHARE, LEARNT_TIMES, PERIOD_MS, Stream
from plant import Plant, make_tenant_with_key
from plantwright.core.database import Database
from plantwright.detection.consumer import DetectionConsumer
from plantwright.journal.service import Journal
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.ingest.batch import SeriesColumns, StoreRequest
from plantwright.readings.ingest.segments import COPY_COLUMNS, build_segments, copy_payload

_METRICS = """
    INSERT INTO metric (tenant_id, id, machine_id, name, unit)
    SELECT tenant_id, gen_random_uuid(), id, 'metric_' || number, 'mm/s'
    FROM machine CROSS JOIN generate_series(1, $2::integer) AS number WHERE tenant_id = $1
    RETURNING series_id"""
_SIZES = """
    SELECT (SELECT coalesce(sum(octet_length(state)), 0) FROM detection_shard WHERE tenant_id = $1) AS state,
           (SELECT coalesce(sum(octet_length(buckets)), 0) FROM detection_hour WHERE tenant_id = $1) AS hours"""
MACHINES = 100
DISTURBANCE = 25.0


@dataclass(frozen=True)
class Caught:
    """Readings per second of the clock, from the log to the commit of state and findings.

    `rate` is of a worker that has the state of the series already, `fresh_rate` of one that has just started,
    `disturbed_rate` of the first with one series in a hundred in violation.
    """

    rate: float
    fresh_rate: float
    disturbed_rate: float
    findings: int
    state_bytes: int
    hour_bytes: int


class Log:
    """A tenant's log, written flush by flush as ingest does; every flush brings some times of every series."""

    def __init__(self, plant: Plant, owner: asyncpg.Connection, ingest: asyncpg.Connection, stream: Stream) -> None:
        self._plant, self._owner, self._ingest, self._stream = plant, owner, ingest, stream
        self._next_ms = time.time_ns() // 1_000_000 - 6 * 3_600_000
        self.tenant_id = UUID(int=0)

    async def prepare(self) -> None:
        await make_tenant_with_key(self._plant, MACHINES)
        tenant = await self._owner.fetchrow("SELECT id, number FROM tenant ORDER BY number DESC LIMIT 1")
        self.tenant_id, self._tenant_no = tenant["id"], tenant["number"]
        rows = await self._owner.fetch(_METRICS, self.tenant_id, self._stream.series // MACHINES)
        self._series_ids = np.array(sorted(row["series_id"] for row in rows), np.int32)

    async def write(self, readings: int, times_per_flush: int, *, is_disturbed: bool = False) -> int:
        """About so many readings; returns how many."""
        flushes = max(1, round(readings / (times_per_flush * self._stream.series)))
        for _ in range(flushes):
            table = self._stream.table(times_per_flush)
            if is_disturbed:
                table[:: round(1 / DISTURBED_SHARE)] += DISTURBANCE
            await self._flush(table)
        return flushes * times_per_flush * self._stream.series

    async def _flush(self, table: npt.NDArray[np.float64]) -> None:
        series, times = table.shape
        time_ms = np.tile(self._next_ms + PERIOD_MS * np.arange(times), series)
        self._next_ms += PERIOD_MS * times
        columns = SeriesColumns(
            np.repeat(self._series_ids, times), time_ms, table.ravel(), np.zeros(series * times, np.int8)
        )
        payload = copy_payload(build_segments([StoreRequest(self.tenant_id, self._tenant_no, None, columns)]))
        await self._ingest.copy_to_table("segment", source=memoryview(payload), columns=COPY_COLUMNS, format="binary")


async def measure(plant: Plant, series: int, times_per_flush: int, readings: int) -> Caught:
    owner = await asyncpg.connect(plant.settings.owner_url())
    ingest = await asyncpg.connect(plant.settings.role_url("ingest"))
    database = Database(plant.settings.role_url("worker"), statement_timeout_ms=60_000)
    journal = Journal(plant.settings.audit_key_material())
    log = Log(plant, owner, ingest, Stream(series))

    async def caught_up(consumer: DetectionConsumer, written: int) -> float:
        begin = time.perf_counter()
        passed = await run_readings_consumer(database, log.tenant_id, consumer)
        assert passed == written, (passed, written)
        return written / (time.perf_counter() - begin)

    try:
        await log.prepare()
        worker = DetectionConsumer(journal)
        await caught_up(worker, await log.write(LEARNT_TIMES * series, times_per_flush))
        rate = await caught_up(worker, await log.write(readings, times_per_flush))
        fresh_rate = await caught_up(DetectionConsumer(journal), await log.write(readings, times_per_flush))
        worker = DetectionConsumer(journal)
        await caught_up(worker, await log.write(1, times_per_flush))
        written = await log.write(readings, times_per_flush, is_disturbed=True)
        disturbed_rate = await caught_up(worker, written)
        findings = await owner.fetchval(
            "SELECT count(*) FROM audit_record WHERE tenant_id = $1 AND action LIKE 'finding.%'", log.tenant_id
        )
        sizes = await owner.fetchrow(_SIZES, log.tenant_id)
    finally:
        await database.close()
        await ingest.close()
        await owner.close()
    return Caught(rate, fresh_rate, disturbed_rate, findings, sizes["state"], sizes["hours"])
