"""A rule's state with what readings that come late need: earlier states, and what has been recorded."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct, field

from plantwright.rules.definition import Severity
from plantwright.rules.engine import Batch, advance
from plantwright.rules.findings import Explanation, FindingKind, RuleFinding
from plantwright.rules.program import HOUR_MS, Program
from plantwright.rules.state import RuleState, decode_state, encode_state

# Readings that come later than this change nothing any more.
LATENESS_MS = 24 * HOUR_MS
# States are kept at this distance in time, so that readings which are a little late cost little.
_NEAR_MS = 60_000
_KEPT = 3
_RECORDED = 500


class Recorded(Struct, array_like=True, frozen=True):
    """A finding that stands in the journal."""

    kind: FindingKind
    severity: Severity
    time_ms: int
    started_ms: int

    @classmethod
    def of(cls, finding: RuleFinding) -> "Recorded":
        return cls(finding.kind, finding.severity, finding.time_ms, finding.started_ms)


class Tracked(Struct, array_like=True):
    """`recent` are earlier states as bytes with their times, the oldest first."""

    state: RuleState
    recent: list[tuple[int, bytes]] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)

    @property
    def last_started_ms(self) -> int | None:
        return max((one.started_ms for one in self.recorded), default=None)


class Told(NamedTuple):
    """A finding to journal; `is_late` when it comes from readings that came late."""

    finding: RuleFinding
    is_late: bool


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Tracked)


def encode_tracked(tracked: Tracked) -> bytes:
    return _encoder.encode(tracked)


def decode_tracked(data: bytes) -> Tracked:
    return _decoder.decode(data)


def take(tracked: Tracked, batch: Batch, program: Program) -> list[Told]:
    """Go on with readings that are all newer than the state; `tracked` is written to."""
    _keep(tracked)
    findings = advance(tracked.state, batch, program)
    tracked.recorded = _bounded([*tracked.recorded, *map(Recorded.of, findings)], tracked.state.through_ms)
    return [Told(finding, is_late=False) for finding in findings]


def base_for(tracked: Tracked, earliest_ms: int) -> RuleState | None:
    """The newest of the near states that has not judged the moment yet."""
    found = [data for time_ms, data in tracked.recent if time_ms < earliest_ms]
    return decode_state(found[-1]) if found else None


class Derived(NamedTuple):
    told: list[Told]
    hourly: list[RuleState]


def derive_again(tracked: Tracked, base: RuleState, batch: Batch, program: Program) -> Derived:
    """Judge again from `base`, which is from before the earliest of the late readings, with all readings after it.

    `tracked` is written to. Returned are the findings that the record lacks, and the states at full hours on the way.
    """
    judged_ms = tracked.state.through_ms
    start_ms = base.through_ms
    near_ms = max(start_ms, batch.until_ms - _NEAR_MS)
    hours = range((start_ms // HOUR_MS + 1) * HOUR_MS, near_ms, HOUR_MS)
    findings: list[RuleFinding] = []
    hourly: list[RuleState] = []
    tracked.recent = [one for one in tracked.recent if one[0] <= start_ms]
    state = base
    for until in (*hours, near_ms, batch.until_ms):
        if until <= state.through_ms:
            continue
        findings += advance(state, batch.between(state.through_ms, until), program)
        if until in hours:
            hourly.append(decode_state(encode_state(state)))
        elif until == near_ms:
            tracked.recent = [*tracked.recent, (until, encode_state(state))][-_KEPT:]
    before = [one for one in tracked.recorded if one.time_ms <= start_ms]
    told = _missing([one for one in tracked.recorded if one.time_ms > start_ms], findings, judged_ms)
    tracked.recorded = _bounded([*before, *map(Recorded.of, findings)], state.through_ms)
    tracked.state = state
    return Derived(told, hourly)


def _missing(recorded: Sequence[Recorded], derived: Sequence[RuleFinding], judged_ms: int) -> list[Told]:
    """What has to be journaled so that the record leads to what has been derived."""
    known = {(one.kind, one.time_ms, one.severity) for one in recorded}
    new = [one for one in derived if (one.kind, one.time_ms, one.severity) not in known]
    told = [Told(one, is_late=one.time_ms <= judged_ms) for one in new]
    last = max((*recorded, *map(Recorded.of, new)), key=lambda one: one.time_ms, default=None)
    if last is None:
        return told
    ends = derived[-1] if derived else None
    is_open, should_be = last.kind is not FindingKind.ENDED, ends is not None and ends.kind is not FindingKind.ENDED
    if is_open and not should_be:
        told.append(Told(_withdrawal(last), is_late=True))
    elif should_be and not is_open and ends is not None:
        again = msgspec.structs.replace(ends, kind=FindingKind.STARTED, time_ms=max(ends.time_ms, last.time_ms))
        told.append(Told(again, is_late=True))
    return told


def _withdrawal(last: Recorded) -> RuleFinding:
    words = "Withdrawn: readings that came late show that the rule did not hold"
    nothing = Explanation(message=words, formula="", value=0.0, threshold=0.0, true_conditions=0, levels=[])
    return RuleFinding(
        kind=FindingKind.ENDED,
        severity=last.severity,
        time_ms=last.time_ms,
        started_ms=last.started_ms,
        explanation=nothing,
    )


def _keep(tracked: Tracked) -> None:
    newest = tracked.recent[-1][0] if tracked.recent else None
    if newest is None or tracked.state.through_ms - newest >= _NEAR_MS:
        snapshot = (tracked.state.through_ms, encode_state(tracked.state))
        tracked.recent = [*tracked.recent, snapshot][-_KEPT:]


def _bounded(recorded: list[Recorded], through_ms: int) -> list[Recorded]:
    return [one for one in recorded if one.time_ms > through_ms - LATENESS_MS][-_RECORDED:]
