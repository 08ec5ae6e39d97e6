"""Readings of a machine over a time window, raw or in buckets, never more points than asked for.

Of several readings of one series and time the one of the latest flush counts. Readings of bad quality are drawn as
gaps: null in raw series, left out of buckets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import numpy as np

from plantwright.assets.models import Metric
from plantwright.assets.repository import get_machine, metrics_of
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.readings import repository
from plantwright.readings.batch import Float64s, Int64s
from plantwright.readings.buckets import Buckets
from plantwright.readings.columns import LogSlice, milliseconds_from, settle_duplicates, usable

MAX_POINTS = 10_000
MAX_METRICS = 100
MAX_WINDOW = timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class SeriesData:
    """Points of one metric: `times` in milliseconds since 1970, ascending; NaN stands for null.

    Raw: `values` as stored. Bucketed: `times` are the starts of the buckets, `values` their means.
    """

    metric: str
    unit: str
    resolution: Literal["raw", "bucketed"]
    bucket_seconds: float | None
    times: Int64s
    values: Float64s
    minimums: Float64s | None = None
    maximums: Float64s | None = None


@dataclass(frozen=True, slots=True)
class ReadingsResult:
    """`position` is where a consumer of the log goes on; it may see readings again that are in here already."""

    machine_id: UUID
    start: datetime
    end: datetime
    position: int
    series: list[SeriesData]


async def query_readings(
    work: UnitOfWork,
    machine_id: UUID,
    metrics: Sequence[str] | None,
    *,
    start: datetime,
    end: datetime,
    max_points: int = 1_000,
) -> ReadingsResult | None:
    """Readings with `start <= time < end`, at most `max_points` per metric; None for an unknown machine.

    All metrics of the machine when `metrics` is None, else those, in that order.

    Raises:
        ValidationFailed: a bound is broken.
        NotFound: the machine has no metric of that name.
    """
    _require_bounds(metrics, start, end, max_points)
    machine = await get_machine(work, machine_id)
    if machine is None:
        return None
    position = await repository.settled_position(work)
    series = [
        await _query_series(work, metric, start, end, max_points)
        for metric in _chosen(await metrics_of(work, [machine_id]), metrics)
    ]
    return ReadingsResult(machine_id, start, end, position, series)


def series_of(metric: Metric, readings: LogSlice) -> SeriesData:
    """The raw points of a metric among these readings; for live frames."""
    mine = readings.only([metric.series_id or 0])
    times, values = _points(mine)
    return SeriesData(metric.name, metric.unit, "raw", None, times, values)


def _require_bounds(metrics: Sequence[str] | None, start: datetime, end: datetime, max_points: int) -> None:
    if start.tzinfo is None or end.tzinfo is None:
        raise ValidationFailed("Times need a zone, for example 2026-01-31T08:00:00Z.", ["from"])
    if start >= end:
        raise ValidationFailed("The window must begin before it ends.", ["from"])
    if end - start > MAX_WINDOW:
        raise ValidationFailed(f"The window may span at most {MAX_WINDOW.days} days.", ["from"])
    if not 1 <= max_points <= MAX_POINTS:
        raise ValidationFailed(f"maxPoints must be 1 to {MAX_POINTS}.", ["maxPoints"])
    if metrics is not None and len(metrics) > MAX_METRICS:
        raise ValidationFailed(f"At most {MAX_METRICS} metrics can be asked for at once.", ["metrics"])


def _chosen(known: Sequence[Metric], names: Sequence[str] | None) -> Sequence[Metric]:
    if names is None:
        if len(known) > MAX_METRICS:
            raise ValidationFailed(f"The machine has {len(known)} metrics: name up to {MAX_METRICS}.", ["metrics"])
        return known
    by_name = {metric.name: metric for metric in known}
    unknown = next((name for name in names if name not in by_name), None)
    if unknown is not None:
        raise NotFound(f"The machine has no metric named {unknown!r}.", ["metrics"])
    return [by_name[name] for name in dict.fromkeys(names)]


async def _query_series(
    work: UnitOfWork, metric: Metric, start: datetime, end: datetime, max_points: int
) -> SeriesData:
    start_ms, end_ms = milliseconds_from(start), milliseconds_from(end)
    width_ms = max(1, -(-(end_ms - start_ms) // max_points))
    buckets = Buckets(start_ms, width_ms, max_points)
    raw: list[tuple[Int64s, Float64s]] = []
    total = 0
    async for chunk in repository.read_range(work, metric.series_id or 0, start, end):
        times, values = _points(chunk)
        is_value = ~np.isnan(values)
        buckets.add(times[is_value], values[is_value])
        total += len(times)
        if total <= max_points:
            raw.append((times, values))
        else:
            raw.clear()
    if total <= max_points:
        times = np.concatenate([part[0] for part in raw]) if raw else np.zeros(0, np.int64)
        values = np.concatenate([part[1] for part in raw]) if raw else np.zeros(0)
        return SeriesData(metric.name, metric.unit, "raw", None, times, values)
    times, means, minimums, maximums = buckets.columns()
    return SeriesData(metric.name, metric.unit, "bucketed", width_ms / 1000, times, means, minimums, maximums)


def _points(readings: LogSlice) -> tuple[Int64s, Float64s]:
    """Times and values of one series, one per time; NaN where the quality is bad."""
    settled = settle_duplicates(readings)
    return settled.time_ms, np.where(usable(settled.quality), settled.value, np.nan)
