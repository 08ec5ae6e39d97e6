"""Detection as a pure function: `step(state, batch, config) -> (state, findings)`.

Invariants:
- No clock, no randomness, no input or output. Time is the time of the readings.
- Findings and state depend on the order of readings within each series, not on how they were cut into batches nor
  on what other series were in them. So only element-wise operations that IEEE 754 rounds correctly are used on
  the way (+ - * / sqrt, comparisons), and sums over an axis have a fixed order.
- The given state is not written to.
"""

from dataclasses import replace

import numpy as np

from plantwright.core.errors import ValidationFailed
from plantwright.detection import ewma, rate_of_change, static_baseline, window
from plantwright.detection.config import ConfigColumns
from plantwright.detection.findings import Finding
from plantwright.detection.reporting import Judged, report
from plantwright.detection.rounds import ReadingBatch, Rounds, arrange
from plantwright.detection.state import NO_HOUR, Buckets, DetectionState, Series
from plantwright.detection.trace import Trace, scores_of
from plantwright.detection.window import HOUR_MS

__all__ = ["ReadingBatch", "ends_an_hour", "step", "take_in", "take_in_scored"]


def step(state: DetectionState, batch: ReadingBatch, config: ConfigColumns) -> tuple[DetectionState, list[Finding]]:
    """Take in a batch.

    Args:
        state: as returned by the step before, or empty.
        batch: readings in log order; those that are not newer than the series' last one are skipped.
        config: one row per row of the state.

    Returns:
        The new state, and the findings in the order of the readings that caused them. Parts that did not change
        are shared with the given state.

    Raises:
        ValidationFailed: arrays of different lengths, or a series that the state does not have.
    """
    after, found = take_in(state, batch, config)
    return after, [finding for _, finding in found]


def ends_an_hour(series: Series, batch: ReadingBatch) -> bool:
    """Whether the batch may end an hour that has readings, so that the buckets are needed."""
    if not len(batch.series):
        return False
    hour, known = batch.time_ms // HOUR_MS, series.hour[batch.series]
    is_first = known == NO_HOUR
    return bool(((hour > known) & ~is_first).any() or (is_first.any() and hour.min() != hour.max()))


def take_in(
    state: DetectionState, batch: ReadingBatch, config: ConfigColumns
) -> tuple[DetectionState, list[tuple[int, Finding]]]:
    """As `step`, with the place in the batch of the reading that caused each finding.

    The state may come without buckets if the batch `ends_an_hour` of none of its series.
    """
    after, _, findings = take_in_scored(state, batch, config)
    return after, findings


def take_in_scored(
    state: DetectionState, batch: ReadingBatch, config: ConfigColumns
) -> tuple[DetectionState, Judged | None, list[tuple[int, Finding]]]:
    """As `take_in`, with the scores of all readings; None when none was accepted."""
    _check(state, batch, config)
    rounds = arrange(state.series, batch)
    if not rounds.sizes:
        return state, None, []
    lanes, lane_config = state.series.take(rounds.rows), config.take(rounds.rows)
    # Buckets are most of the state and change only when an hour ends, so they are copied only then.
    rolls = not np.array_equal(lanes.hour[rounds.lane], rounds.hour)
    buckets = state.buckets.copy() if rolls else state.buckets
    trace = _run(lanes, buckets, lane_config, rounds)
    series, episodes = state.series.copy(), state.episodes.copy()
    series.put(rounds.rows, lanes)
    judged = Judged(batch, rounds, trace, scores_of(rounds, trace), lane_config)
    findings = report(judged, episodes)
    return replace(state, series=series, buckets=buckets, episodes=episodes), judged, findings


def _check(state: DetectionState, batch: ReadingBatch, config: ConfigColumns) -> None:
    if not len(batch.series) == len(batch.time_ms) == len(batch.value):
        raise ValidationFailed("series, time_ms and value of a batch must have the same length.")
    if len(config.enabled) != state.rows:
        raise ValidationFailed(f"The state has {state.rows} series but the configuration {len(config.enabled)}.")
    if len(batch.series) and not 0 <= int(batch.series.min()) <= int(batch.series.max()) < state.rows:
        raise ValidationFailed(f"A reading names a series that is not among the {state.rows} of the state.")


def _run(lanes: Series, buckets: Buckets, config: ConfigColumns, rounds: Rounds) -> Trace:
    """Take in the readings round after round; `lanes` and `buckets` are written to."""
    trace = Trace.empty(len(rounds.lane))
    for start, size in zip(rounds.starts, rounds.sizes, strict=False):
        if size != len(lanes.hour):
            lanes, config = lanes.head(size), config.head(size)
        part = slice(start, start + size)
        moved = np.flatnonzero(rounds.hour[part] != lanes.hour)
        if len(moved):
            window.roll(lanes, buckets, moved, rounds.rows[moved], rounds.hour[part][moved])
        _advance(lanes, config, rounds, trace, part)
    return trace


def _advance(series: Series, config: ConfigColumns, rounds: Rounds, trace: Trace, part: slice) -> None:
    """One reading of each series: note what the detectors see before it, then learn from it."""
    value, step_, weight = rounds.value[part], rounds.step[part], rounds.weight[part]
    base = static_baseline.baseline(series, config)
    entering = static_baseline.trimmed(value, base)
    rate = weight / np.maximum(base.weight + weight, window.TINY)

    ewma.advance(series, config, entering, base)
    usual = window.usual_interval(series, rounds.interval[part])
    share = ewma.share_of(series, usual)
    sigma = ewma.sigma_of(series, config, base, share)
    change = rate_of_change.change_of(step_, rounds.interval[part], usual)
    rms, peak = np.sqrt(series.change_square), rate_of_change.peak_of(series)
    scale = rate_of_change.scale_of(rms, peak, series.quantum)

    trace.count[part], trace.mean[part], trace.std[part] = base.samples, base.mean, base.std
    trace.spread[part], trace.quantum[part], trace.ready[part] = base.spread, series.quantum, base.ready
    trace.caution[part] = static_baseline.caution_of(series)
    trace.ewma[part], trace.ewma_sigma[part] = series.ewma, sigma
    trace.ewma_decay[part], trace.ewma_variance[part] = series.ewma_decay, series.ewma_variance
    trace.ewma_share[part] = share
    trace.change[part], trace.usual_interval[part] = change, usual
    trace.rms[part], trace.peak[part], trace.scale[part] = rms, peak, scale

    static_baseline.count_swings(series, value, base)
    window.add(series, entering, weight)
    ewma.learn(series, config, sigma, usual, base=base, rate=rate)
    rate_of_change.learn(series, config, change, scale, base=base, rate=rate)
    rate_of_change.learn_quantum(series, step_, value, base)
    series.last_time[:] = rounds.time[part]
    series.last_value[:] = value
