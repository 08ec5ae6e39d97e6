"""One tenant's log and what the detectors make of it, for tests over a real database."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from plantwright.assets.models import Metric
from plantwright.assets.service import set_metric_detection
from plantwright.core.clock import from_milliseconds, to_milliseconds, utc_now
from plantwright.detection.consumer import DetectionConsumer
from plantwright.detection.multivariate.consumer import MachineConsumer
from plantwright.detection.replay import late_repository
from plantwright.detection.replay.derivation import Period, difference_from
from plantwright.detection.replay.late_rounds import derive_late
from plantwright.detection.replay.machine_rounds import derive_late_machines
from plantwright.detection.replay.record import ACTIONS, line_of
from plantwright.detection.replay.record_repository import recorded_of_machines
from plantwright.detection.replay.replay import SeriesDerivation
from plantwright.detection.states.series_states import read_states
from plantwright.journal.service import Journal
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.latest import LatestConsumer
from sqlalchemy import text

from tests.backend.readings.log_writer import LogWriter, Reading
from tests.conftest import Databases
from tests.factories import MadeTenant

_CHANGE = text("""
    INSERT INTO detection_settings (tenant_id, metric_id, holds_from, settings)
    VALUES (:tenant_id, :metric_id, :holds_from, CAST(:settings AS jsonb))""")
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
COUNT = 50 * 60
START_MS = to_milliseconds(utc_now()) // HOUR_MS * HOUR_MS - 60 * HOUR_MS


@dataclass
class Plant:
    """One tenant's log and what the detectors make of it."""

    log: LogWriter
    databases: Databases
    journal: Journal
    tenant: MadeTenant
    metrics: dict[str, Metric]

    def series(self, name: str) -> int:
        return int(self.metrics[name].series_id or 0)

    async def take(self, *flushes: Sequence[Reading]) -> None:
        for flush in flushes:
            await self.log.flush(flush)
        for consumer in (LatestConsumer(), DetectionConsumer(self.journal)):
            await run_readings_consumer(self.databases.worker, self.tenant.id, consumer)

    async def watch_machine(self) -> None:
        await run_readings_consumer(self.databases.worker, self.tenant.id, MachineConsumer(self.journal))

    async def derive_machine(self) -> int:
        return await derive_late_machines(self.databases.worker, self.journal, self.tenant.id, at_once=True)

    async def recorded_of_machine(self) -> list[dict[str, Any]]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            machine_id = next(iter(self.metrics.values())).machine_id
            return [dict(payload) for _, _, payload in await recorded_of_machines(work, [machine_id], ACTIONS)]

    async def derive(self) -> int:
        return await derive_late(self.databases.worker, self.journal, self.tenant.id, at_once=True)

    async def state(self) -> bytes:
        async with self.databases.worker.reading(self.tenant.id) as work:
            states = await read_states(work, [self.series(name) for name in self.metrics])
        return b"".join(states[number].to_bytes() for number in sorted(states))

    async def change_settings(self, name: str, settings: dict[str, Any], holds_from_ms: int) -> None:
        """As if they had been saved at that time."""
        metric = self.metrics[name]
        async with self.databases.app.transaction(self.tenant.id) as work:
            await set_metric_detection(work, self.journal, self.tenant.admin_id, metric.id, settings)
            await work.execute(
                _CHANGE,
                {
                    "tenant_id": self.tenant.id,
                    "metric_id": metric.id,
                    "holds_from": from_milliseconds(holds_from_ms),
                    "settings": json.dumps(settings),
                },
            )

    async def marks(self) -> dict[int, int]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            found = await late_repository.due(work, 100, at_once=True)
        return {mark.series: mark.from_ms for mark in found}

    async def recorded(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.databases.worker.reading(self.tenant.id) as work:
            ids = [metric.id for metric in self.metrics.values()]
            rows = await late_repository.recorded_findings(work, ids, ACTIONS)
        return [(action, dict(payload)) for _, action, payload in rows]

    async def lines(self, since_ms: int = START_MS) -> list[bytes]:
        series = [self.series(name) for name in self.metrics]
        period = Period(since_ms, START_MS + 100 * HOUR_MS)
        source = SeriesDerivation()
        replayed = await source.derive(self.databases.worker, self.tenant.id, series, period)
        async with self.databases.worker.reading(self.tenant.id) as work:
            records = await source.recorded(work, series)
        difference, _ = difference_from(records, source.detectors, period, replayed.payloads)
        assert (difference.missing, difference.superseded) == ([], [])
        assert difference.equal == len(replayed.payloads)
        return [line_of(payload) for payload in replayed.payloads]


def readings_of(series: int, seed: int) -> list[Reading]:
    rng = np.random.default_rng(seed)
    values = rng.normal(50.0, 1.0, COUNT)
    values[1800:1810] += 40.0
    values[2700:2704] += 40.0
    return [(series, START_MS + at * MINUTE_MS, float(value), 0) for at, value in enumerate(values)]


def flushes_of(readings: list[Reading], size: int) -> list[list[Reading]]:
    return [readings[low : low + size] for low in range(0, len(readings), size)]
