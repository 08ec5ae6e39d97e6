"""Judges frames by the reference of their machine."""

from dataclasses import dataclass

import numpy as np

from plantwright.detection.columns import Bools, Floats
from plantwright.detection.multivariate.frames import Frames
from plantwright.detection.multivariate.reference import Reference

# Before this many readings the moving average still shows where it began: 0.95^60 is 5 %.
SETTLED_READINGS = 60
SCORE_LIMIT = 1e9


@dataclass(frozen=True, slots=True)
class Judged:
    """n frames; each of shape (n,).

    Attributes:
        t2, q: the statistics.
        score: how far the worse of them is from its limit, as a ratio of distances; 0 where nothing can be judged.
        is_judged: whether all metrics of the reference were fresh.
    """

    t2: Floats
    q: Floats
    score: Floats
    is_judged: Bools


def judge(reference: Reference | None, frames: Frames) -> Judged:
    count = len(frames.time)
    if reference is None:
        return Judged(np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count, np.bool_))
    used = reference.used
    is_judged: Bools = np.all(frames.fresh[:, used] & (frames.readings[:, used] >= SETTLED_READINGS), axis=1)
    t2, q = reference.statistics(frames.smoothed[:, used])
    ratio = t2 / reference.t2_limit
    if reference.q_limit > 0.0:
        ratio = np.maximum(ratio, q / reference.q_limit)
    score = np.where(is_judged, np.minimum(np.sqrt(ratio), SCORE_LIMIT), 0.0)
    return Judged(t2, q, score, is_judged)


def trimmed(reference: Reference | None, frames: Frames, judged: Judged) -> Floats:
    """What is learnt of the frames, shape (n, p): one that violates counts as if it were just at the limit.

    So a fault cannot make itself the norm at once (winsorising: Tukey, "The future of data analysis", 1962).
    """
    if reference is None:
        return frames.value
    shrink = np.where(judged.score > 1.0, 1.0 / np.maximum(judged.score, 1.0), 1.0)[:, None]
    values = frames.value.copy()
    values[:, reference.used] = reference.mean + (frames.value[:, reference.used] - reference.mean) * shrink
    return values
