"""The three charts at work on the series of one block, a reading of each at a time."""

from typing import NamedTuple

import numpy as np

from plantwright.detection.charts import ewma, rate_of_change, static_baseline, window
from plantwright.detection.charts.reporting import Verdict, Watch
from plantwright.detection.charts.state import Buckets, Series
from plantwright.detection.charts.trace import Seen
from plantwright.detection.columns import Floats, Ints, every, some
from plantwright.detection.config import ConfigColumns


class Readings(NamedTuple):
    """One of each lane that still has some, shape (lanes,); see `Rounds`."""

    value: Floats
    step: Floats
    interval: Floats
    size: Floats
    weight: Floats


class Lanes:
    """A working copy of some rows; rows that lie next to each other are worked on in place."""

    def __init__(self, series: Series, config: ConfigColumns, rows: Ints, *, has_firsts: bool) -> None:
        self._series, self._rows, self._has_firsts = series, rows, has_firsts
        self._is_in_place = bool((np.diff(rows) == 1).all())
        if self._is_in_place:
            span = int(rows[0]), int(rows[-1]) + 1
            self._all, self.config = series.span(*span), config.span(*span)
        else:
            self._all, self.config = series.take(rows), config.take(rows)
        self._smoothing = ewma.Smoothing.of(self.config.ewma_lambda)
        self._are_enabled = every(self.config.enabled)
        self._all_finest = np.where(self._all.quantum > 0.0, self._all.quantum, np.inf)
        self._are_settled = False
        self._narrow(len(rows))

    def _narrow(self, size: int) -> None:
        self._size = size
        self._now, self._config, self._now_smoothing = self._all, self.config, self._smoothing
        if size < len(self._rows):
            self._now, self._config = self._all.head(size), self.config.head(size)
            self._now_smoothing = ewma.Smoothing(*(column[:size] for column in self._smoothing))
        self._finest = self._all_finest[:size]
        self._hours = (self._now.closed_hours + 1).astype(np.float64)
        caution = static_baseline.caution_of(self._now)
        self._caution = caution if some(caution > 1.0) else None
        self._are_timed = every(self._now.usual_interval > 0.0)

    def enter_hours(self, buckets: Buckets, lanes: Ints, hours: Ints) -> None:
        window.roll(self._all, buckets, lanes, self._rows[lanes], hours)
        self._are_settled = False
        self._narrow(self._size)

    def advance(self, turn: int, readings: Readings, watch: Watch) -> None:
        """Have the round judged by what was known before it, then learn from it."""
        if len(readings.value) != self._size:
            self._narrow(len(readings.value))
        series, config, smoothing = self._now, self._config, self._now_smoothing
        self._are_settled = self._are_settled or every(static_baseline.is_settled(series, config))
        base = static_baseline.baseline(series, config, self._caution, are_settled=self._are_settled)
        entering = static_baseline.trimmed(readings.value, base)
        ewma.advance(series, smoothing, entering, base)
        self._are_timed = self._are_timed or every(series.usual_interval > 0.0)
        usual = window.usual_interval(series, readings.interval, are_known=self._are_timed)
        share = ewma.share_of(series, smoothing, usual)
        sigma = ewma.sigma_of(series, smoothing, base, share)
        change = rate_of_change.change_of(readings.step, readings.interval, usual, smoothing.one)
        rms, peak = np.sqrt(series.change_square), rate_of_change.peak_of(series, self._hours)
        scale = rate_of_change.scale_of(rms, peak, series.quantum)

        deviation = readings.value - base.mean
        distance, drift, size = np.abs(deviation), np.abs(series.ewma - base.mean), np.abs(change)
        verdicts = self._verdicts(base, (distance, base.spread), (drift, sigma), (size, scale))
        violates = verdicts[0].violates | verdicts[1].violates | verdicts[2].violates
        if watch.is_watching or some(violates):
            seen = Seen(
                step=readings.step,
                interval=readings.interval,
                samples=base.samples,
                mean=base.mean,
                std=base.std,
                spread=base.spread,
                ready=base.ready,
                quantum=series.quantum,
                caution=self._caution,
                ewma=series.ewma,
                ewma_sigma=sigma,
                ewma_decay=series.ewma_decay,
                ewma_variance=series.ewma_variance,
                ewma_share=share,
                change=change,
                usual_interval=usual,
                rms=rms,
                peak=peak,
                scale=scale,
            )
            watch.observe(turn, verdicts, seen)

        total = base.weight + readings.weight
        rate = readings.weight / (total if base.are_filled else np.maximum(total, window.TINY))
        static_baseline.count_swings(series, deviation, base)
        window.add(series, entering, readings.weight, has_firsts=self._has_firsts)
        ewma.learn(series, config, drift, sigma, usual, base=base, rate=rate)
        rate_of_change.learn(series, config, size, scale, base=base, rate=rate)
        rate_of_change.learn_quantum(series, self._finest, readings.size, distance, base)

    def _verdicts(
        self, base: static_baseline.Baseline, *judged: tuple[Floats, Floats]
    ) -> tuple[Verdict, Verdict, Verdict]:
        """Of pairs of size and scale, in the order of the detectors."""
        config = self._config
        thresholds = config.baseline_threshold, config.ewma_threshold, config.rate_threshold
        scores = [_over(size, scale) for size, scale in judged]
        if self._caution is not None:
            scores = [score / self._caution for score in scores]
        violations = [score >= threshold for score, threshold in zip(scores, thresholds, strict=True)]
        if not self._are_enabled or not base.are_ready:
            may_violate = config.enabled & base.ready
            violations = [violates & may_violate for violates in violations]
        static, drift, rate = (Verdict(*pair) for pair in zip(scores, violations, strict=True))
        return static, drift, rate

    def finish(self, time: Ints, value: Floats) -> None:
        """Keep the newest reading of each lane, and put the rows back."""
        self._all.last_time[:] = time
        self._all.last_value[:] = value
        if not self._is_in_place:
            self._series.put(self._rows, self._all)


def _over(size: Floats, scale: Floats) -> Floats:
    """The score: 0 where there is no scale."""
    has_scale = scale > 0.0
    return size / scale if every(has_scale) else np.divide(size, scale, out=np.zeros_like(size), where=has_scale)
