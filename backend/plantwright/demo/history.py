"""Past readings of all machines as ingest bodies, so that trends and baselines exist from the start."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from plantwright.demo.machines import MACHINES
from plantwright.demo.noise import Floats, Times
from plantwright.demo.signals import SECOND_MS, machine_values

MAX_READINGS = 1_000
DEFAULT_HOURS = 24.0
DEFAULT_STEP_SECONDS = 10

Body = dict[str, list[dict[str, Any]]]


def history_bodies(
    end_ms: int, *, hours: float = DEFAULT_HOURS, step_seconds: int = DEFAULT_STEP_SECONDS, size: int = MAX_READINGS
) -> Iterator[Body]:
    """Bodies for the ingest endpoint, ordered by time, each with at most `size` readings.

    Args:
        end_ms: exclusive end of the window, milliseconds since the Unix epoch.
        hours: length of the window.
        step_seconds: time between two readings of a metric; readings lie on multiples of it.
        size: readings per body, 1 to 1,000.

    Raises:
        ValueError: hours, step_seconds or size out of range.
    """
    if hours <= 0 or step_seconds < 1 or not 1 <= size <= MAX_READINGS:
        raise ValueError(f"hours > 0, step_seconds >= 1 and 1 <= size <= {MAX_READINGS} are needed")
    times = _times(end_ms, hours, step_seconds)
    return _chunks(_readings(times), size)


def _times(end_ms: int, hours: float, step_seconds: int) -> Times:
    step = step_seconds * SECOND_MS
    first = -(-(end_ms - round(hours * 3_600_000)) // step) * step
    return np.arange(first, end_ms, step, dtype=np.int64)


def _readings(times: Times) -> Iterator[dict[str, Any]]:
    stamps = [f"{text}Z" for text in np.datetime_as_string(times.astype("datetime64[ms]"), unit="s")]
    series: list[tuple[str, str, str, Floats]] = []
    for machine in MACHINES:
        values = machine_values(machine, times)
        series.extend((machine.identifier, spec.name, spec.unit, values[spec.name]) for spec in machine.metrics)
    for row, stamp in enumerate(stamps):
        for identifier, metric, unit, values_of_metric in series:
            yield {
                "machine_identifier": identifier,
                "timestamp": stamp,
                "metric_name": metric,
                "value": float(values_of_metric[row]),
                "unit": unit,
            }


def _chunks(readings: Iterator[dict[str, Any]], size: int) -> Iterator[Body]:
    chunk: list[dict[str, Any]] = []
    for reading in readings:
        chunk.append(reading)
        if len(chunk) == size:
            yield {"readings": chunk}
            chunk = []
    if chunk:
        yield {"readings": chunk}
