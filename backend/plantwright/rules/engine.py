"""A rule as a pure function: `evaluate(state, batch, program) -> (state, findings)`.

Invariants:
- No clock, no randomness, no input or output. Time is the time of the readings, and whatever comes due between two of
  them (a for-duration, missing data, a delay, a schedule) happens at its exact moment.
- State and findings depend on the readings in order of their time and on how far time has come, not on how they were
  cut into batches.
- The given state is not written to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from plantwright.rules import schedule
from plantwright.rules.definition import NoData, Severity
from plantwright.rules.explaining import Explainer
from plantwright.rules.findings import FindingKind, RuleFinding
from plantwright.rules.program import Node, Program
from plantwright.rules.signals import Feed, Run, run
from plantwright.rules.state import Episode, Floats, Ints, NodeState, RuleState, decode_state, encode_state

_NEVER = 2**62
_NO_TIMES: Ints = np.zeros(0, np.int64)
_NO_VALUES: Floats = np.zeros(0)


class SlotReadings(NamedTuple):
    """Readings of one slot in order of time, each time once; `times` in milliseconds since 1970."""

    times: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of each slot that are newer than what has been judged; time moves to `until_ms`."""

    slots: Sequence[SlotReadings]
    until_ms: int

    @classmethod
    def empty(cls, program: Program, until_ms: int) -> "Batch":
        return cls([SlotReadings(_NO_TIMES, _NO_VALUES)] * len(program.slots), until_ms)

    def between(self, after_ms: int, until_ms: int) -> "Batch":
        """The readings with `after_ms < time <= until_ms`."""
        spans = [np.searchsorted(one.times, (after_ms, until_ms), side="right") for one in self.slots]
        cut = [
            SlotReadings(one.times[low:high], one.values[low:high])
            for one, (low, high) in zip(self.slots, spans, strict=True)
        ]
        return Batch(cut, until_ms)


def evaluate(state: RuleState, batch: Batch, program: Program) -> tuple[RuleState, list[RuleFinding]]:
    """Take in a batch.

    Args:
        state: as returned before, or new.
        batch: only readings with a time after `state.through_ms`.
        program: the same as for the state.

    Returns:
        The new state, and the findings in order of their time.
    """
    after = decode_state(encode_state(state))
    return after, advance(after, batch, program)


def advance(state: RuleState, batch: Batch, program: Program) -> list[RuleFinding]:
    """As `evaluate`, with the state written to."""
    runs = _run_leaves(state, batch, program)
    findings = _Walk(state, program, runs).go(batch.until_ms)
    state.through_ms = max(state.through_ms, batch.until_ms)
    return findings


def next_due(state: RuleState, program: Program) -> int | None:
    """When something happens if no reading comes."""
    due = _due(state, program)
    for place in program.leaves:
        node = program.nodes[place]
        if isinstance(node.condition, NoData) and not state.leaves[node.leaf].is_true:
            heard = state.last_ms[node.slot]
            due = min(due, (state.born_ms if heard is None else heard) + round(node.condition.seconds * 1000))
    return None if due == _NEVER else due


def _run_leaves(state: RuleState, batch: Batch, program: Program) -> list[Run | None]:
    runs: list[Run | None] = []
    for place in program.leaves:
        node = program.nodes[place]
        readings = batch.slots[node.slot]
        if len(readings.times) == 0 and not isinstance(node.condition, NoData):
            runs.append(None)
            continue
        last = state.last_ms[node.slot]
        feed = Feed(readings.times, readings.values, last, state.born_ms, batch.until_ms)
        runs.append(run(node.reading, state.leaves[node.leaf], feed))
    for slot, readings in enumerate(batch.slots):
        if len(readings.times):
            state.last_ms[slot], state.last_value[slot] = int(readings.times[-1]), float(readings.values[-1])
    return runs


class _Walk:
    """Goes from moment to moment at which anything changes."""

    def __init__(self, state: RuleState, program: Program, runs: Sequence[Run | None]) -> None:
        self._state, self._program, self._runs = state, program, runs
        self._findings: list[RuleFinding] = []

    def go(self, until_ms: int) -> list[RuleFinding]:
        changes: dict[int, list[tuple[int, bool]]] = {}
        for leaf, one in enumerate(self._runs):
            for time_ms, truth in () if one is None else one.changes:
                changes.setdefault(time_ms, []).append((leaf, truth))
        moments = sorted(changes, reverse=True)
        while True:
            time_ms = min(moments[-1] if moments else _NEVER, _due(self._state, self._program))
            if time_ms > until_ms:
                return self._findings
            if moments and moments[-1] == time_ms:
                self._apply(changes[moments.pop()], time_ms)
            self._settle(time_ms)

    def _apply(self, changes: list[tuple[int, bool]], time_ms: int) -> None:
        for leaf, truth in changes:
            self._state.nodes[self._program.leaves[leaf]].since = time_ms if truth else None

    def _settle(self, time_ms: int) -> None:
        state = self._state
        for place, node in enumerate(self._program.nodes):
            if node.children:
                parts = (state.nodes[child].is_true for child in node.children)
                is_true = all(parts) if node.is_all else any(parts)
                own = state.nodes[place]
                own.since = (time_ms if own.since is None else own.since) if is_true else None
            _settle_node(state.nodes[place], node, time_ms)
        if self._program.schedule is not None and state.next_change_ms is not None and state.next_change_ms <= time_ms:
            state.is_open = schedule.is_open(self._program.schedule, time_ms)
            state.next_change_ms = schedule.next_change(self._program.schedule, time_ms)
        self._judge(time_ms)

    def _judge(self, time_ms: int) -> None:
        """Start, change or end the episode."""
        state, program = self._state, self._program
        wanted = self._highest() if state.is_open else None
        if wanted is None:
            state.wanted_since = None
            if state.episode is not None:
                state.calm_since = time_ms if state.calm_since is None else state.calm_since
                if not state.is_open or time_ms >= state.calm_since + program.off_delay_ms:
                    self._end(state.episode, time_ms)
            return
        state.calm_since = None
        state.wanted_since = time_ms if state.wanted_since is None else state.wanted_since
        if state.episode is None:
            if time_ms >= _start_due(state, program):
                state.episode = Episode(time_ms, wanted)
                self._tell(FindingKind.STARTED, state.episode, time_ms)
        elif state.episode.severity is not wanted:
            state.episode.severity = wanted
            self._tell(FindingKind.CONTINUED, state.episode, time_ms)

    def _end(self, episode: Episode, time_ms: int) -> None:
        state = self._state
        state.episode, state.calm_since, state.ended_ms = None, None, time_ms
        self._tell(FindingKind.ENDED, episode, time_ms)

    def _highest(self) -> Severity | None:
        return next((severity for severity, root in self._program.levels if self._state.nodes[root].is_true), None)

    def _tell(self, kind: FindingKind, episode: Episode, time_ms: int) -> None:
        explanation = Explainer(self._program, self._state, self._runs, time_ms).explain(episode.severity, kind)
        self._findings.append(
            RuleFinding(
                kind=kind,
                severity=episode.severity,
                time_ms=time_ms,
                started_ms=episode.started_ms,
                explanation=explanation,
            )
        )


def _settle_node(own: NodeState, node: Node, time_ms: int) -> None:
    was_held = own.is_held
    own.is_held = own.since is not None and time_ms - own.since >= node.for_ms
    is_true = own.is_held
    if node.count > 1:
        own.rises = [rise for rise in own.rises if rise > time_ms - node.within_ms]
        if own.is_held and not was_held:
            own.rises.append(time_ms)
        is_true = len(own.rises) >= node.count
        # More than enough is never asked for.
        own.rises = own.rises[-node.count :]
    if is_true != own.is_true:
        own.is_true = is_true
        own.true_since = time_ms if is_true else None


def _start_due(state: RuleState, program: Program) -> int:
    due = (state.wanted_since or 0) + program.on_delay_ms
    return due if state.ended_ms is None else max(due, state.ended_ms + program.cooldown_ms)


def _due(state: RuleState, program: Program) -> int:
    """The next moment at which time alone changes something."""
    due = _NEVER if state.next_change_ms is None else state.next_change_ms
    for own, node in zip(state.nodes, program.nodes, strict=True):
        if own.since is not None and not own.is_held:
            due = min(due, own.since + node.for_ms)
        if own.rises and own.is_true and node.count > 1:
            due = min(due, own.rises[0] + node.within_ms)
    if state.episode is None:
        if state.wanted_since is not None:
            due = min(due, _start_due(state, program))
        elif state.is_open and any(state.nodes[root].is_true for _severity, root in program.levels):
            # The rule begins while its conditions hold already.
            due = min(due, state.through_ms + 1)
    elif state.calm_since is not None:
        due = min(due, state.calm_since + program.off_delay_ms)
    return due
