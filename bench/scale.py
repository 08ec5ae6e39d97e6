"""How ingest and queries change as the log grows: more readings stored, more series.

Each point has servers of its own: 1, 10 and 100 million readings in 1,000 series, and 10 million readings in 100,
1,000 and 10,000 series. At each, 50 clients ingest batches of 1,000 readings into all of the machines (columnar form),
and a viewer looks, over GraphQL, at the latest readings of three machines, at an hour of 8 metrics reading by reading,
and at a day of 8 metrics. The last line is one JSON object: the points, and for each figure how much worse it is at
the largest point than at the smallest (1 is flat).
"""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bodies import ColumnBodies
from fill import NARROW_METRICS, WIDE_METRICS, Filled
from http_load import Target, run_load
from plant import make_tenant_with_key, running_api, running_servers
from query import LOOKS, READINGS, Client, percentile_ms, prepare, say, sign_in, time_http, variables_of

CLIENTS = 50
BATCH = 1_000
# So that the load stays behind the clock however fast it is taken.
BATCH_MS = 1_000
LATEST = "{ machines(first: 3) { nodes { id latest { times values } } } }"
WINDOWS = ("hour_raw_8", "day_8")
FIGURES = ("seconds_per_million_ingested", "latest_3_p50_ms", *(f"{name}_p50_ms" for name in WINDOWS))


@dataclass(frozen=True)
class Point:
    readings: int
    series: int

    @property
    def machines(self) -> int:
        """Besides the one with 50 metrics."""
        return max(3, (self.series - WIDE_METRICS) // NARROW_METRICS)


def measure(point: Point, seconds: float, rounds: int) -> dict[str, float]:
    begin = time.monotonic()
    with running_servers() as plant:
        key = asyncio.run(make_tenant_with_key(plant, point.machines + 1))
        filled = asyncio.run(prepare(plant, point.readings))
        say(f"{filled.readings:,} readings, {point.series:,} series: filled after {time.monotonic() - begin:.0f} s")
        with running_api(plant) as port:
            looked = asyncio.run(_look(port, filled, rounds))
            ingested = asyncio.run(_ingest(port, key, point.machines, seconds))
    found = {"readings": filled.readings, "series": point.series} | looked
    found["seconds_per_million_ingested"] = round(1e6 / ingested, 3)
    say(json.dumps(found))
    return found


async def _look(port: int, filled: Filled, rounds: int) -> dict[str, float]:
    client = await sign_in(port)
    found = {"latest_3_p50_ms": percentile_ms(await time_http(client, LATEST, {}, rounds), 0.5)}
    for look in LOOKS:
        if look.name in WINDOWS:
            found[f"{look.name}_p50_ms"] = await _median(client, variables_of(look, filled), rounds)
    return found


async def _median(client: Client, variables: dict[str, object], rounds: int) -> float:
    return percentile_ms(await time_http(client, READINGS, variables, rounds), 0.5)


async def _ingest(port: int, key: str, machines: int, seconds: float) -> float:
    """Readings per second."""
    start = datetime.now(UTC) - timedelta(hours=1)
    bodies = ColumnBodies(CLIENTS, BATCH, start, machines=machines, batch_ms=BATCH_MS)
    target = Target(port, "/api/v1/ingest", key, bodies.content_type)
    await run_load(target, bodies.next, clients=CLIENTS, seconds=1.5)
    load = await run_load(target, bodies.next, clients=CLIENTS, seconds=seconds)
    return load.accepted / load.seconds


def growth(points: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(points[-1][name] / points[0][name], 2) for name in FIGURES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="of ingest at each point")
    parser.add_argument("--rounds", type=int, default=60, help="of each query")
    parser.add_argument("--most", type=int, default=100_000_000, help="readings at the largest point")
    options = parser.parse_args()
    by_readings = [Point(options.most // share, 1_000) for share in (100, 10, 1)]
    by_series = [Point(options.most // 10, series) for series in (100, 1_000, 10_000)]
    found = {
        point: measure(point, options.seconds, options.rounds) for point in dict.fromkeys([*by_readings, *by_series])
    }
    grown = {
        "by_readings": growth([found[point] for point in by_readings]),
        "by_series": growth([found[point] for point in by_series]),
    }
    print(json.dumps(grown | {"points": list(found.values())}))


if __name__ == "__main__":
    main()
