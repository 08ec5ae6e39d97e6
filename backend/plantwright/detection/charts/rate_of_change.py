"""Rate of change: jumps, spikes and steep slopes, by the velocity of the first difference.

    change = (x_t - x_{t-1}) * min(1, usual interval / interval)
    score = |change| / scale
    scale = max(rms, hourly peak / 3, quantum / 2)

The change is the velocity times the usual interval of the series, where an interval shorter than usual counts as
the usual one: the difference of two noisy readings does not shrink with their distance, so dividing it by a short
interval would make noise look fast. After a gap the change is spread over the gap.

rms is the root mean square of changes over the window: for independent changes 6 rms are a "six sigma" event. Load
steps are rare but regular, and would be flagged each time; hence the second term, the root mean square over the
hours of the window of each hour's greatest change. The largest of some hundreds of normal changes is near 3 rms,
so the term only acts where changes are not normal, and a change is flagged only when it is twice what the hours
usually bring. The third term is a floor: a step of one or two quanta is never flagged in a quantised signal
(quantum: the smallest step ever seen while the series was in its normal range).

First differences and their mean square as a measure of spread: von Neumann et al., "The mean square successive
difference", Annals of Mathematical Statistics 12, 1941.
"""

import numpy as np

from plantwright.detection.charts.state import Series
from plantwright.detection.charts.static_baseline import Baseline
from plantwright.detection.columns import Floats, every, some
from plantwright.detection.config import ConfigColumns

FORMULA = (
    "change = step * min(1, usual_interval / interval); score = |change| / (scale * caution); "
    "scale = max(rms, hourly_peak / 3, quantum / 2); caution = 1.5 - hours / 48, at least 1"
)
PEAK_RATIO = 3.0
QUANTUM_RATIO = 2.0


def change_of(step: Floats, interval: Floats, usual: Floats, one: Floats) -> Floats:
    """Change per usual interval, in the unit of the metric; `one` is 1 everywhere."""
    return step * np.minimum(usual / np.maximum(interval, one), one)


def peak_of(series: Series, hours: Floats) -> Floats:
    """Root mean square of the greatest change of each hour; `hours` with the open one."""
    peak = series.bucket_peak
    return np.sqrt((series.closed_peak_squares + peak * peak) / hours)


def scale_of(rms: Floats, peak: Floats, quantum: Floats) -> Floats:
    return np.maximum(np.maximum(rms, peak / PEAK_RATIO), quantum / QUANTUM_RATIO)


def learn(series: Series, config: ConfigColumns, size: Floats, scale: Floats, *, base: Baseline, rate: Floats) -> None:
    """Let the scale follow, in place; a violation counts as if it were just at the threshold.

    Args:
        series: working copy.
        config: same rows.
        size: of the change, 0 or more.
        scale: before the reading.
        base: the window before the reading.
        rate: share of the reading in the window, 0 to 1.
    """
    known = scale > 0.0
    limit = config.rate_threshold * (scale if every(known) else np.where(known, scale, 1.0))
    limit = limit if base.slack is None else limit * base.slack
    if not every(known):
        limit = np.where(known, limit, np.inf)
    size = np.minimum(size, limit)
    square = series.change_square
    square += rate * (size * size - square)
    np.maximum(series.bucket_peak, size, out=series.bucket_peak)


def learn_quantum(series: Series, finest: Floats, size: Floats, distance: Floats, base: Baseline) -> None:
    """Remember the smallest step between readings in the normal range, in place.

    Args:
        series: working copy.
        finest: the same as the quantum, but infinite where there is none yet; kept up too.
        size: of the step, infinite where there is none.
        distance: of the reading from the mean.
        base: the window before the reading.
    """
    smaller = size < finest
    if some(smaller):
        smaller &= distance <= base.limit
        np.copyto(finest, size, where=smaller)
        np.copyto(series.quantum, size, where=smaller)
