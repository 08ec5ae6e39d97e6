"""Readings of a machine over a time window, as they are or in buckets, never more points than asked for.

Of several readings of one series and time the one of the latest flush counts. Readings of bad quality are drawn as
gaps: null in raw series, left out of buckets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plantwright.assets.models import Metric
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.readings.columns import LogSlice, milliseconds_from, settle_duplicates
from plantwright.readings.query.plan import Window
from plantwright.readings.query.range_repository import SeriesKey, find_scope
from plantwright.readings.query.sampling import Sample, raw_sample, sample

MAX_POINTS = 10_000
MAX_METRICS = 100
MAX_WINDOW = timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class SeriesData:
    metric: str
    unit: str
    points: Sample


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

    All metrics of the machine when `metrics` is None, else those, in that order. `work` has to be a snapshot, since
    rows move from the raw log to rollups between two statements.

    Raises:
        ValidationFailed: a bound is broken.
        NotFound: the machine has no metric of that name.
    """
    _require_bounds(metrics, start, end, max_points)
    scope = await find_scope(work, machine_id)
    if scope is None:
        return None
    keys = _chosen(scope.series, metrics)
    window = Window(milliseconds_from(start), milliseconds_from(end), scope.frontier_ms)
    samples = await sample(work, [key.series_id for key in keys], window, max_points) if keys else []
    series = [SeriesData(key.metric, key.unit, points) for key, points in zip(keys, samples, strict=True)]
    return ReadingsResult(machine_id, start, end, scope.position, series)


def series_of(metric: Metric, readings: LogSlice) -> SeriesData:
    """The raw points of a metric among these readings; for live frames."""
    mine = settle_duplicates(readings.only([metric.series_id or 0]))
    return SeriesData(metric.name, metric.unit, raw_sample(mine))


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


def _chosen(known: Sequence[SeriesKey], names: Sequence[str] | None) -> Sequence[SeriesKey]:
    if names is None:
        if len(known) > MAX_METRICS:
            raise ValidationFailed(f"The machine has {len(known)} metrics: name up to {MAX_METRICS}.", ["metrics"])
        return known
    by_name = {key.metric: key for key in known}
    unknown = next((name for name in names if name not in by_name), None)
    if unknown is not None:
        raise NotFound(f"The machine has no metric named {unknown!r}.", ["metrics"])
    return [by_name[name] for name in dict.fromkeys(names)]
