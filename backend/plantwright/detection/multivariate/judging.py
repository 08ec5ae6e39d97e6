"""Judges frames by the reference of their machine."""

from dataclasses import dataclass

import numpy as np

from plantwright.detection.columns import Bools, Floats
from plantwright.detection.multivariate.frames import SETTLED_READINGS, Frames
from plantwright.detection.multivariate.reference import Reference

SCORE_LIMIT = 1e9


@dataclass(frozen=True, slots=True)
class Judged:
    """n frames; each of shape (n,).

    Attributes:
        t2, q: the statistics.
        t2_limit, q_limit: from here on they violate.
        score: how far the worse of them is from its limit, as a ratio of distances; 0 where nothing can be judged.
        is_judged: whether all metrics of the reference were fresh.
    """

    t2: Floats
    q: Floats
    t2_limit: Floats
    q_limit: Floats
    score: Floats
    is_judged: Bools


def judge(reference: Reference | None, frames: Frames) -> Judged:
    count = len(frames.time)
    if reference is None:
        none = np.zeros(count)
        return Judged(none, none, none, none, none, np.zeros(count, np.bool_))
    used = reference.used
    is_judged: Bools = np.all(frames.fresh[:, used] & (frames.readings[:, used] >= SETTLED_READINGS), axis=1)
    t2, q = reference.statistics(frames.smoothed[:, used])
    share = reference.share(frames.usual_interval[:, used])
    t2_limit, q_limit = reference.t2_limits.at(share), reference.q_limits.at(share)
    ratio = t2 / t2_limit
    if reference.has_q:
        ratio = np.maximum(ratio, q / q_limit)
    score = np.where(is_judged, np.minimum(np.sqrt(ratio), SCORE_LIMIT), 0.0)
    return Judged(t2, q, t2_limit, q_limit, score, is_judged)


def trimmed(reference: Reference | None, table: Floats, judged: Judged) -> Floats:
    """What is learnt of values or averages, shape (n, p): a frame that violates counts as if it were at the limit.

    So a fault cannot make itself the norm at once (winsorising: Tukey, "The future of data analysis", 1962).
    """
    if reference is None:
        return table
    shrink = np.where(judged.score > 1.0, 1.0 / np.maximum(judged.score, 1.0), 1.0)[:, None]
    values = table.copy()
    values[:, reference.used] = reference.mean + (table[:, reference.used] - reference.mean) * shrink
    return values
