"""Static baseline: how far a reading is from what the last seven days were like.

    score = |x - mean| / spread

mean and standard deviation are those of the window before the reading (`window`). This is Shewhart's control
chart for individuals (Shewhart, "Economic Control of Quality of Manufactured Product", 1931; NIST/SEMATECH
e-Handbook 6.3.2.2) with the limits of a long window instead of the moving range.
"""

from typing import NamedTuple

import numpy as np

from plantwright.detection.charts.state import Series
from plantwright.detection.charts.window import moments
from plantwright.detection.columns import Bools, Floats, Ints, every, some
from plantwright.detection.config import ConfigColumns

FORMULA = (
    "score = |value - mean| / (spread * caution); "
    "spread = max(std, quantum / sqrt(12)), or 1 % of |mean| where both are 0; caution = 1.5 - hours / 48, at least 1"
)
# Standard deviation of the rounding error of a quantised value: Widrow, Kollár, "Quantization Noise", 2008, 1.1.
QUANTUM_SIGMA = 1.0 / np.sqrt(12.0)
# A spread below this share of the value is the rounding of double precision, not a property of the signal.
ROUNDING_SHARE = 1e-9
# Stands in for the spread of a series that has never moved.
STAND_IN_SHARE = 0.01
# Before this many readings the spread is too uncertain to trim anything by it.
TRIM_FROM_COUNT = 8
# Until a baseline is ready its spread may be that of a quiet start, so only gross errors are trimmed.
LOOSE_TRIM = 10.0
SWING_BAND = 0.25
SETTLED_SWINGS = 6
SETTLED_HOURS = 24
# What a whole day brings is not known before one has been seen.
_MOST_CAUTION = 1.5


class Baseline(NamedTuple):
    """The window before the reading, each of shape (n,).

    `slack` is how many thresholds a value may be off and still be learnt as it is: the caution once the baseline is
    ready, infinite at the very start; None for 1 everywhere. `limit` is that in the unit of the metric. `are_filled`
    says that every window has readings, `are_ready` that every baseline is ready; both save work and change no number.
    """

    samples: Ints
    weight: Floats
    mean: Floats
    std: Floats
    spread: Floats
    slack: Floats | None
    limit: Floats
    ready: Bools
    are_filled: bool
    are_ready: bool


def baseline(series: Series, config: ConfigColumns, caution: Floats | None, *, are_settled: bool) -> Baseline:
    """The window before the reading.

    Args:
        series: working copy.
        config: same rows.
        caution: from `caution_of`, None for 1 everywhere.
        are_settled: see `is_settled`; it lasts until the next hour begins.
    """
    weight, mean, std = moments(series, are_filled=are_settled)
    samples = series.closed_count + series.bucket_count
    spread = spread_of(mean, std, series.quantum)
    known = spread > 0.0
    ready = known if are_settled else known & is_settled(series, config)
    limit = config.baseline_threshold * spread
    if every(ready):
        limit = limit if caution is None else limit * caution
        return Baseline(samples, weight, mean, std, spread, caution, limit, ready, are_filled=True, are_ready=True)
    loose = np.where(samples >= TRIM_FROM_COUNT, LOOSE_TRIM, np.inf)
    slack = np.where(ready, 1.0 if caution is None else caution, loose)
    limit = np.where(known, config.baseline_threshold * np.where(known, spread, 1.0) * slack, np.inf)
    are_filled = are_settled or every(weight > 0.0)
    return Baseline(samples, weight, mean, std, spread, slack, limit, ready, are_filled, are_ready=False)


def is_settled(series: Series, config: ConfigColumns) -> Bools:
    """Whether there are enough readings, and the series has returned to its mean often enough."""
    samples = series.closed_count + series.bucket_count
    has_returned = (series.swings >= SETTLED_SWINGS) | (series.closed_hours >= SETTLED_HOURS)
    is_enough: Bools = samples >= config.baseline_min_samples
    return is_enough & has_returned


def spread_of(mean: Floats, std: Floats, quantum: Floats) -> Floats:
    """The standard deviation with its floors.

    A quantised series is never thought to vary less than its rounding error. A series that has never moved has
    no spread; 1 % of its value stands in. Zero is returned for a series that has always been 0: "off" has no scale.
    """
    known = np.maximum(std, quantum * QUANTUM_SIGMA)
    size = np.abs(mean)
    return np.where(known > size * ROUNDING_SHARE, known, size * STAND_IN_SHARE)


def caution_of(series: Series) -> Floats:
    """How many times as far a series has to go as long as less than a day of it has been seen: 1.5 to 1, shape (n,).

    The spread over a long time is about one and a half times that over a short one: Bender, "Benderizing tolerances",
    1962.
    """
    seen: Floats = np.minimum(series.closed_hours, SETTLED_HOURS) / SETTLED_HOURS
    return _MOST_CAUTION - (_MOST_CAUTION - 1.0) * seen


def trimmed(value: Floats, base: Baseline) -> Floats:
    """What enters the window: a violation counts as if it were just at the limit.

    So a fault cannot make itself the norm at once, whatever its size, and a permanent shift is learnt in the end
    (winsorising: Tukey, "The future of data analysis", 1962).
    """
    return np.minimum(np.maximum(value, base.mean - base.limit), base.mean + base.limit)


def count_swings(series: Series, distance: Floats, base: Baseline) -> None:
    """Count how often the series went from clearly above its mean to clearly below or back, in place, until it has
    settled; `distance` is that from the mean, with its sign.

    A baseline is one only if the series returns to it: until then a slow rise cannot be told from a slow cycle.
    A series that stands still away from 0 returns with each reading.
    """
    swings = series.swings
    counts = swings < SETTLED_SWINGS
    if not some(counts):
        return
    band = SWING_BAND * base.spread
    above, below = distance > band, distance < -band
    still = (base.std <= np.abs(base.mean) * ROUNDING_SHARE) & (distance == 0.0) & (base.spread > 0.0)
    was_high = series.is_high
    swings += counts & ((above & ~was_high) | (below & was_high) | still)
    was_high[:] = np.where(counts, above | (was_high & ~below), was_high)
