"""Watching machines as a whole, as a pure function: `step(machines, config) -> findings and states after`.

Invariants:
- No clock, no randomness, no input or output. Time is the time of the readings.
- Frames are judged `HOLD_MS` after their time, by the newest reading of the machine: until then readings of the other
  metrics may come in any order. What comes later than that is not part of any frame.
- A flush of the log is taken as one: how flushes were joined to batches changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from plantwright.detection.charts.state import NEVER
from plantwright.detection.charts.window import HOUR_MS
from plantwright.detection.columns import Floats, Ints
from plantwright.detection.episodes import EpisodeRules
from plantwright.detection.findings import FindingKind, Severity
from plantwright.detection.multivariate.config import MultivariateConfig
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.frames import Frames, Settled, frames_of
from plantwright.detection.multivariate.judging import Judged, judge, trimmed
from plantwright.detection.multivariate.learning import closed_until, learnt
from plantwright.detection.multivariate.state import MachineState, Pending

HOLD_MS = 2_000


@dataclass(frozen=True, slots=True)
class MachineReadings:
    """Good readings of one machine in log order, each of shape (n,).

    Attributes:
        metric: index into the state's series.
        time: event time, milliseconds since the Unix epoch.
        value: in the unit of the metric.
        flush: which flush of the log it came with; never falls.
    """

    metric: Ints
    time: Ints
    value: Floats
    flush: Ints


@dataclass(frozen=True, slots=True)
class Stepped:
    """What became of one machine.

    Attributes:
        state: after the readings.
        frames, judged: of the readings that were settled, hour by hour.
        findings: in the order of their frames.
    """

    state: MachineState
    frames: Sequence[Frames]
    judged: Sequence[Judged]
    findings: Sequence[MachineFinding]


def step(
    states: Sequence[MachineState],
    readings: Sequence[MachineReadings],
    config: MultivariateConfig,
    *,
    is_last: bool = False,
) -> list[Stepped]:
    """Take in readings of several machines.

    Args:
        states: as returned by the step before, or empty ones.
        readings: of the same machines.
        config: for all of them.
        is_last: nothing more will come, so what is pending is judged too.
    """
    settled, waiting = [], []
    for state, came in zip(states, readings, strict=True):
        ready, after = _settle(state, came, is_last=is_last)
        settled.append(ready)
        waiting.append(after)
    metrics, frames = frames_of([state.metrics for state in states], settled) if states else ([], [])
    return [
        _watch(number, replace(state, metrics=after), found, config)
        for number, (state, after, found) in enumerate(zip(waiting, metrics, frames, strict=True))
    ]


def _settle(state: MachineState, came: MachineReadings, *, is_last: bool) -> tuple[Settled, MachineState]:
    """The readings that no more wait, sorted; and the state with those that do."""
    in_time = came.time > _watermarks(state.newest, came)
    metric = np.concatenate((state.pending.metric, came.metric[in_time]))
    time = np.concatenate((state.pending.time, came.time[in_time]))
    value = np.concatenate((state.pending.value, came.value[in_time]))
    newest = max(state.newest, int(came.time.max(initial=NEVER)))
    is_ready = np.ones(len(time), np.bool_) if is_last else time <= newest - HOLD_MS
    waiting = Pending(metric[~is_ready], time[~is_ready], value[~is_ready])
    metric, time, value = metric[is_ready], time[is_ready], value[is_ready]
    order = np.lexsort((metric, time))
    metric, time, value = metric[order], time[order], value[order]
    # Of several of a metric at one time the last one, which came latest, counts.
    is_final = np.ones(len(time), np.bool_)
    is_final[:-1] = (time[1:] != time[:-1]) | (metric[1:] != metric[:-1])
    ready = Settled(metric[is_final], time[is_final], value[is_final])
    return ready, replace(state, pending=waiting, newest=newest)


def _watermarks(newest: int, came: MachineReadings) -> Ints:
    """Up to which time everything had been judged before the flush of each reading came."""
    if not len(came.time):
        return came.time
    reached = np.maximum.accumulate(np.concatenate((np.array([newest]), came.time)))
    first_of_flush = np.searchsorted(came.flush, came.flush, side="left")
    before: Ints = reached[first_of_flush] - HOLD_MS
    return before


def _watch(machine: int, state: MachineState, frames: Frames, config: MultivariateConfig) -> Stepped:
    """Judge and learn frame by frame; within an hour the reference stands, so an hour goes at once."""
    parts, verdicts, findings = [], [], []
    hours = frames.time // HOUR_MS
    edges = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist(), len(hours)]
    for start, end in pairwise(edges):
        if start == end:
            continue
        part = frames.only(slice(start, end))
        state = closed_until(state, int(hours[start]))
        judged = judge(state.reference, part)
        found, state = _report(machine, state, part, judged, config)
        values = trimmed(state.reference, part.value, judged)
        state = learnt(state, part, values, trimmed(state.reference, part.smoothed, judged))
        parts.append(part)
        verdicts.append(judged)
        findings += found
    return Stepped(state, parts, verdicts, findings)


def _report(
    machine: int, state: MachineState, frames: Frames, judged: Judged, config: MultivariateConfig
) -> tuple[list[MachineFinding], MachineState]:
    violates = judged.is_judged & (judged.score >= config.threshold)
    if not config.enabled:
        violates = np.zeros_like(violates)
    if not violates.any() and not state.episode.count:
        return [], state
    episode = replace(state.episode)
    rules = EpisodeRules(
        threshold=config.threshold,
        critical=config.threshold * config.critical_factor,
        confirm=config.confirm_frames,
        clear_ms=config.clear_seconds * 1_000,
    )
    found = []
    for number in np.flatnonzero(judged.is_judged).tolist():
        score = float(judged.score[number])
        kind = episode.observe(int(frames.time[number]), score, bool(violates[number]), rules)
        if kind is None:
            continue
        inputs = _inputs(state, frames, judged, number)
        found.append(
            MachineFinding(
                machine=machine,
                kind=kind,
                severity=Severity.CRITICAL if episode.is_critical else Severity.WARNING,
                time_ms=int(frames.time[number]),
                value=inputs[inputs["statistic"].lower()],
                score=score,
                threshold=config.threshold,
                started_ms=episode.started,
                count=episode.count,
                peak_score=episode.peak,
                inputs=inputs,
            )
        )
        if kind is FindingKind.ENDED:
            episode.reset()
    return found, replace(state, episode=episode)


def _inputs(state: MachineState, frames: Frames, judged: Judged, number: int) -> dict[str, Any]:
    reference = state.reference
    if reference is None:
        raise ValueError("a frame without a reference cannot violate")
    t2, q = float(judged.t2[number]), float(judged.q[number])
    t2_limit, q_limit = float(judged.t2_limit[number]), float(judged.q_limit[number])
    is_q = reference.has_q and q / q_limit > t2 / t2_limit
    smoothed = frames.smoothed[number, reference.used]
    return {
        "statistic": "Q" if is_q else "T2",
        "t2": t2,
        "t2_limit": t2_limit,
        "q": q,
        "q_limit": q_limit,
        "components": reference.principal,
        "series": [series for series, used in zip(state.series, reference.used.tolist(), strict=True) if used],
        "smoothed": smoothed.tolist(),
        "mean": reference.mean.tolist(),
        "std": reference.std.tolist(),
        "contributions": reference.contributions(smoothed, of_q=is_q).tolist(),
    }
