"""Metrics that come to a machine, and those that leave it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from plantwright.detection.charts.state import NEVER
from plantwright.detection.columns import Bools
from plantwright.detection.multivariate.columns import Metrics
from plantwright.detection.multivariate.moments import Moments, Sums
from plantwright.detection.multivariate.reference import Reference
from plantwright.detection.multivariate.state import MOST_METRICS, MachineState

# A metric that is silent for longer, while others are read, no more holds up their judgement.
SILENT_MS = 24 * 3_600_000


def with_series(state: MachineState, series: Sequence[int]) -> MachineState:
    """Add metrics, up to the most there may be.

    How they go with the others has to be learnt afresh; meanwhile the old reference goes on judging the old metrics.
    """
    new = tuple(sorted(set(series) - set(state.series)))[: MOST_METRICS - len(state.series)]
    if not new:
        return state
    metrics = Metrics.joined((state.metrics, Metrics.empty(len(new))))
    count = len(state.series) + len(new)
    reference = state.reference
    if reference is not None:
        reference = replace(reference, used=np.concatenate((reference.used, np.zeros(len(new), np.bool_))))
    return replace(
        state,
        series=state.series + new,
        metrics=metrics,
        hours=0,
        open_hour=Sums.empty(count),
        open_smoothed=Sums.empty(count),
        closed=Moments.empty(count),
        closed_smoothed=Moments.empty(count),
        reference=reference,
    )


def silent(state: MachineState) -> Bools:
    """Metrics that had not been read for a day at the last frame: the next one is without them.

    Silence counts while others are read, so a machine that stands still over the weekend is the same on Monday.
    """
    last = state.metrics.last_time
    gone: Bools = (last != NEVER) & (last < state.frame_time - SILENT_MS)
    return gone


def without(state: MachineState, gone: Bools) -> MachineState:
    """Drop metrics, and draw the reference without them."""
    kept = ~gone
    closed, closed_smoothed = state.closed.only(kept), state.closed_smoothed.only(kept)
    reference = state.reference
    if reference is not None and not kept[reference.used].all():
        reference = Reference.of(closed, closed_smoothed)
    elif reference is not None:
        reference = replace(reference, used=reference.used[kept])
    return replace(
        state,
        series=tuple(series for series, is_kept in zip(state.series, kept.tolist(), strict=True) if is_kept),
        metrics=state.metrics.only(kept),
        open_hour=state.open_hour.only(kept),
        open_smoothed=state.open_smoothed.only(kept),
        closed=closed,
        closed_smoothed=closed_smoothed,
        reference=reference,
    )
