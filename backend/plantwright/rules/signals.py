"""When single conditions become true and false, from the readings that they look at.

Each function takes the readings of a slot in order of time, each time once, and gives the moments at which the truth
changes. It depends on the readings alone, not on how they were cut into batches: sums are added up in order of time,
and everything else is element by element.
"""

import math
from dataclasses import dataclass

import numpy as np

from plantwright.rules.definition import (
    Comparison,
    Deviation,
    InService,
    InState,
    Leaf,
    MachineState,
    NoData,
    OfMachine,
    Operator,
    Range,
    Rate,
    RateUnit,
    Running,
    Side,
)
from plantwright.rules.program import HOUR_MS, milliseconds
from plantwright.rules.state import Bools, Floats, Hour, Ints, LeafState

# A rate is taken between readings of a grid with so many cells, so that what is kept of a window is bounded.
RATE_CELLS = 256
# Stands in for the spread of what never moves, as in the detectors.
STAND_IN_SHARE = 0.01
STATES = tuple(MachineState)
UNIT_MS = {RateUnit.SECOND: 1_000, RateUnit.MINUTE: 60_000, RateUnit.HOUR: HOUR_MS}
_COMPARE = {
    Operator.GREATER_THAN: np.greater,
    Operator.AT_LEAST: np.greater_equal,
    Operator.LESS_THAN: np.less,
    Operator.AT_MOST: np.less_equal,
    Operator.EQUAL: np.equal,
    Operator.NOT_EQUAL: np.not_equal,
}
Transition = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Run:
    """Truth changes of a leaf over a batch, and what each reading was judged by (`value` at least).

    `before` and `before_ms` are of the last reading before the batch.
    """

    changes: list[Transition]
    times: Ints
    seen: dict[str, Floats]
    before: dict[str, float]
    before_ms: int | None


@dataclass(frozen=True, slots=True)
class Feed:
    """New readings of a slot; `last_ms` is the time of the one before them, None at the first ones."""

    times: Ints
    values: Floats
    last_ms: int | None
    born_ms: int
    until_ms: int


def run(leaf: Leaf, memory: LeafState, feed: Feed) -> Run:
    """Take in readings; `memory` is written to."""
    if isinstance(leaf, NoData):
        return _no_data(leaf, memory, feed)
    # What is beyond the largest double is infinite or not a number, and compares as such.
    with np.errstate(over="ignore", invalid="ignore"):
        seen, is_set, stays = _judged(leaf, memory, feed)
    changes = _latched(memory, feed.times, is_set, stays)
    return _run(memory, feed, changes, seen)


def _run(memory: LeafState, feed: Feed, changes: list[Transition], seen: dict[str, Floats]) -> Run:
    before = memory.seen
    if len(feed.times):
        memory.seen = {name: float(column[-1]) for name, column in seen.items()}
    return Run(changes, feed.times, seen, before, feed.last_ms)


def _judged(
    leaf: Comparison | Range | Rate | Deviation | OfMachine, memory: LeafState, feed: Feed
) -> tuple[dict[str, Floats], Bools, Bools]:
    """What each reading was judged by, which readings make the leaf true, and which let it stay true."""
    match leaf:
        case Rate():
            return _rate(leaf, memory, feed)
        case Deviation():
            return _deviation(leaf, memory, feed)
        case Comparison():
            is_set, stays = _compared(feed.values, leaf.operator, leaf.threshold, leaf.clear)
        case Range():
            is_set, stays = _ranged(leaf, feed.values)
        case InState():
            is_set = stays = np.isin(feed.values, [STATES.index(state) for state in leaf.states])
        case Running():
            is_set = stays = feed.values == float(leaf.is_running)
        case InService():
            is_set = stays = feed.values == float(leaf.is_in_service)
    return {"value": feed.values}, is_set, stays


def _compared(values: Floats, operator: Operator, threshold: float, clear: float | None) -> tuple[Bools, Bools]:
    """Which readings make it true, and which let it stay true."""
    compare = _COMPARE[operator]
    is_set = compare(values, threshold)
    return is_set, is_set if clear is None else compare(values, clear)


def _ranged(leaf: Range, values: Floats) -> tuple[Bools, Bools]:
    if leaf.is_inside:
        return (values >= leaf.low) & (values <= leaf.high), (values >= leaf.low - leaf.deadband) & (
            values <= leaf.high + leaf.deadband
        )
    return (values < leaf.low) | (values > leaf.high), (values < leaf.low + leaf.deadband) | (
        values > leaf.high - leaf.deadband
    )


def _latched(memory: LeafState, times: Ints, is_set: Bools, stays: Bools) -> list[Transition]:
    if len(times) == 0:
        return []
    places = np.arange(len(times))
    decided = np.maximum.accumulate(np.where(is_set | ~stays, places, -1))
    truth = np.where(decided >= 0, is_set[np.maximum(decided, 0)], memory.is_true)
    changed = np.flatnonzero(truth != np.concatenate(([memory.is_true], truth[:-1])))
    memory.is_true = bool(truth[-1])
    return [(int(times[place]), bool(truth[place])) for place in changed]


def _rate(leaf: Rate, memory: LeafState, feed: Feed) -> tuple[dict[str, Floats], Bools, Bools]:
    """Rate = (value - earlier) / (time - its time), in the unit; `earlier` is the first reading of a cell of the grid,
    of those within the window the oldest. NaN, and so not true, where there is none before the reading.
    """
    times, values = feed.times, feed.values
    window = milliseconds(leaf.window_seconds)
    cell = max(1, window // RATE_CELLS)
    cells = times // cell
    before = np.concatenate(([-1 if feed.last_ms is None else feed.last_ms // cell], cells[:-1]))[: len(cells)]
    is_anchor = cells != before
    anchors_ms = np.concatenate((np.array(memory.anchors_ms, np.int64), times[is_anchor]))
    anchors = np.concatenate((np.array(memory.anchors, np.float64), values[is_anchor]))
    place = np.minimum(np.searchsorted(anchors_ms, times - window), max(0, len(anchors_ms) - 1))
    rates = np.full(len(times), np.nan)
    if len(times):
        elapsed = times - anchors_ms[place]
        known = elapsed > 0
        rates[known] = (values - anchors[place])[known] / elapsed[known] * UNIT_MS[leaf.unit]
        kept = anchors_ms >= int(times[-1]) - window
        memory.anchors_ms, memory.anchors = anchors_ms[kept].tolist(), anchors[kept].tolist()
    is_set, stays = _compared(rates, leaf.operator, leaf.threshold, leaf.clear)
    known = ~np.isnan(rates)
    return {"value": values, "rate": rates}, is_set & known, stays & known


def _deviation(leaf: Deviation, memory: LeafState, feed: Feed) -> tuple[dict[str, Floats], Bools, Bools]:
    """Deviation = (value - mean) / std over the readings of the full hours before that of the reading."""
    hours = feed.times // HOUR_MS
    edges = np.flatnonzero(np.concatenate(([True], hours[1:] != hours[:-1]))) if len(hours) else np.zeros(0, np.int64)
    means, stds = np.full(len(hours), np.nan), np.full(len(hours), np.nan)
    for number, start in enumerate(edges.tolist()):
        end = int(edges[number + 1]) if number + 1 < len(edges) else len(hours)
        hour = int(hours[start])
        memory.hours = [one for one in memory.hours if one.hour >= hour - leaf.hours]
        count, mean, std = baseline_of([one for one in memory.hours if one.hour < hour])
        spread = std or abs(mean) * STAND_IN_SHARE
        if count >= leaf.min_samples and spread > 0:
            means[start:end], stds[start:end] = mean, spread
        _add(memory, hour, feed.values[start:end])
    deviations = (feed.values - means) / stds
    sided = {Side.ABOVE: deviations, Side.BELOW: -deviations, Side.EITHER: np.abs(deviations)}[leaf.side]
    is_set, stays = _compared(sided, Operator.GREATER_THAN, leaf.threshold, leaf.clear)
    return {"value": feed.values, "deviation": deviations, "mean": means, "std": stds}, is_set, stays


def baseline_of(hours: list[Hour]) -> tuple[int, float, float]:
    """Count, mean and standard deviation over several hours, merged in their order (Chan, Golub, LeVeque, 1979)."""
    count, mean, m2 = 0, 0.0, 0.0
    for one in hours:
        own_mean = one.shift + one.total / one.count
        own_m2 = max(0.0, one.squares - one.total * one.total / one.count)
        total = count + one.count
        offset = own_mean - mean
        m2 += own_m2 + offset * offset * count * one.count / total
        mean += offset * one.count / total
        count = total
    return count, mean, math.sqrt(m2 / count) if count else 0.0


def _add(memory: LeafState, hour: int, values: Floats) -> None:
    if not memory.hours or memory.hours[-1].hour != hour:
        memory.hours.append(Hour(hour, 0, float(values[0]), 0.0, 0.0))
    one = memory.hours[-1]
    offsets = values - one.shift
    # Running sums add in order of the readings, whatever batch they come in.
    one.total = float(np.add.accumulate(np.concatenate(([one.total], offsets)))[-1])
    one.squares = float(np.add.accumulate(np.concatenate(([one.squares], offsets * offsets)))[-1])
    one.count += len(values)


def _no_data(leaf: NoData, memory: LeafState, feed: Feed) -> Run:
    patience = milliseconds(leaf.seconds)
    changes: list[Transition] = []
    times = np.concatenate(([feed.born_ms if feed.last_ms is None else feed.last_ms], feed.times))
    gaps = np.flatnonzero(np.diff(times) > patience).tolist()
    if memory.is_true and len(feed.times):
        changes.append((int(feed.times[0]), False))
        gaps = [place for place in gaps if place > 0]
        memory.is_true = False
    for place in gaps:
        changes += [(int(times[place]) + patience, True), (int(times[place + 1]), False)]
    if not memory.is_true and int(times[-1]) + patience <= feed.until_ms:
        changes.append((int(times[-1]) + patience, True))
        memory.is_true = True
    return _run(memory, feed, changes, {"value": feed.values})
