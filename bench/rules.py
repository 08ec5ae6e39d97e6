"""What rules cost the worker, in processor time per second of readings.

1,000 machines with ten metrics send a reading per second and metric. Each rule compares two metrics of one machine,
for a minute, and one in ten judges a rate and a deviation too; one in a hundred changes its mind with every second.
Readings go into the log as the ingest writer stores them, a flush per second, and the consumer takes them from there.
Next to it the same log without any rule. `load` is the share of a core that the rules take of the worker at that
rate; the time of the database is in `load_wall`.
"""

import argparse
import asyncio
import io
import json
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import numpy as np
from plant import Plant, make_tenant_with_key, running_servers
from plantwright.assets.models import Machine, Metric
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.core.database import Database, UnitOfWork
from plantwright.identity.repository import list_tenants
from plantwright.journal.service import Journal
from plantwright.readings.columns import LogSlice
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.ingest.batch import SeriesColumns, StoreRequest
from plantwright.readings.ingest.segments import COPY_COLUMNS, build_segments, copy_payload
from plantwright.rules import service
from plantwright.rules.consumer import RuleConsumer
from plantwright.rules.definition import (
    AllOf,
    Comparison,
    Condition,
    Definition,
    Deviation,
    Level,
    Operator,
    Rate,
    RateUnit,
    Severity,
)
from plantwright.rules.models import AlertRule
from plantwright.rules.runner import RuleRunner
from plantwright.rules.service import Draft
from plantwright.rules.watching import watched_by
from sqlmodel import col, select

MACHINES, METRICS = 1_000, 10


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class Timed:
    """The consumer with a stop-watch; `name` is that of the consumer."""

    consumer: RuleConsumer
    cpu: float = 0.0
    wall: float = 0.0
    name: str = RuleConsumer.name

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        cpu, wall = time.process_time(), time.perf_counter()
        await self.consumer.consume(work, readings)
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall


@dataclass
class House:
    app: Database
    worker: Database
    ingest: asyncpg.Connection
    journal: Journal
    tenant_id: UUID
    number: int
    machines: list[UUID]
    series: "np.ndarray[tuple[int, ...], np.dtype[np.int32]]"


async def furnish(plant: Plant, count: int = MACHINES) -> House:
    await make_tenant_with_key(plant, count)
    app, worker = Database(plant.settings.role_url("app")), Database(plant.settings.role_url("worker"))
    journal = Journal(plant.settings.audit_key_material())
    async with worker.transaction() as work:
        [(tenant_id, number)] = await list_tenants(work)
    async with app.transaction(tenant_id) as work:
        found = await work.session.exec(select(Machine.id).where(Machine.tenant_id == tenant_id))
        machines = sorted(found.all())
        for machine_id in machines:
            names = (f"metric_{place}" for place in range(METRICS))
            work.session.add_all(
                Metric(tenant_id=tenant_id, machine_id=machine_id, name=name, unit="mm/s") for name in names
            )
    async with app.transaction(tenant_id) as work:
        found_series = await work.session.exec(select(Metric.series_id).order_by(col(Metric.series_id)))
        series = np.array(found_series.all(), np.int32)
    ingest = await asyncpg.connect(plant.settings.role_url("ingest"))
    return House(app, worker, ingest, journal, tenant_id, number, machines, series)


def condition(place: int) -> Condition:
    level = 0.0 if place % 100 == 0 else 6.0
    parts: list[Condition] = [
        Comparison(metric="metric_0", operator=Operator.GREATER_THAN, threshold=level),
        Comparison(metric="metric_1", operator=Operator.GREATER_THAN, threshold=level),
    ]
    if place % 10 == 0:
        rate = RateUnit.MINUTE
        parts += [
            Rate(metric="metric_2", operator=Operator.GREATER_THAN, threshold=50, unit=rate, window_seconds=60),
            Deviation(metric="metric_3", threshold=6, hours=24),
        ]
    return AllOf(conditions=tuple(parts), for_seconds=60)


async def make_rules(house: House, count: int) -> None:
    async with house.app.transaction(house.tenant_id) as work:
        for place in range(count):
            levels = (Level(severity=Severity.WARNING, condition=condition(place)),)
            definition = Definition(machine_id=house.machines[place], levels=levels)
            draft = Draft(name=f"Rule {place}", description="", is_enabled=True, definition=definition)
            await service.create(work, house.journal, house.tenant_id, draft)


async def series_of_rules(house: House) -> list[int]:
    """Of the metrics that the rules read."""
    async with house.worker.reading(house.tenant_id) as work:
        found = await work.session.exec(select(AlertRule).order_by(col(AlertRule.id)))
        watched = await watched_by(work, found.all())
    return sorted({s for one in watched.values() for watch in one.watches for s in watch.series if s is not None})


async def store(house: House, start_ms: int, seconds: int) -> None:
    noise = np.random.default_rng(7)
    for second in range(seconds):
        size = len(house.series)
        columns = SeriesColumns(
            house.series, np.full(size, start_ms + second * 1000), noise.normal(0, 1, size), np.zeros(size, np.int8)
        )
        payload = copy_payload(build_segments([StoreRequest(house.tenant_id, house.number, None, columns)]))
        await house.ingest.copy_to_table("segment", source=io.BytesIO(payload), columns=COPY_COLUMNS, format="binary")


async def measure(house: House, seconds: int) -> Timed:
    """A flush is a slice, as when the worker keeps up."""
    runner = RuleRunner(house.journal)
    start_ms = to_milliseconds(utc_now() + timedelta(seconds=1))
    await store(house, start_ms, 1)
    await run_readings_consumer(house.worker, house.tenant_id, RuleConsumer(runner), batch=1)
    await store(house, start_ms + 1_000, seconds)
    timed = Timed(RuleConsumer(runner))
    await run_readings_consumer(house.worker, house.tenant_id, timed, batch=1)
    return timed


async def run(plant: Plant, rules: int, seconds: int) -> dict[str, float]:
    house = await furnish(plant)
    try:
        without = await measure(house, seconds)
        await make_rules(house, rules)
        say(f"{rules} rules over {len(house.series):,} series, {seconds} s at {len(house.series):,} readings/s")
        timed = await measure(house, seconds)
    finally:
        await house.ingest.close()
        await house.app.close()
        await house.worker.close()
    return {
        "rules": rules,
        "readings_per_second": len(house.series),
        "ms_per_slice": round(timed.cpu / seconds * 1000, 2),
        "ms_per_slice_without_rules": round(without.cpu / seconds * 1000, 2),
        "load": round((timed.cpu - without.cpu) / seconds, 4),
        "load_wall": round((timed.wall - without.wall) / seconds, 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    with running_servers() as plant:
        print(json.dumps(asyncio.run(run(plant, options.rules, options.seconds))))


if __name__ == "__main__":
    main()
