"""Learns the reference of a machine from its frames.

- A machine has a reference once it has been seen in 24 hours, so that a warm-up or a shift is not taken for its norm;
  or when somebody says that a period was normal operation. From then on it is drawn anew at the end of every hour.
- An hour counts less the older it is, by a factor of e in 84 hours, which is the mean age in a window of seven days
  (exponentially weighted moments: MacGregor, Harris, Journal of Quality Technology 25, 1993).
- A period that somebody vouched for counts as much as a day.
"""

from dataclasses import replace

import numpy as np

from plantwright.detection.charts.state import NEVER, NO_HOUR
from plantwright.detection.charts.window import HOUR_MS, WEIGHT_SPAN_MS
from plantwright.detection.columns import Floats
from plantwright.detection.multivariate.frames import SETTLED_READINGS, Frames
from plantwright.detection.multivariate.moments import Moments, Sums
from plantwright.detection.multivariate.reference import Reference
from plantwright.detection.multivariate.state import MachineState

REFERENCE_HOURS = 24
# exp(-1/84), written out: powers may differ in the last bit between libraries.
KEPT_PER_HOUR = 0.9881658147869985
_FORGOTTEN_HOURS = 84 * 40
_DAY_WEIGHT = 24.0 * HOUR_MS / WEIGHT_SPAN_MS


def closed_until(state: MachineState, hour: int) -> MachineState:
    """Close the open hour if frames of a later one come, and draw the reference anew."""
    if hour == state.hour:
        return state
    if state.hour == NO_HOUR:
        return replace(state, hour=hour)
    kept = 1.0
    for _ in range(min(hour - state.hour, _FORGOTTEN_HOURS)):
        kept *= KEPT_PER_HOUR
    closed, smoothed = _closed(state)
    closed, smoothed = closed.scaled(kept), smoothed.scaled(kept)
    hours = state.hours + (state.open_hour.weight > 0.0)
    empty = Sums.empty(len(state.series))
    after = replace(
        state,
        hour=hour,
        hours=hours,
        open_hour=empty,
        open_smoothed=empty,
        closed=closed,
        closed_smoothed=smoothed,
    )
    if hours < REFERENCE_HOURS and state.reference is None:
        return after
    return replace(after, reference=Reference.of(closed, smoothed) or state.reference)


def vouched_for(state: MachineState) -> MachineState:
    """What was learnt so far was normal operation: it becomes the reference at once, and counts at least a day."""
    moments, smoothed = _closed(state)
    reference = Reference.of(moments, smoothed)
    trust = max(1.0, _DAY_WEIGHT / moments.weight) if moments.weight > 0.0 else 1.0
    empty = Sums.empty(len(state.series))
    return replace(
        state,
        open_hour=empty,
        open_smoothed=empty,
        closed=moments.scaled(trust),
        closed_smoothed=smoothed.scaled(trust),
        reference=reference,
    )


def _closed(state: MachineState) -> tuple[Moments, Moments]:
    """Of the readings and of their moving averages, with the open hour."""
    closed = state.closed.merged(state.open_hour.moments())
    return closed, state.closed_smoothed.merged(state.open_smoothed.moments())


def learnt(state: MachineState, frames: Frames, values: Floats, smoothed: Floats) -> MachineState:
    """Take in the frames of one hour; those in which a metric was not fresh teach nothing.

    Args:
        state: of the machine.
        frames: of one hour.
        values: what is learnt as readings, shape (n, p).
        smoothed: what is learnt as moving averages, shape (n, p).
    """
    before = np.concatenate(([state.frame_time], frames.time[:-1]))
    # The first frame of a machine has no time before it, hence no weight.
    interval = np.where(before == NEVER, 0, frames.time - before)
    weights = np.minimum(interval, WEIGHT_SPAN_MS) / WEIGHT_SPAN_MS
    whole = frames.fresh.all(axis=1)
    sums = state.open_hour.with_frames(values[whole], weights[whole])
    sums = sums.with_roughness(frames.is_new.astype(np.float64), frames.rough)
    settled = whole & np.all(frames.readings >= SETTLED_READINGS, axis=1)
    averages = state.open_smoothed.with_frames(smoothed[settled], weights[settled])
    averages = averages.with_roughness(frames.is_new.astype(np.float64), frames.interval)
    return replace(state, open_hour=sums, open_smoothed=averages, frame_time=int(frames.time[-1]))
