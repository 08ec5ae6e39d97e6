"""The rolling window of seven days: 168 hourly buckets per series, of which the current one is open.

A bucket holds weight, mean and sum of squared deviations (West, "Updating mean and variance estimates", CACM 22,
1979; merged as in Chan, Golub, LeVeque, 1979). An hour that ends is stored in its slot, slots older than the
window are cleared, and the totals over the closed hours are recomputed, so nothing is ever subtracted.

A reading weighs as much as the time since the reading before it, up to `WEIGHT_SPAN_MS`. Ten readings in ten
seconds then say as much about normal operation as one, and a faster sampling rate does not drown the history.
The first reading of a series has no interval, hence no weight.
"""

import numpy as np
import numpy.typing as npt

from plantwright.detection.charts.state import BUCKETS, NO_HOUR, Buckets, Series
from plantwright.detection.columns import Floats, Ints

HOUR_MS = 3_600_000
WEIGHT_SPAN_MS = 10_000
# Keeps an empty window from dividing by zero.
TINY = float(np.finfo(np.float64).tiny)
# Hourly peaks are kept in single precision, which ends here.
_PEAK_LIMIT = 3.0e38
# The usual interval follows the intervals by a sixteenth; one odd interval counts as at most 4 times more or less.
_FOLLOW = 1.0 / 16.0
_OUTLIER = 4.0
_SLOTS = np.arange(BUCKETS, dtype=np.int64)


def weight_of(interval_ms: Floats) -> Floats:
    """Weight of a reading, 0 to 1, from the time since the reading before it (0 for the first)."""
    return np.minimum(interval_ms, WEIGHT_SPAN_MS) / WEIGHT_SPAN_MS


def usual_interval(series: Series, interval: Floats, *, are_known: bool) -> Floats:
    """The usual interval before this one, and let it follow, in place; milliseconds, 0 for the first reading.

    `are_known`: every series has one already.
    """
    usual = (
        series.usual_interval.copy()
        if are_known
        else np.where(series.usual_interval > 0.0, series.usual_interval, interval)
    )
    series.usual_interval[:] = followed(usual, interval)
    return usual


def followed(usual: Floats, interval: Floats) -> Floats:
    """The usual interval after another interval."""
    counted = np.minimum(np.maximum(interval, usual / _OUTLIER), usual * _OUTLIER)
    return usual + (counted - usual) * _FOLLOW


def moments(series: Series, *, are_filled: bool = False) -> tuple[Floats, Floats, Floats]:
    """Weight, mean and standard deviation over the window; `are_filled`: no weight is 0."""
    open_weight, closed_weight, closed_mean = series.bucket_weight, series.closed_weight, series.closed_mean
    weight = closed_weight + open_weight
    divisor = weight if are_filled else np.maximum(weight, TINY)
    share = open_weight / divisor
    offset = series.bucket_mean - closed_mean
    mean = closed_mean + offset * share
    m2 = series.closed_m2 + series.bucket_m2 + offset * offset * closed_weight * share
    return weight, mean, np.sqrt(m2 / divisor)


def add(series: Series, value: Floats, weight: Floats, *, has_firsts: bool) -> None:
    """Add a value of that weight to the open hour of each series, in place; `has_firsts`: some may weigh nothing."""
    total = series.bucket_weight
    total += weight
    deviation = value - series.bucket_mean
    mean = series.bucket_mean
    # The quotient first: it is exactly 1 for the first value, so a constant series has no deviation at all.
    mean += deviation * (weight / (np.maximum(total, TINY) if has_firsts else total))
    m2 = series.bucket_m2
    m2 += weight * deviation * (value - mean)
    count = series.bucket_count
    count += (weight > 0.0) if has_firsts else 1


def roll(series: Series, buckets: Buckets, lanes: Ints, rows: Ints, hours: Ints) -> None:
    """Close the open hour of some series and open another, in place.

    Args:
        series: working copy.
        buckets: all rows of the state; not looked at for series that had no hour yet.
        lanes: which rows of `series` enter a new hour.
        rows: the rows of `buckets` they belong to.
        hours: the hours they enter, in hours since the epoch.
    """
    is_first = series.hour[lanes] == NO_HOUR
    series.hour[lanes[is_first]] = hours[is_first]
    if is_first.any():
        lanes, rows, hours = lanes[~is_first], rows[~is_first], hours[~is_first]
    left = series.hour[lanes]
    _store(series, buckets, lanes, rows, left % BUCKETS)
    stale = (_SLOTS - left[:, None] - 1) % BUCKETS < np.minimum(hours - left, BUCKETS)[:, None]
    kept = {name: np.where(stale, array.dtype.type(0), array[rows]) for name, array in buckets.arrays().items()}
    for name, array in buckets.arrays().items():
        array[rows] = kept[name]
    _total(series, lanes, kept)
    series.hour[lanes] = hours
    for opened in (series.bucket_count, series.bucket_weight, series.bucket_mean, series.bucket_m2, series.bucket_peak):
        opened[lanes] = 0
    # A series that was silent for the whole window starts again from nothing.
    is_empty = series.closed_count[lanes] == 0
    series.swings[lanes[is_empty]] = 0
    series.is_high[lanes[is_empty]] = False


def _store(series: Series, buckets: Buckets, lanes: Ints, rows: Ints, slots: Ints) -> None:
    buckets.count[rows, slots] = series.bucket_count[lanes]
    buckets.weight[rows, slots] = series.bucket_weight[lanes]
    buckets.mean[rows, slots] = series.bucket_mean[lanes]
    buckets.m2[rows, slots] = series.bucket_m2[lanes]
    buckets.peak[rows, slots] = np.minimum(series.bucket_peak[lanes], _PEAK_LIMIT)


def _total(series: Series, lanes: Ints, kept: dict[str, npt.NDArray[np.generic]]) -> None:
    weights, means = np.asarray(kept["weight"], np.float64), np.asarray(kept["mean"], np.float64)
    peaks = np.asarray(kept["peak"], np.float64)
    weight = _sum(weights)
    mean = _sum(weights * means) / np.maximum(weight, TINY)
    offsets = means - mean[:, None]
    series.closed_weight[lanes] = weight
    series.closed_mean[lanes] = mean
    series.closed_m2[lanes] = _sum(np.asarray(kept["m2"], np.float64) + weights * offsets * offsets)
    series.closed_peak_squares[lanes] = _sum(peaks * peaks)
    series.closed_count[lanes] = np.asarray(kept["count"], np.int64).sum(axis=1)
    series.closed_hours[lanes] = (weights > 0.0).sum(axis=1)


def _sum(table: Floats) -> Floats:
    """Row sums in a fixed order: numpy's own order may depend on how many rows there are."""
    folded = table[:, :84] + table[:, 84:]
    folded = folded[:, :42] + folded[:, 42:]
    folded = folded[:, :21] + folded[:, 21:]
    total = folded[:, 0]
    for index in range(1, folded.shape[1]):
        total = total + folded[:, index]
    return total
