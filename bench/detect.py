"""Readings per second through the detectors: the engine alone, and the worker from the log.

Engine alone (`engine_per_second_N`, N series): plant data once a second with normal noise, batches as the worker gets
them, time of one processor. `disturbed_` is with one series in a hundred in violation. Next to it, in the same run and
over the same readings, three passes in plain numpy: `ratio_published_N` holds the engine against the same formulas
(`published_charts`, which has to come to the same numbers), `ratio_plain_N` against the simplest form of three such
charts (`plain_pass`), both over the readings as they come out of the log, which have to be put into rounds and looked
up; `ratio_bare_N` against the latter's arithmetic alone, over rounds that lie in memory as they are needed.

Worker (`worker_per_second_N`): real PostgreSQL; the log is written in segments as ingest does, then the consumer of the
detectors catches up: read, step, save the state, journal the findings, commit. `worker_fresh_` is of a process that has
to load the state first, `worker_disturbed_` has one series in a hundred in violation, `ratio_worker_N` holds the worker
against the plain pass.

Latency (`alert_p50_ms`, `alert_p99_ms`): from the acceptance of a spike to its alert at a subscriber of the API, at
10,000 readings a second; see `detect_latency`.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass

import detect_engine
import detect_latency
import detect_worker
from plant import running_servers

Figures = dict[str, float]


@dataclass(frozen=True)
class Case:
    """So many series; `times` are the readings of each in a batch of the engine, `flush_times` those in a flush."""

    series: int
    times: int
    flush_times: int
    readings: int


CASES = (Case(1_000, 50, 60, 2_000_000), Case(10_000, 10, 10, 3_000_000), Case(100_000, 5, 5, 4_000_000))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def engine_alone(case: Case, batches: int) -> tuple[Figures, float]:
    rates = detect_engine.measure(case.series, case.times, batches)
    say(
        f"{case.series:,} series, engine alone: {rates.engine:,.0f} readings/s, disturbed {rates.disturbed:,.0f} "
        f"({rates.findings:,} findings), same formulas {rates.published:,.0f}, plain pass {rates.plain:,.0f}, "
        f"bare arithmetic {rates.bare:,.0f}"
    )
    figures = {
        "engine_per_second": round(rates.engine),
        "disturbed_per_second": round(rates.disturbed),
        "ratio_published": round(rates.engine / rates.published, 2),
        "ratio_plain": round(rates.engine / rates.plain, 2),
        "ratio_bare": round(rates.engine / rates.bare, 3),
    }
    return {f"{name}_{case.series}": figure for name, figure in figures.items()}, rates.plain


def from_the_log(case: Case, plain: float) -> Figures:
    with running_servers() as plant:
        caught = asyncio.run(detect_worker.measure(plant, case.series, case.flush_times, case.readings))
    say(
        f"{case.series:,} series, worker: {caught.rate:,.0f} readings/s, fresh {caught.fresh_rate:,.0f}, disturbed "
        f"{caught.disturbed_rate:,.0f} ({caught.findings:,} findings), state {caught.state_bytes:,} bytes, hours "
        f"{caught.hour_bytes:,}"
    )
    figures = {
        "worker_per_second": round(caught.rate),
        "worker_fresh_per_second": round(caught.fresh_rate),
        "worker_disturbed_per_second": round(caught.disturbed_rate),
        "ratio_worker": round(caught.rate / plain, 3),
        "state_bytes": caught.state_bytes,
        "hour_bytes": caught.hour_bytes,
    }
    return {f"{name}_{case.series}": figure for name, figure in figures.items()}


def latency(seconds: float) -> Figures:
    alarmed = detect_latency.measure(seconds)
    p50, p99 = (alarmed.delays[int(share * (len(alarmed.delays) - 1))] * 1_000 for share in (0.5, 0.99))
    say(
        f"{len(alarmed.delays):,} spikes at {alarmed.readings_per_second:,.0f} readings/s: p50 {p50:.0f} ms, "
        f"p99 {p99:.0f} ms, {alarmed.missed} without an alert"
    )
    return {
        "alert_p50_ms": round(p50, 1),
        "alert_p99_ms": round(p99, 1),
        "alerts": len(alarmed.delays),
        "alerts_missed": alarmed.missed,
        "alert_readings_per_second": round(alarmed.readings_per_second),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, nargs="+", default=[case.series for case in CASES], help="only these")
    parser.add_argument("--batches", type=int, default=8, help="of the engine alone")
    parser.add_argument("--engine-only", action="store_true")
    parser.add_argument("--latency", action="store_true", help="only the latency")
    parser.add_argument("--seconds", type=float, default=30.0, help="of the latency")
    options = parser.parse_args()
    figures: Figures = {}
    if options.latency:
        options.series = []
    for case in CASES:
        if case.series in options.series:
            alone, plain = engine_alone(case, options.batches)
            figures |= alone
            if not options.engine_only:
                figures |= from_the_log(case, plain)
    if not options.engine_only:
        figures |= latency(options.seconds)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
