"""The three charts as docs/detectors.md publishes them, in plain numpy, a round at a time.

This is what the engine is held against as "the same formulas": trimming, quanta, intervals, observed variance, hourly
peak and caution, but no hours that end, cold starts, episodes or explanations, nor a state that must not be written to.
It begins where an engine stands, and `measure` in detect_engine.py holds both to the same numbers at the end.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from plain_pass import rounds_of
from plantwright.detection.charts.state import Series
from plantwright.detection.config import DetectionConfig

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CONFIG = DetectionConfig()
WEIGHT_SPAN_MS = 10_000.0
CAUTION = 1.5


@dataclass
class PublishedCharts:
    """A value per series each; see `Series`."""

    last_time: Ints
    last_value: Floats
    usual_interval: Floats
    quantum: Floats
    bucket_weight: Floats
    bucket_mean: Floats
    bucket_m2: Floats
    bucket_peak: Floats
    ewma: Floats
    ewma_decay: Floats
    ewma_variance: Floats
    ewma_interval: Floats
    change_square: Floats

    @classmethod
    def after(cls, series: Series) -> "PublishedCharts":
        """Where an engine stands that has seen no hour end."""
        return cls(**{spec.name: getattr(series, spec.name).copy() for spec in fields(cls)})

    def take(self, rows: Ints) -> "PublishedCharts":
        return PublishedCharts(**{spec.name: getattr(self, spec.name)[rows] for spec in fields(self)})

    def put(self, rows: Ints, part: "PublishedCharts") -> None:
        for spec in fields(self):
            getattr(self, spec.name)[rows] = getattr(part, spec.name)

    def advance(self, time: Ints, value: Floats) -> int:
        """A reading of each, in place; how many judgements are beyond a threshold."""
        interval, step = (time - self.last_time).astype(np.float64), value - self.last_value
        mean = self.bucket_mean.copy()
        spread = np.maximum(np.sqrt(self.bucket_m2 / self.bucket_weight), self.quantum / np.sqrt(12.0))
        limit = CONFIG.baseline_threshold * spread * CAUTION
        entering = np.clip(value, mean - limit, mean + limit)
        self.ewma += CONFIG.ewma_lambda * (entering - self.ewma)
        self.ewma_decay *= (1.0 - CONFIG.ewma_lambda) ** 2
        usual = self.usual_interval.copy()
        share = np.minimum(2.0 * usual / self.ewma_interval, 1.0)
        independent = spread**2 * CONFIG.ewma_lambda / (2.0 - CONFIG.ewma_lambda) * (1.0 - self.ewma_decay)
        sigma = np.sqrt(np.maximum(independent, share * self.ewma_variance + (1.0 - share) * spread**2))
        change = np.abs(step * np.minimum(usual / interval, 1.0))
        scale = np.maximum(np.maximum(np.sqrt(self.change_square), self.bucket_peak / 3.0), self.quantum / 2.0)
        drift = np.abs(self.ewma - mean)
        beyond = np.count_nonzero(np.abs(value - mean) / (spread * CAUTION) >= CONFIG.baseline_threshold)
        beyond += np.count_nonzero(drift / (sigma * CAUTION) >= CONFIG.ewma_threshold)
        beyond += np.count_nonzero(change / (scale * CAUTION) >= CONFIG.rate_threshold)
        weight = np.minimum(interval, WEIGHT_SPAN_MS) / WEIGHT_SPAN_MS
        self._learn_window(entering, weight)
        rate = weight / self.bucket_weight
        deviation = np.minimum(drift, CONFIG.ewma_threshold * CAUTION * sigma)
        self.ewma_variance += rate * (deviation**2 - self.ewma_variance)
        self.ewma_interval += rate * (usual - self.ewma_interval)
        change = np.minimum(change, CONFIG.rate_threshold * CAUTION * scale)
        self.change_square += rate * (change**2 - self.change_square)
        self.bucket_peak = np.maximum(self.bucket_peak, change)
        self.usual_interval += (np.clip(interval, usual / 4.0, usual * 4.0) - usual) / 16.0
        self._learn_quantum(np.abs(step), np.abs(value - mean) <= limit)
        self.last_time, self.last_value = time, value
        return int(beyond)

    def _learn_window(self, entering: Floats, weight: Floats) -> None:
        self.bucket_weight += weight
        deviation = entering - self.bucket_mean
        self.bucket_mean += deviation * weight / self.bucket_weight
        self.bucket_m2 += weight * deviation * (entering - self.bucket_mean)

    def _learn_quantum(self, size: Floats, is_usual: npt.NDArray[np.bool_]) -> None:
        finest = np.where(self.quantum > 0.0, self.quantum, np.inf)
        is_finer = (size > 0.0) & (size < finest) & is_usual
        self.quantum = np.where(is_finer, size, self.quantum)


def over_batch(charts: PublishedCharts, series: npt.NDArray[np.int32], time_ms: Ints, value: Floats) -> int:
    """The readings of a batch round by round: the first of each series, then the second, and so on."""
    beyond = 0
    for rows, places in rounds_of(series):
        part = charts.take(rows)
        beyond += part.advance(time_ms[places], value[places])
        charts.put(rows, part)
    return beyond


def furthest_apart(charts: PublishedCharts, series: Series) -> float:
    """The greatest relative difference of any number from the engine's."""
    found = 0.0
    for spec in fields(charts):
        own, other = getattr(charts, spec.name), getattr(series, spec.name)
        size = np.maximum(np.abs(own), np.abs(other))
        found = max(found, float((np.abs(own - other) / np.where(size > 1e-12, size, 1.0)).max()))
    return found
