"""What the detectors see in one round, before they learn from it."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from plantwright.detection.columns import Bools, Floats, Ints
from plantwright.detection.findings import Detector

# Greater scores say nothing more; the limit keeps them finite.
SCORE_LIMIT = 1e9


class Seen(NamedTuple):
    """Each of shape (lanes,); some are the state itself and hold only until it learns.

    `caution` is None for 1 everywhere.
    """

    step: Floats
    interval: Floats
    samples: Ints
    mean: Floats
    std: Floats
    spread: Floats
    ready: Bools
    quantum: Floats
    caution: Floats | None
    ewma: Floats
    ewma_sigma: Floats
    ewma_decay: Floats
    ewma_variance: Floats
    ewma_share: Floats
    change: Floats
    usual_interval: Floats
    rms: Floats
    peak: Floats
    scale: Floats


@dataclass(frozen=True, slots=True)
class Recording:
    """What was seen of each reading of a batch, shape (n,), NaN where nothing could be judged or it was passed over.

    Attributes:
        mean: of the window; NaN only while that is empty.
        unit: what a score of 1 of the static baseline is, in the unit of the metric.
        scores: per detector.
    """

    mean: Floats
    unit: Floats
    scores: dict[Detector, Floats]

    @classmethod
    def empty(cls, count: int) -> Self:
        return cls(np.full(count, np.nan), np.full(count, np.nan), {name: np.full(count, np.nan) for name in Detector})

    def note(self, places: Ints, seen: Seen, scores: tuple[Floats, ...]) -> None:
        """Keep a round; `scores` in the order of the detectors."""
        unit = seen.spread if seen.caution is None else seen.spread * seen.caution
        self.mean[places] = np.where(seen.samples > 0, seen.mean, np.nan)
        self.unit[places] = np.where(seen.ready, unit, np.nan)
        for column, score in zip(self.scores.values(), scores, strict=True):
            column[places] = np.where(seen.ready, np.minimum(score, SCORE_LIMIT), np.nan)


def inputs_of(detector: Detector, seen: Seen, lane: int, smoothing: float) -> dict[str, int | float]:
    """What the formula of a detector was fed with at the reading of a lane; `smoothing` is its lambda."""
    caution = 1.0 if seen.caution is None else float(seen.caution[lane])
    window: dict[str, int | float] = {
        "n": int(seen.samples[lane]),
        "mean": float(seen.mean[lane]),
        "std": float(seen.std[lane]),
        "quantum": float(seen.quantum[lane]),
        "spread": float(seen.spread[lane]),
        "caution": caution,
    }
    if detector is Detector.STATIC_BASELINE:
        return window
    if detector is Detector.EWMA:
        return window | {
            "lambda": smoothing,
            "ewma": float(seen.ewma[lane]),
            "decay": float(seen.ewma_decay[lane]),
            "ewma_variance": float(seen.ewma_variance[lane]),
            "share": float(seen.ewma_share[lane]),
            "sigma": float(seen.ewma_sigma[lane]),
        }
    return {
        "n": int(seen.samples[lane]),
        "step": float(seen.step[lane]),
        "interval_ms": int(seen.interval[lane]),
        "usual_interval_ms": float(seen.usual_interval[lane]),
        "change": float(seen.change[lane]),
        "rms": float(seen.rms[lane]),
        "hourly_peak": float(seen.peak[lane]),
        "quantum": float(seen.quantum[lane]),
        "scale": float(seen.scale[lane]),
        "caution": caution,
    }
