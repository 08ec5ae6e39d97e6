"""Settings tried on stored readings before they are saved: what they find, beside what the present ones find.

Both runs start from the same state, learnt under the settings that were in force, and go on from the start of the
period as if the settings had been saved then.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np

from plantwright.assets.models import Metric
from plantwright.assets.repository import get_metric
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Unavailable, ValidationFailed
from plantwright.detection.charts.engine import ReadingBatch, take_in_recorded
from plantwright.detection.charts.trace import Recording
from plantwright.detection.columns import Floats, Ints, bucket_starts, greatest_of_buckets
from plantwright.detection.config import ConfigColumns, DetectionConfig
from plantwright.detection.findings import Detector, Finding, FindingKind, Severity
from plantwright.detection.replay.derivation import Period
from plantwright.detection.replay.history import overlay
from plantwright.detection.replay.steps import HOUR_MS
from plantwright.detection.replay.walk import Walk, advance, start_walk, within
from plantwright.detection.service import tenant_default
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.ingest.segments import DAY_MS
from plantwright.readings.models import Quality
from plantwright.readings.query.plan import Level, Part
from plantwright.readings.query.range_repository import read_parts

MAX_DAYS = 31
MAX_READINGS = 100_000
MAX_SECONDS = 25.0
MIN_POINTS, MAX_POINTS = 10, 2_000
OF_SERIES = (Detector.STATIC_BASELINE, Detector.EWMA, Detector.RATE_OF_CHANGE)
# Between two of them the time is looked at.
_PIECE = 2_000
_PRESENT, _PROPOSED = 0, 1


@dataclass(frozen=True, slots=True)
class Episode:
    """`ended_ms` is None while it goes on at the end of the period."""

    detector: Detector
    severity: Severity
    started_ms: int
    ended_ms: int | None
    peak_score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one choice of settings finds; `per_day` counts the episodes that start on each UTC day of the period."""

    config: DetectionConfig
    episodes: list[Episode]
    per_day: list[int]


@dataclass(frozen=True, slots=True)
class Points:
    """Readings in buckets of equally many, in order of time; scores are the greatest of a bucket, NaN where not judged.

    `lowers` and `uppers` are the limits of the static baseline under the proposed settings, `means` its mean.
    """

    times: Ints
    values: Floats
    minimums: Floats
    maximums: Floats
    means: Floats
    lowers: Floats
    uppers: Floats
    scores: Mapping[Detector, Floats]


@dataclass(frozen=True, slots=True)
class Trial:
    metric: Metric
    period: Period
    readings: int
    days: list[int]
    present: Outcome
    proposed: Outcome
    points: Points


@dataclass(slots=True)
class _Run:
    """Both choices go through the engine at once, as two series."""

    walk: Walk
    configs: tuple[DetectionConfig, DetectionConfig]
    findings: list[Finding] = field(default_factory=list)
    columns: list[dict[str, Floats]] = field(default_factory=list)


async def try_settings(
    work: UnitOfWork, metric_id: UUID, changes: Mapping[str, Any], period: Period, max_points: int
) -> Trial | None:
    """What settings would have found; None for an unknown metric.

    Args:
        work: of the tenant.
        metric_id: whose settings.
        changes: laid over the settings that are in force now, as saving them would.
        period: of the readings.
        max_points: most points of the picture.

    Raises:
        ValidationFailed: a number is outside its range, or the period holds too much to be tried at once.
        Unavailable: it took too long.
    """
    _require_bounds(period, max_points)
    metric = await get_metric(work, metric_id)
    if metric is None:
        return None
    default = await tenant_default(work)
    configs = overlay(default, metric.detection), overlay(default, {**(metric.detection or {}), **changes})
    series = int(metric.series_id or 0)
    walk = await start_walk(work, [series], {series: period.start_ms})
    stored = await _read(work, series, period, int(walk.state.series.last_time[0]))
    await advance(walk, within(work), np.array([period.start_ms - 1], np.int64))
    run = _Run(walk, configs)
    await asyncio.to_thread(_run, run, stored, time.monotonic() + MAX_SECONDS)
    days = list(range(period.start_ms // DAY_MS, (period.end_ms - 1) // DAY_MS + 1))
    present, proposed = (_outcome(run, number, days) for number in (_PRESENT, _PROPOSED))
    points = _points(stored, run, max_points)
    return Trial(metric, period, len(stored), [day * DAY_MS for day in days], present, proposed, points)


def _require_bounds(period: Period, max_points: int) -> None:
    if period.end_ms - period.start_ms > MAX_DAYS * DAY_MS:
        raise ValidationFailed(f"At most {MAX_DAYS} days can be tried at once.", ["from"])
    if not MIN_POINTS <= max_points <= MAX_POINTS:
        raise ValidationFailed(f"maxPoints must be {MIN_POINTS} to {MAX_POINTS}.", ["maxPoints"])


async def _read(work: UnitOfWork, series: int, period: Period, known_ms: int) -> LogSlice:
    """The good readings of the period; what lies between the snapshot and the period counts for the limit too."""
    chunks: list[LogSlice] = []
    total = 0
    parts = [Part(Level.RAW, max(known_ms + 1, 0), period.end_ms)]
    async for chunk in read_parts(work, [series], parts):
        settled = settle_duplicates(chunk)
        total += len(settled)
        if total > MAX_READINGS:
            reach = int(settled.time_ms[-1]) - period.start_ms
            hint = f"try about {reach // HOUR_MS} hours" if reach > HOUR_MS else "begin it at the start of a day"
            raise ValidationFailed(
                f"The period has more than {MAX_READINGS:,} readings, too many to be tried at once: {hint}.", ["to"]
            )
        keep = (settled.time_ms >= period.start_ms) & (settled.quality == Quality.GOOD) & np.isfinite(settled.value)
        chunks.append(settled.where(keep))
    return LogSlice.joined(chunks)


def _run(run: _Run, stored: LogSlice, deadline: float) -> None:
    state = run.walk.state.take(np.zeros(2, np.int64))
    config = ConfigColumns.from_configs(run.configs)
    for low in range(0, len(stored), _PIECE):
        if time.monotonic() > deadline:
            raise Unavailable("Trying these settings took too long. Choose a shorter period.")
        piece = stored.between(low, low + _PIECE)
        size = len(piece)
        batch = ReadingBatch(
            np.repeat(np.array([_PRESENT, _PROPOSED], np.int32), size),
            np.tile(piece.time_ms, 2),
            np.tile(piece.value, 2),
        )
        state, recording, found = take_in_recorded(state, batch, config)
        run.findings += [finding for _, finding in found]
        run.columns.append(_columns(recording, size, run.configs[_PROPOSED].baseline_threshold))


def _columns(recording: Recording, size: int, threshold: float) -> dict[str, Floats]:
    """What the proposed settings see of each reading, in order of time."""
    reach = threshold * recording.unit[size:]
    mean = recording.mean[size:]
    seen = {"means": mean, "lowers": mean - reach, "uppers": mean + reach}
    return seen | {detector.value: scores[size:] for detector, scores in recording.scores.items()}


def _outcome(run: _Run, number: int, days: Sequence[int]) -> Outcome:
    mine = [finding for finding in run.findings if finding.series == number]
    latest: dict[tuple[Detector, int], Finding] = {}
    for finding in mine:
        latest[finding.detector, finding.started_ms] = finding
    episodes = [
        Episode(
            detector=detector,
            severity=finding.severity,
            started_ms=started_ms,
            ended_ms=finding.time_ms if finding.kind is FindingKind.ENDED else None,
            peak_score=finding.peak_score,
        )
        for (detector, started_ms), finding in latest.items()
    ]
    episodes.sort(key=lambda episode: (episode.started_ms, episode.detector.value))
    starts = [episode.started_ms // DAY_MS for episode in episodes]
    return Outcome(run.configs[number], episodes, [starts.count(day) for day in days])


def _points(stored: LogSlice, run: _Run, max_points: int) -> Points:
    count = len(stored)
    names = ("means", "lowers", "uppers", *(detector.value for detector in OF_SERIES))
    seen = {name: np.concatenate([np.zeros(0), *(columns[name] for columns in run.columns)]) for name in names}
    first = bucket_starts(count, max_points)
    last = np.append(first[1:], count)[: len(first)] - 1
    greatest = {name: greatest_of_buckets(column, first) for name, column in seen.items()}
    return Points(
        times=stored.time_ms[first],
        values=_sums(stored.value, first) / np.maximum(last - first + 1, 1),
        minimums=np.minimum.reduceat(stored.value, first) if count else np.zeros(0),
        maximums=np.maximum.reduceat(stored.value, first) if count else np.zeros(0),
        means=seen["means"][last],
        lowers=seen["lowers"][last],
        uppers=seen["uppers"][last],
        scores={detector: greatest[detector.value] for detector in OF_SERIES},
    )


def _sums(column: Floats, first: Ints) -> Floats:
    return np.add.reduceat(column, first) if len(column) else np.zeros(0)
