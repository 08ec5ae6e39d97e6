# ruff: noqa: RUF009 - `column` returns a dataclass field
"""What the detectors saw at each reading of a batch, and their scores."""

from dataclasses import dataclass

import numpy as np

from plantwright.detection import ewma, rate_of_change, static_baseline
from plantwright.detection.columns import Bools, Columns, Floats, Ints, column
from plantwright.detection.findings import Detector
from plantwright.detection.rounds import Rounds

# Greater scores say nothing more; the limit keeps them finite.
SCORE_LIMIT = 1e9


@dataclass(frozen=True, slots=True)
class Trace(Columns):
    """Shape (n,), in the order of the rounds; everything is as it was when the reading was judged."""

    count: Ints = column("<i8")
    mean: Floats = column("<f8")
    std: Floats = column("<f8")
    spread: Floats = column("<f8")
    quantum: Floats = column("<f8")
    ready: Bools = column("|b1")
    caution: Floats = column("<f8")
    ewma: Floats = column("<f8")
    ewma_sigma: Floats = column("<f8")
    ewma_decay: Floats = column("<f8")
    ewma_variance: Floats = column("<f8")
    ewma_share: Floats = column("<f8")
    change: Floats = column("<f8")
    usual_interval: Floats = column("<f8")
    rms: Floats = column("<f8")
    peak: Floats = column("<f8")
    scale: Floats = column("<f8")


def scores_of(rounds: Rounds, trace: Trace) -> dict[Detector, Floats]:
    """Scores, each of shape (n,); 0 where nothing can be judged yet."""
    raw = {
        Detector.STATIC_BASELINE: static_baseline.score(rounds.value, trace.mean, trace.spread),
        Detector.EWMA: ewma.score(trace.ewma, trace.mean, trace.ewma_sigma),
        Detector.RATE_OF_CHANGE: rate_of_change.score(trace.change, trace.scale),
    }
    return {
        detector: np.where(trace.ready, np.minimum(score / trace.caution, SCORE_LIMIT), 0.0)
        for detector, score in raw.items()
    }


def inputs_of(detector: Detector, rounds: Rounds, trace: Trace, index: int, smoothing: float) -> dict[str, int | float]:
    """What the formula of a detector was fed with at one reading.

    Args:
        detector: whose formula.
        rounds: the readings.
        trace: same order.
        index: which reading.
        smoothing: lambda of the series.
    """
    window: dict[str, int | float] = {
        "n": int(trace.count[index]),
        "mean": float(trace.mean[index]),
        "std": float(trace.std[index]),
        "quantum": float(trace.quantum[index]),
        "spread": float(trace.spread[index]),
        "caution": float(trace.caution[index]),
    }
    if detector is Detector.STATIC_BASELINE:
        return window
    if detector is Detector.EWMA:
        return window | {
            "lambda": smoothing,
            "ewma": float(trace.ewma[index]),
            "decay": float(trace.ewma_decay[index]),
            "ewma_variance": float(trace.ewma_variance[index]),
            "share": float(trace.ewma_share[index]),
            "sigma": float(trace.ewma_sigma[index]),
        }
    return {
        "n": int(trace.count[index]),
        "step": float(rounds.step[index]),
        "interval_ms": int(rounds.interval[index]),
        "usual_interval_ms": float(trace.usual_interval[index]),
        "change": float(trace.change[index]),
        "rms": float(trace.rms[index]),
        "hourly_peak": float(trace.peak[index]),
        "quantum": float(trace.quantum[index]),
        "scale": float(trace.scale[index]),
        "caution": float(trace.caution[index]),
    }
