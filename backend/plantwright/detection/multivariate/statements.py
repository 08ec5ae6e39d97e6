"""What people say of the reference of a machine: that a period was normal operation, or that it is to be learnt anew.

A statement holds for all frames from its time on, and for none before, whenever their readings come. A state hears of
it at the first of them: what a state knows is never later than its last frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plantwright.detection.findings import FindingKind, Severity
from plantwright.detection.multivariate.findings import MachineFinding
from plantwright.detection.multivariate.learning import REFERENCE_HOURS, vouched_for
from plantwright.detection.multivariate.membership import with_series
from plantwright.detection.multivariate.moments import Moments, Sums
from plantwright.detection.multivariate.packing import decoded, encoded
from plantwright.detection.multivariate.state import MachineState


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a period was like for which somebody vouched, in the order of `series`.

    It is kept as it was seen then: its readings may be corrected, merged and deleted afterwards.
    """

    series: tuple[int, ...]
    closed: Moments
    closed_smoothed: Moments

    @classmethod
    def of(cls, state: MachineState) -> "Drawn":
        """All that a state has learnt."""
        closed = state.closed.merged(state.open_hour.moments())
        return cls(state.series, closed, state.closed_smoothed.merged(state.open_smoothed.moments()))

    def to_bytes(self) -> bytes:
        return encoded({"series": self.series, "closed": self.closed, "closed_smoothed": self.closed_smoothed})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Drawn":
        """
        Raises:
            StateUnreadable: other format or version.
        """
        return cls(**decoded(data))


@dataclass(frozen=True, slots=True)
class Statement:
    """`drawn` is None when the machine is to be learnt anew; a later statement has a greater number."""

    number: int
    holds_from_ms: int
    drawn: Drawn | None


def after_statement(state: MachineState, statement: Statement) -> tuple[MachineState, MachineFinding | None]:
    """The state from then on, and the end of what was found by the old reference, if anything goes on."""
    ended = _ended(state, statement.holds_from_ms) if state.episode.is_open else None
    if statement.drawn is None:
        learnt = _forgotten(state)
    else:
        learnt = _vouched(state if state.series else with_series(state, statement.drawn.series), statement.drawn)
    return replace(learnt, said=statement.number, episode=MachineState.empty(()).episode), ended


def after_statements(
    state: MachineState, statements: Sequence[Statement], time_ms: int
) -> tuple[MachineState, list[MachineFinding]]:
    """The state once it knows what holds at a time; a state hears of it at the next frame."""
    findings = []
    for statement in statements:
        if statement.number > state.said and statement.holds_from_ms <= time_ms:
            state, ended = after_statement(state, statement)
            findings += [] if ended is None else [ended]
    return state, findings


def _forgotten(state: MachineState) -> MachineState:
    count = len(state.series)
    return replace(
        state,
        hours=0,
        open_hour=Sums.empty(count),
        open_smoothed=Sums.empty(count),
        closed=Moments.empty(count),
        closed_smoothed=Moments.empty(count),
        reference=None,
    )


def _vouched(state: MachineState, drawn: Drawn) -> MachineState:
    """With metrics of which the period knew nothing, how all go together has to be learnt afresh all the same."""
    place = {series: number for number, series in enumerate(drawn.series)}
    places = [place.get(series, -1) for series in state.series]
    closed, smoothed = (_placed(moments, places) for moments in (drawn.closed, drawn.closed_smoothed))
    learnt = vouched_for(replace(_forgotten(state), closed=closed, closed_smoothed=smoothed))
    if -1 in places:
        return replace(_forgotten(learnt), reference=learnt.reference)
    return replace(learnt, hours=REFERENCE_HOURS)


def _placed(moments: Moments, places: Sequence[int]) -> Moments:
    at = np.array(places, np.int64)
    is_known = at >= 0
    to, taken = np.flatnonzero(is_known), at[is_known]
    empty = Moments.empty(len(at))
    mean, readings, rough = empty.mean.copy(), empty.readings.copy(), empty.rough.copy()
    scatter = empty.scatter.copy()
    mean[to], readings[to], rough[to] = moments.mean[taken], moments.readings[taken], moments.rough[taken]
    scatter[np.ix_(to, to)] = moments.scatter[np.ix_(taken, taken)]
    return Moments(moments.weight, mean, scatter, readings, rough)


def _ended(state: MachineState, holds_from_ms: int) -> MachineFinding:
    """Nothing is measured at such an end."""
    return MachineFinding(
        machine=0,
        kind=FindingKind.ENDED,
        severity=Severity.CRITICAL if state.episode.is_critical else Severity.WARNING,
        time_ms=holds_from_ms,
        value=0.0,
        score=0.0,
        threshold=1.0,
        started_ms=state.episode.started,
        last_violation_ms=state.episode.last_violation,
        count=state.episode.count,
        peak_score=state.episode.peak,
        inputs={},
    )
