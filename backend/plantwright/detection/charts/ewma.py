"""EWMA control chart: small lasting shifts and slow drift, which no single reading shows.

    z_t = lambda * x_t + (1 - lambda) * z_{t-1}
    score = |z_t - mean| / sigma_z
    sigma_z² = max(spread² * lambda / (2 - lambda) * (1 - (1 - lambda)^(2t)),
                   share * observed variance of z about the mean + (1 - share) * spread²)

Roberts, "Control chart tests based on geometric moving averages", Technometrics 1, 1959; NIST/SEMATECH e-Handbook
6.3.2.4. mean and spread are those of the static baseline.

The classic limit assumes independent readings. Those of a machine are not: under a load cycle the average follows
the load and its variance nears that of the readings themselves. The limit for autocorrelated data replaces the
factor lambda / (2 - lambda) by the variance of z in the autocorrelated process (Zhang, "A statistical control
chart for stationary process data", Technometrics 40, 1998). Zhang computes that from the autocorrelations; here
the variance of z is observed directly, which needs no model of them. The classic limit remains as the floor.

The variance of z depends on the sampling interval: the faster the readings, the less of a cycle the average evens
out. So where readings come more than twice as fast as those that the variance was observed at, it counts only for
the share 2 * usual interval / observed interval, and the variance of the readings, which is the most that the
average can have, stands for the rest.
"""

from typing import NamedTuple

import numpy as np

from plantwright.detection.charts.state import Series
from plantwright.detection.charts.static_baseline import Baseline
from plantwright.detection.columns import Floats, every
from plantwright.detection.config import ConfigColumns

FORMULA = (
    "ewma = lambda * value + (1 - lambda) * previous ewma; score = |ewma - mean| / (sigma * caution); "
    "sigma = sqrt(max(spread^2 * lambda / (2 - lambda) * (1 - decay), "
    "share * observed variance of ewma + (1 - share) * spread^2)), "
    "decay = (1 - lambda)^(2t); value trimmed to mean ± baseline_threshold * spread; "
    "caution = 1.5 - hours / 48, at least 1"
)
# Nothing next to 1, yet far from the numbers that processors are slow with.
_SMALLEST_DECAY = 1e-30


class Smoothing(NamedTuple):
    """What follows from lambda alone, each of shape (n,): (1 - lambda)², lambda / (2 - lambda); and two constants,
    because comparing with an array costs half of comparing with a number.
    """

    weight: Floats
    keep_square: Floats
    independent: Floats
    smallest: Floats
    one: Floats

    @classmethod
    def of(cls, weight: Floats) -> "Smoothing":
        keep, one = 1.0 - weight, np.ones(len(weight))
        return cls(weight, keep * keep, weight / (2.0 - weight), one * _SMALLEST_DECAY, one)


def advance(series: Series, smoothing: Smoothing, value: Floats, base: Baseline) -> None:
    """Take in one (trimmed) value per series, in place; the average starts with the window."""
    average, decay = series.ewma, series.ewma_decay
    # A running product, not a power: powers may differ in the last bit with the length of the array.
    if base.are_filled:
        average += smoothing.weight * (value - average)
        np.maximum(decay * smoothing.keep_square, smoothing.smallest, out=decay)
        return
    starts = base.weight == 0.0
    average[:] = np.where(starts, value, average + smoothing.weight * (value - average))
    decay[:] = np.where(starts, 1.0, np.maximum(decay * smoothing.keep_square, _SMALLEST_DECAY))


def share_of(series: Series, smoothing: Smoothing, usual: Floats) -> Floats:
    """How far the observed variance holds for the usual interval (milliseconds), 0 to 1."""
    one = smoothing.one
    return np.minimum(2.0 * usual / np.maximum(series.ewma_interval, one), one)


def sigma_of(series: Series, smoothing: Smoothing, base: Baseline, share: Floats) -> Floats:
    """Standard deviation of the average, before the reading is learnt."""
    most = base.spread * base.spread
    independent = most * smoothing.independent * (1.0 - series.ewma_decay)
    if every(share == 1.0):
        return np.sqrt(np.maximum(independent, series.ewma_variance))
    return np.sqrt(np.maximum(independent, share * series.ewma_variance + (1.0 - share) * most))


def learn(
    series: Series,
    config: ConfigColumns,
    distance: Floats,
    sigma: Floats,
    usual: Floats,
    *,
    base: Baseline,
    rate: Floats,
) -> None:
    """Let the observed variance and its interval follow, in place, trimmed as the baseline is.

    Args:
        series: working copy.
        config: same rows.
        distance: of the average from the mean, 0 or more.
        sigma: from `sigma_of`.
        usual: usual interval in milliseconds.
        base: the window before the reading.
        rate: share of the reading in the window, 0 to 1.
    """
    slack = base.slack
    if slack is None:
        limit = config.ewma_threshold * sigma
    elif base.are_ready:
        limit = config.ewma_threshold * slack * sigma
    else:
        limit = np.where(base.ready, config.ewma_threshold * np.where(base.ready, slack, 1.0) * sigma, np.inf)
    deviation = np.minimum(distance, limit)
    if not base.are_filled:
        # While the window is empty there is no mean to deviate from.
        deviation = np.where(base.weight > 0.0, deviation, 0.0)
    variance = series.ewma_variance
    variance += rate * (deviation * deviation - variance)
    observed = series.ewma_interval
    observed += rate * (usual - observed)
