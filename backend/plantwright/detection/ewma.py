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

import numpy as np

from plantwright.detection.columns import Floats
from plantwright.detection.config import ConfigColumns
from plantwright.detection.state import Series
from plantwright.detection.static_baseline import Baseline

FORMULA = (
    "ewma = lambda * value + (1 - lambda) * previous ewma; score = |ewma - mean| / (sigma * caution); "
    "sigma = sqrt(max(spread^2 * lambda / (2 - lambda) * (1 - decay), "
    "share * observed variance of ewma + (1 - share) * spread^2)), "
    "decay = (1 - lambda)^(2t); value trimmed to mean ± baseline_threshold * spread; "
    "caution = 1.5 - hours / 48, at least 1"
)
# Nothing next to 1, yet far from the numbers that processors are slow with.
_SMALLEST_DECAY = 1e-30


def advance(series: Series, config: ConfigColumns, value: Floats, base: Baseline) -> None:
    """Take in one (trimmed) value per series, in place; the average starts with the window."""
    smoothing = config.ewma_lambda
    keep = 1.0 - smoothing
    starts = base.weight == 0.0
    average, decay = series.ewma, series.ewma_decay
    average[:] = np.where(starts, value, average + smoothing * (value - average))
    # A running product, not a power: powers may differ in the last bit with the length of the array.
    decay[:] = np.where(starts, 1.0, np.maximum(decay * (keep * keep), _SMALLEST_DECAY))


def share_of(series: Series, usual: Floats) -> Floats:
    """How far the observed variance holds for the usual interval (milliseconds), 0 to 1."""
    return np.minimum(2.0 * usual / np.maximum(series.ewma_interval, 1.0), 1.0)


def sigma_of(series: Series, config: ConfigColumns, base: Baseline, share: Floats) -> Floats:
    """Standard deviation of the average, before the reading is learnt."""
    smoothing = config.ewma_lambda
    most = base.spread * base.spread
    independent = most * (smoothing / (2.0 - smoothing)) * (1.0 - series.ewma_decay)
    return np.sqrt(np.maximum(independent, share * series.ewma_variance + (1.0 - share) * most))


def learn(series: Series, config: ConfigColumns, sigma: Floats, usual: Floats, *, base: Baseline, rate: Floats) -> None:
    """Let the observed variance and its interval follow, in place, trimmed as the baseline is.

    Args:
        series: working copy.
        config: same rows.
        sigma: from `sigma_of`.
        usual: usual interval in milliseconds.
        base: the window before the reading.
        rate: share of the reading in the window, 0 to 1.
    """
    slack = np.where(base.ready, base.slack, 1.0)
    limit = np.where(base.ready, config.ewma_threshold * slack * sigma, np.inf)
    deviation = np.minimum(np.abs(series.ewma - base.mean), limit)
    # While the window is empty there is no mean to deviate from.
    deviation = np.where(base.weight > 0.0, deviation, 0.0)
    variance = series.ewma_variance
    variance += rate * (deviation * deviation - variance)
    observed = series.ewma_interval
    observed += rate * (usual - observed)


def score(average: Floats, mean: Floats, sigma: Floats) -> Floats:
    """Shape (n,); 0 where there is no scale."""
    return np.divide(np.abs(average - mean), sigma, out=np.zeros_like(average), where=sigma > 0.0)
