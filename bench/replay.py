"""How fast `plantwright replay` derives findings again from the log, beside reading the same rows in plain SQL.

100 machines with ten metrics send a reading per second and metric, a minute of them at once; every ten minutes all of
them rise for five. The worker takes everything in first, as it does live; then the charts of single series, and 100
rules on two to four metrics each, are derived again, by one process. `ratio` is of readings per second to those of
fetching the same segments in SQL without a look at them, in the same run. All findings are compared with the journal.
"""

import argparse
import asyncio
import io
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import numpy as np
import rules
from plant import Plant, running_servers
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.detection.consumer import DetectionConsumer
from plantwright.detection.replay.derivation import Derivation, Filters, Period, difference_from, in_groups
from plantwright.detection.replay.replay import SeriesDerivation
from plantwright.readings.consumers import run_readings_consumer
from plantwright.readings.ingest.batch import SeriesColumns, StoreRequest
from plantwright.readings.ingest.segments import COPY_COLUMNS, build_segments, copy_payload
from plantwright.rules.consumer import RuleConsumer
from plantwright.rules.replay import RuleDerivation
from plantwright.rules.runner import RuleRunner
from sqlalchemy import text

MACHINES, RULES = 100, 100
FLUSH_SECONDS = 60
RISE, RISE_SECONDS = 12.0, 300
_ROWS = text('SELECT series_id, start, period, offsets, "values", quality FROM segment WHERE series_id = ANY(:series)')


async def timed(call: Callable[[], Awaitable[int]]) -> float:
    """Readings per second."""
    began = time.perf_counter()
    readings = await call()
    return readings / (time.perf_counter() - began)


async def store(house: rules.House, start_ms: int, seconds: int) -> None:
    noise = np.random.default_rng(7)
    for second in range(0, seconds, FLUSH_SECONDS):
        series = np.repeat(house.series, FLUSH_SECONDS)
        times = start_ms + (second + np.tile(np.arange(FLUSH_SECONDS), len(house.series))) * 1000
        risen = RISE * (second // RISE_SECONDS % 2)
        values, quality = noise.normal(risen, 1, len(series)), np.zeros(len(series), np.int8)
        columns = SeriesColumns(series, times.astype(np.int64), values, quality)
        payload = copy_payload(build_segments([StoreRequest(house.tenant_id, house.number, None, columns)]))
        await house.ingest.copy_to_table("segment", source=io.BytesIO(payload), columns=COPY_COLUMNS, format="binary")


async def plain_sql(house: rules.House, series: Sequence[int], readings: int) -> float:
    async def fetch() -> int:
        async with house.worker.reading(house.tenant_id) as work:
            rows = (await work.execute(_ROWS, {"series": list(series)})).all()
        rules.say(f"{len(rows):,} rows in plain SQL")
        return readings

    return await timed(fetch)


async def derived(house: rules.House, source: Derivation, period: Period) -> dict[str, float]:
    async with house.worker.reading(house.tenant_id) as work:
        units = await source.units(work, Filters())
    began = time.perf_counter()
    parts = [
        await source.derive(house.worker, house.tenant_id, group, period)
        for group in in_groups(units, 1, source.together)
    ]
    seconds = time.perf_counter() - began
    payloads = [payload for part in parts for payload in part.payloads]
    readings = sum(part.readings for part in parts)
    async with house.worker.reading(house.tenant_id) as work:
        records = await source.recorded(work, units)
    difference, _ = difference_from(records, source.detectors, period, payloads)
    rules.say(f"{source.name}: {readings:,} readings, {len(payloads):,} findings, {difference.equal:,} equal")
    return {
        "readings_per_s": round(readings / seconds),
        "findings": len(payloads),
        "different": len(difference.missing) + len(difference.superseded),
    }


async def run(plant: Plant, seconds: int) -> dict[str, object]:
    house = await rules.furnish(plant, MACHINES)
    try:
        await rules.make_rules(house, RULES)
        start_ms = to_milliseconds(utc_now() + timedelta(seconds=1))
        period = Period(start_ms, start_ms + seconds * 1000)
        await store(house, start_ms, seconds)
        for consumer in (DetectionConsumer(house.journal), RuleConsumer(RuleRunner(house.journal))):
            await run_readings_consumer(house.worker, house.tenant_id, consumer)
        read = await rules.series_of_rules(house)
        total = len(house.series) * seconds
        of_all = await plain_sql(house, np.asarray(house.series).tolist(), total)
        of_rules = await plain_sql(house, read, len(read) * seconds)
        outcome: dict[str, object] = {"plain_sql_readings_per_s": round(of_all)}
        for name, source, plain in (("series", SeriesDerivation(), of_all), ("rules", RuleDerivation(), of_rules)):
            found = await derived(house, source, period)
            outcome[name] = {**found, "ratio": round(found["readings_per_s"] / plain, 3)}
        return outcome
    finally:
        await house.ingest.close()
        await house.app.close()
        await house.worker.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=1_800)
    options = parser.parse_args()
    with running_servers() as plant:
        outcome = asyncio.run(run(plant, options.seconds))
    print(json.dumps(outcome))
    sys.exit(any(outcome[name]["different"] for name in ("series", "rules")))  # type: ignore[index]


if __name__ == "__main__":
    main()
